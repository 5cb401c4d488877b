import type { FastifyInstance } from 'fastify';
import type { Session } from '../session.js';
import { readRuntimeState, type RuntimeState } from '../operations/runtime-state.js';
import type { Metrics } from './metrics.js';

export interface HealthOptions {
  readonly session: Session;
  readonly metrics: Pick<Metrics, 'text'>;
  /** When this service started, UTC ms: what an earlier one did is no sign of this one's readiness. */
  readonly since: () => number;
}

/** What keeps a service from being ready; empty when it is. One that is not live yet has nothing to do but receive. */
export function unready(runtime: Pick<RuntimeState, 'live' | 'success' | 'remote'>, since: number): string[] {
  const reasons: string[] = [];
  for (const [remote, entry] of Object.entries(runtime.remote)) {
    if (entry?.state === 'refused') reasons.push(`${remote} refuses the credentials`);
  }
  if (runtime.live === undefined) return reasons;
  const done = (at: number | undefined): boolean => at !== undefined && at >= since;
  if (!done(runtime.success.tail)) reasons.push('changes in Odoo were not looked at yet');
  if (!done(runtime.success.orders_pull)) reasons.push("Cartona's orders were not read yet");
  return reasons;
}

/**
 * Adds `/healthz` (the process lives and answers), `/readyz` (200 or 503, with the reasons) and `/metrics`
 * (Prometheus). They answer to GET alone, take no input and tell no secret, product or order.
 */
export function registerHealth(app: FastifyInstance, { session, metrics, since }: HealthOptions): void {
  app.get('/healthz', (_request, reply) => reply.header('cache-control', 'no-store').send({ alive: true }));
  app.get('/readyz', async (_request, reply) => {
    const runtime = await readRuntimeState(session);
    const reasons = unready(runtime, since());
    return reply
      .code(reasons.length === 0 ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ ready: reasons.length === 0, live: runtime.live !== undefined, reasons });
  });
  app.get('/metrics', async (_request, reply) => {
    const { contentType, body } = await metrics.text();
    return reply.type(contentType).send(body);
  });
}
