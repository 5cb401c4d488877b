import { describe, expect, it } from 'vitest';
import { Faults } from '../../../src/sandbox/marketplace/routes/faults.js';
import { RequestLog, type LoggedRequest } from '../../../src/sandbox/marketplace/routes/request-log.js';
import { Client, start, startWithClient, supplierWith } from '../../fixtures/marketplace-client.js';

const item = { internal_product_id: 'CRT-1', selling_price: 5 };

async function staged(): ReturnType<typeof startWithClient> {
  return startWithClient({ supplier: supplierWith({}, {}) });
}

describe('injected faults', () => {
  it('429 with Retry-After, once: nothing is done, and the next request goes through', async () => {
    const { marketplace, client } = await staged();
    marketplace.faults.add({ kind: '429', retryAfter: 3 });
    const answer = await client.post(client.paths.updateProducts, [item]);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '3']);
    expect(marketplace.state.products.all()[0]?.sellingPrice).toBe('10.00');
    expect((await client.post(client.paths.updateProducts, [item])).status).toBe(200);
    marketplace.faults.add({ kind: '429' });
    expect((await client.get(client.paths.products)).headers.has('retry-after')).toBe(false);
  });

  it.each([
    ['500', 500, 'application/json'],
    ['502-html', 502, 'text/html'],
    ['html', 200, 'text/html'],
    ['413', 413, 'application/json'],
  ] as const)('%s: answered %i as %s, nothing is done', async (kind, status, type) => {
    const { marketplace, client } = await staged();
    marketplace.faults.add({ kind });
    const answer = await client.post(client.paths.updateProducts, [item]);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain(type);
    expect(marketplace.state.products.all()[0]?.sellingPrice).toBe('10.00');
  });

  it.each([
    ['drop-before', '10.00'],
    ['drop-after', '5'],
  ] as const)('%s: the client sees a broken connection, the price is then %s', async (kind, price) => {
    const { marketplace, client } = await staged();
    marketplace.faults.add({ kind });
    await expect(client.post(client.paths.updateProducts, [item])).rejects.toThrow();
    expect(marketplace.state.products.all()[0]?.sellingPrice).toBe(price);
    expect(marketplace.state.requests.list()).toMatchObject([{ status: null, fault: kind }]);
    expect((await client.get(client.paths.products)).status).toBe(200);
  });

  it('timeout: never answered, nothing done, and closing the marketplace does not wait for it', async () => {
    const marketplace = await start({ supplier: supplierWith({}) });
    const { headers, paths } = new Client(marketplace);
    marketplace.faults.add({ kind: 'timeout' });
    const waiting = fetch(`${marketplace.url}${paths.products}`, { headers }).then(
      () => 'answered',
      () => 'cut',
    );
    await expect.poll(() => marketplace.state.requests.total).toBe(1);
    expect((await new Client(marketplace).get(paths.products)).status).toBe(200);
    expect(marketplace.state.requests.list()[0]?.status).toBeNull();
    await marketplace.close();
    expect(await waiting).toBe('cut');
  });

  it('malformed-json: the work is done, the answer cannot be read', async () => {
    const { marketplace, client } = await staged();
    for (const answerShape of ['results', 'empty-object', 'empty-array'] as const) {
      marketplace.behaviour.answerShape = answerShape;
      marketplace.faults.add({ kind: 'malformed-json' });
      await expect(client.post(client.paths.updateProducts, [item]), answerShape).rejects.toThrow(SyntaxError);
    }
    expect(marketplace.state.products.all()[0]?.sellingPrice).toBe('5');
  });

  it('latency: the work is done and answered', async () => {
    const { marketplace, client } = await staged();
    marketplace.faults.add({ kind: 'latency', latencyMs: 5 });
    expect((await client.post(client.paths.updateProducts, [item])).status).toBe(200);
    expect(marketplace.state.requests.list()).toMatchObject([{ fault: 'latency', status: 200 }]);
  });

  it('item-error: the named items are refused in both bulk calls, by either id, and the others taken', async () => {
    const { marketplace, client } = await staged();
    marketplace.faults.add({ kind: 'item-error', items: ['CRT-1'] }, { kind: 'item-error', items: ['502'] });
    const prices = await client.post(client.paths.updateProducts, [
      item,
      { internal_product_id: 'CRT-2', selling_price: 6 },
    ]);
    expect((prices.body as { success: boolean }[]).map((result) => result.success)).toEqual([false, true]);
    const stock = [
      { internal_product_id: 'CRT-1', available_stock_quantity: 1 },
      { internal_product_id: 'CRT-2', available_stock_quantity: 1 },
    ];
    expect(
      ((await client.post(client.paths.updateStock, stock)).body as { success: boolean }[]).map(
        (result) => result.success,
      ),
    ).toEqual([true, false]);
    expect(marketplace.state.products.all().map((product) => [product.sellingPrice, product.stock])).toEqual([
      ['10.00', 1],
      ['6', 50],
    ]);
  });

  it('befall only the requests that match, so many times, and stop when cleared', async () => {
    const { marketplace, client } = await staged();
    marketplace.faults.add(
      { kind: '500', match: { path: 'orders', method: 'get' }, times: 2 },
      { kind: '413', match: { path: /bulk-update$/g }, times: 9 },
    );
    expect((await client.get(client.paths.products)).status).toBe(200);
    const pulls = [
      await client.get(client.paths.pullOrders),
      await client.get(client.paths.pullOrders),
      await client.get(client.paths.pullOrders),
    ];
    expect(pulls.map((answer) => answer.status)).toEqual([500, 500, 200]);
    expect((await client.post(client.paths.updateStock, [])).status).toBe(200);
    expect((await client.post(client.paths.updateProducts, [])).status).toBe(413);
    expect((await client.post(client.paths.updateProducts, [])).status).toBe(413);
    marketplace.faults.clear();
    expect((await client.post(client.paths.updateProducts, [])).status).toBe(200);
  });

  it('befall a share of the requests, the same for one seed', () => {
    const draw = (seed: number): boolean[] => {
      const faults = new Faults(seed);
      faults.add({ kind: '500', rate: 0.3 });
      return Array.from({ length: 1000 }, () => faults.take('GET', '/x') !== undefined);
    };
    const hits = draw(7).filter(Boolean).length;
    expect(hits).toBeGreaterThan(230);
    expect(hits).toBeLessThan(370);
    expect(draw(7)).toEqual(draw(7));
    expect(draw(8)).not.toEqual(draw(7));
  });

  it('can be queued and cleared from another process, but not misspelt', async () => {
    const { marketplace, client } = await staged();
    const send = async (method: string, body?: unknown): Promise<{ status: number; body: unknown }> => {
      const sent =
        body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
      const response = await fetch(`${marketplace.url}/_sandbox/faults`, { method, ...sent });
      return { status: response.status, body: await response.json() };
    };
    expect(await send('POST', { kind: '500', match: { pattern: '^/api/v1/base-product$' }, times: 3 })).toEqual({
      status: 200,
      body: { pending: 1 },
    });
    expect(await send('POST', [{ kind: '429' }, { kind: 'html' }])).toMatchObject({ body: { pending: 3 } });
    expect((await client.get(client.paths.products)).status).toBe(500);
    expect((await client.get(client.paths.pullOrders)).status).toBe(429);
    expect(await send('DELETE')).toEqual({ status: 200, body: { pending: 0 } });
    expect((await client.get(client.paths.products)).status).toBe(200);
    for (const bad of [
      { kind: 'plague' },
      { kind: '500', path: '/x' },
      { kind: '500', match: { pattern: '(' } },
      { kind: '500', times: 0 },
    ]) {
      expect((await send('POST', bad)).status, JSON.stringify(bad)).toBe(422);
    }
  });

  it('befall unknown paths too, but never the controls', async () => {
    const { marketplace, client } = await staged();
    marketplace.faults.add({ kind: '500', times: 2 });
    expect((await fetch(`${marketplace.url}/_sandbox/state?what=orders`)).status).toBe(200);
    expect((await client.get('/nowhere')).status).toBe(500);
    expect((await client.get(client.paths.products)).status).toBe(500);
  });
});

describe('the rate limit', () => {
  it('answers 429 with the seconds that remain, until the next window', async () => {
    let now = new Date('2026-11-01T10:00:00Z');
    const { client } = await startWithClient({
      supplier: supplierWith({}),
      rateLimit: { requests: 2, seconds: 10 },
      clock: () => now,
    });
    const ask = async (): Promise<[number, string | null]> => {
      const answer = await client.get(client.paths.products);
      return [answer.status, answer.headers.get('retry-after')];
    };
    expect([await ask(), await ask()]).toEqual([
      [200, null],
      [200, null],
    ]);
    now = new Date('2026-11-01T10:00:04Z');
    expect(await ask()).toEqual([429, '6']);
    now = new Date('2026-11-01T10:00:10Z');
    expect(await ask()).toEqual([200, null]);
  });
});

describe('the request log', () => {
  it('tells method, path, query, body, time, token and status of each request', async () => {
    const at = new Date('2026-11-01T10:00:00Z');
    const { marketplace, client } = await startWithClient({ supplier: supplierWith({}), clock: () => at });
    await client.get(client.paths.products, { page: '2' });
    await client.get('/nowhere');
    expect(marketplace.state.requests.list()).toEqual([
      {
        at,
        method: 'GET',
        path: client.paths.products,
        query: { page: '2' },
        body: undefined,
        auth: true,
        status: 200,
        fault: null,
      },
      { at, method: 'GET', path: '/nowhere', query: {}, body: undefined, auth: false, status: 404, fault: null },
    ]);
    expect(marketplace.state.requests.list('nowhere')).toHaveLength(1);
  });

  it('keeps the last ones only, and none at a limit of zero, but counts all', () => {
    const entry = (path: string): LoggedRequest => ({
      at: new Date(0),
      method: 'GET',
      path,
      query: {},
      body: undefined,
      auth: true,
      status: 200,
      fault: null,
    });
    const log = new RequestLog(10);
    const none = new RequestLog(0);
    for (let index = 0; index < 1005; index += 1) for (const each of [log, none]) each.add(entry(`/${index}`));
    expect(log.list().map((each) => each.path)).toEqual(
      Array.from({ length: 10 }, (_unused, index) => `/${995 + index}`),
    );
    expect([log.total, none.total, none.list().length]).toEqual([1005, 1005, 0]);
  });
});
