import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  /** As it came, for verifying. */
  raw: string;
  body: Record<string, unknown>;
}

export interface Receiver {
  readonly url: string;
  /** In the order in which they came. */
  readonly received: Received[];
  /** The order statuses told, and `new` for a placed order, as `ID status`. */
  told(): string[];
}

/** A little HTTP server that keeps what is posted to it. `answer` gives the status for the nth request (from 1); undefined: none comes. */
export async function startReceiver(answer: (nth: number) => number | undefined | Promise<number> = () => 204): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const raw = await textOf(request);
      received.push({ path: request.url ?? '', headers: request.headers, raw, body: JSON.parse(raw) as Record<string, unknown> });
      const status = await answer(received.length);
      if (status !== undefined) response.writeHead(status).end();
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    told: () => received.map(({ path, body }) => `${String(body['hashed_id'])} ${path.endsWith('/orders') ? 'new' : String(body['status'])}`),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
