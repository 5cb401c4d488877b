import { describe, expect, it, onTestFinished } from 'vitest';
import { recordLag, recordLive, recordRemote } from '../../../../src/lib/operations/runtime-state.js';
import { recordSuccess } from '../../../../src/lib/store/successes.js';
import { registerHealth, unready } from '../../../../src/lib/live/monitoring/health-routes.js';
import { createMetrics } from '../../../../src/lib/live/monitoring/metrics.js';
import { startMetricsServer } from '../../../../src/lib/live/monitoring/metrics-server.js';
import { startReceiver } from '../../../../src/lib/live/webhooks/receiver.js';
import { sampleProfile } from '../../../fixtures/profile.js';
import { openWorld } from '../../../fixtures/orders-world.js';

async function service() {
  const { session } = await openWorld({ version: 18, protocol: 'json-rpc' });
  const stats = { accepted: 3, repeats: 1, hints: 2, refused: { token: 4 } };
  const metrics = await createMetrics({
    session,
    remotes: () => ({ cartona: 'up', odoo: 'down' }),
    receiver: () => stats,
  });
  const receiver = await startReceiver({
    host: '127.0.0.1',
    port: 0,
    bearerToken: 'planted-secret',
    signingSecrets: [],
    settings: sampleProfile().webhooks,
    keep: async () => [],
    onKept: () => undefined,
    extraRoutes: (app) => registerHealth(app, { session, since: () => 1000 }),
  });
  const metricsServer = await startMetricsServer(0, metrics, () => 0);
  onTestFinished(async () => {
    await receiver.close(0);
    await metricsServer.close();
  });
  const get = async (path: string, method = 'GET') => {
    const answer = await fetch(path === '/metrics' ? metricsServer.url : `${receiver.url}${path}`, { method });
    return { status: answer.status, type: answer.headers.get('content-type') ?? '', body: await answer.text() };
  };
  return { session, metrics, get, receiver, metricsServer };
}

describe('health', () => {
  it('alive at once; ready when live only after the first looks of this service, and not while credentials are refused', async () => {
    const { session, get } = await service();
    expect(await get('/healthz')).toMatchObject({ status: 200 });
    expect(JSON.parse((await get('/readyz')).body)).toEqual({ ready: true, live: false, reasons: [] });
    await recordLive(session, { since: 1, by: 'mona' });
    await recordSuccess(session, 'tail', 999);
    expect(await get('/readyz')).toMatchObject({
      status: 503,
      body: expect.stringContaining('were not looked at yet'),
    });
    await recordSuccess(session, 'tail', 1000);
    await recordSuccess(session, 'orders_pull', 1001);
    expect(await get('/readyz')).toMatchObject({ status: 200 });
    await recordRemote(session, 'cartona', { state: 'refused', since: 5, reason: 'planted-secret' });
    const refused = await get('/readyz');
    expect(refused).toMatchObject({ status: 503, body: expect.stringContaining('cartona refuses the credentials') });
    expect(refused.body).not.toContain('planted-secret');
  });

  it('a side that is away does not make it unready: webhooks are still to be taken', () => {
    expect(
      unready(
        {
          live: { since: 1, by: 'x' },
          success: { tail: 9, orders_pull: 9 },
          remote: { cartona: { state: 'down', since: 1 }, odoo: undefined },
        },
        5,
      ),
    ).toEqual([]);
  });

  it.each(['/healthz', '/readyz', '/metrics'])('%s answers to GET alone', async (path) => {
    const { get } = await service();
    for (const method of ['POST', 'PUT', 'DELETE'])
      expect((await get(path, method)).status).toBeGreaterThanOrEqual(404);
  });
});

describe('who asks too often', () => {
  it('is told to slow down, and takes nothing from the webhooks', async () => {
    const { get, receiver } = await service();
    for (const path of ['/healthz', '/metrics']) {
      const statuses: number[] = [];
      for (let time = 0; time < 400 && !statuses.includes(429); time += 1) statuses.push((await get(path)).status);
      expect(new Set(statuses)).toEqual(new Set([200, 429]));
    }
    const sent = await fetch(`${receiver.url}/cartona_integration/webhook/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer planted-secret' },
      body: '[]',
    });
    expect(sent.status).toBe(200);
  });
});

describe('metrics', () => {
  it('are not there for whoever reaches the webhooks', async () => {
    const { receiver, metricsServer } = await service();
    expect((await fetch(`${receiver.url}/metrics`)).status).toBe(404);
    expect((await fetch(metricsServer.url.replace('/metrics', '/'))).status).toBe(404);
    expect(metricsServer.url).toContain('//127.0.0.1:');
  });

  it('tell latency, outcomes, queues, remotes and webhooks, and no product, order or secret', async () => {
    const { session, metrics, get } = await service();
    await session.store.deliveries.record(
      'price',
      [
        { key: 'PRODUCT-1', odooId: 1, wanted: '5', outcome: 'failed', reason: 'reason-text', dueAt: 1 },
        { key: 'PRODUCT-2', odooId: 2, wanted: '5', outcome: 'delivered' },
      ],
      session.now() - 5000,
    );
    await session.store.events.keep(
      [{ kind: 'order', hashedId: 'ORDER-1', webhookId: undefined, digest: 'd', payload: '{}' }],
      session.now(),
    );
    await recordLag(session, 'stock', { at: 1, ms: 340 });
    metrics.delivered('price', 2, 0.3);
    metrics.delivered('stock', 1);
    metrics.outcome('price', 'rejected', 1);
    metrics.remoteError('odoo', 'unreachable');
    metrics.polled(0.02);
    metrics.swept(12, 300, 4);
    const { status, type, body } = await get('/metrics');
    expect(status).toBe(200);
    expect(type).toContain('text/plain');
    for (const line of [
      'cartona_sync_latency_seconds_bucket{le="0.2",flow="price"} 0',
      'cartona_sync_latency_seconds_bucket{le="0.4",flow="price"} 1',
      'cartona_deliveries_total{flow="price",outcome="delivered"} 2',
      'cartona_deliveries_total{flow="price",outcome="rejected"} 1',
      'cartona_remote_errors_total{remote="odoo",kind="unreachable"} 1',
      'cartona_queue_depth{flow="price",state="failed"} 1',
      'cartona_queue_depth{flow="events",state="waiting"} 1',
      'cartona_lag_seconds{flow="stock"} 0.34',
      'cartona_remote_state{remote="odoo",state="down"} 1',
      'cartona_remote_state{remote="odoo",state="up"} 0',
      'cartona_webhook_requests_total{result="accepted"} 3',
      'cartona_webhook_requests_total{result="refused_token"} 4',
      'cartona_sweep_found_total 4',
      'cartona_live 0',
    ])
      expect(body).toContain(`${line}\n`);
    expect(
      Number(/cartona_oldest_seconds\{flow="price",state="failed"\} (\S+)/.exec(body)?.[1]),
    ).toBeGreaterThanOrEqual(5);
    expect(body).toContain('process_resident_memory_bytes');
    expect(body).not.toMatch(/PRODUCT-|ORDER-|reason-text|planted-secret/);
  });

  it('count webhooks once, however often they are read, and forget what has gone', async () => {
    const { session, get } = await service();
    await session.store.deliveries.record('price', [{ key: 'A', odooId: 1, wanted: '5', outcome: 'braked' }], 1);
    expect((await get('/metrics')).body).toContain('cartona_queue_depth{flow="price",state="braked"} 1\n');
    await session.store.deliveries.record('price', [{ key: 'A', odooId: 1, wanted: '5', outcome: 'delivered' }], 2);
    const { body } = await get('/metrics');
    expect(body).not.toContain('state="braked"');
    expect(body).toContain('cartona_webhook_requests_total{result="accepted"} 3\n');
  });
});
