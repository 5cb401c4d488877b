import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { withLocalErrors } from '../../common/local-errors.js';
import type { Metrics } from './metrics.js';
import { RateLimit } from '../webhooks/rate-limit.js';

/** Whoever asks more often is told to slow down; Prometheus asks every few seconds. */
const REQUESTS_PER_SECOND = 10;
const REQUEST_MS = 5000;
const CONNECTIONS = 20;

export interface MetricsServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Answers `GET /metrics` (Prometheus) on a port of this machine alone: what the webhooks' port lets in cannot ask for
 * them.
 * @param port 0: any free one
 * @throws CartonaError `local` when it cannot listen there
 */
export async function startMetricsServer(
  port: number,
  metrics: Pick<Metrics, 'text'>,
  now: () => number,
): Promise<MetricsServer> {
  const limit = new RateLimit(REQUESTS_PER_SECOND);
  const server = createServer({ requestTimeout: REQUEST_MS, keepAliveTimeout: REQUEST_MS }, (request, response) => {
    const refuse = (status: number, headers: Record<string, string> = {}): void =>
      void response.writeHead(status, headers).end();
    if (request.url?.split('?', 1)[0] !== '/metrics') return refuse(404);
    if (request.method !== 'GET') return refuse(405, { allow: 'GET' });
    const wait = limit.take('', now());
    if (wait > 0) return refuse(429, { 'retry-after': String(wait) });
    metrics.text().then(
      ({ contentType, body }) => response.writeHead(200, { 'content-type': contentType }).end(body),
      () => refuse(500),
    );
  });
  server.maxConnections = CONNECTIONS;
  await withLocalErrors(
    () =>
      new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, '127.0.0.1', resolve);
      }),
  );
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
