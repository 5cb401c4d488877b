import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runCli, startCli } from '../fixtures/cli.js';
import { becomes, eventually } from '../fixtures/service.js';
import { openShop, SIGNING, TOKEN, type Shop } from '../fixtures/shop.js';

const price = (at: number): number => 10.5 + at;
const prices = (shop: Shop, count: number): number[] =>
  Array.from({ length: count }, (_, at) => shop.priceAt(`P${at + 1}`));
const newPrices = (count: number): number[] => Array.from({ length: count }, (_, at) => price(at + 1));
const raiseAll = (shop: Shop, count: number): void =>
  shop.change((env) => {
    for (let at = 1; at <= count; at += 1)
      env.write('product.template', [shop.templateOf(`P${at}`)], { list_price: price(at) });
  });
/** One price has gone through: the looks of the start are over, and none of them hangs when Cartona stops answering. */
const settles = async (shop: Shop): Promise<void> => {
  shop.setPrice('P2', 12.5);
  await becomes(
    async () => (await shop.withRows(({ store }) => store.deliveries.get('price', ['P2']))).get('P2')?.delivered,
    '12.5',
  );
};
const isOrderDone = (shop: Shop, id: string): boolean =>
  shop.saleOf(id) !== undefined && !shop.marketplace.state.orders.isListed(id);

describe('cartona serve and cartona go-live', () => {
  it('nothing leaves before go-live, everything after it, nothing after --undo', async () => {
    const shop = await openShop({
      listed: (product) => (product.internalProductId === 'P1' ? { ...product, sellingPrice: '10.00' } : product),
    });
    const records = (): number =>
      ['sale.order', 'res.partner', 'mail.message'].reduce(
        (sum, model) => sum + shop.odoo.store.records(model).length,
        0,
      );
    const before = records();
    const service = await shop.serve();
    expect(service.events()[0]).toMatchObject({ event: 'ready', live: false });
    const first = shop.place([['P2', 1]]);
    await service.until('webhook');
    expect(await shop.withRows((session) => session.store.events.backlog())).toMatchObject({ count: 1 });
    await sleep(1500);
    expect([shop.writes(), records()]).toEqual([[], before]);

    expect((await shop.run('go-live', '--yes')).code).toBe(2);
    expect((await shop.run('sync', 'prices', '--dry-run')).stdout).toContain('P1');
    await shop.run('sync', 'stock', '--dry-run');
    expect([shop.writes(), records()]).toEqual([[], before]);
    expect(await shop.run('go-live', '--yes')).toMatchObject({ code: 0 });
    await becomes(() => shop.priceAt('P1'), 11);
    await eventually(() => isOrderDone(shop, first), Boolean);

    expect((await shop.run('go-live', '--undo')).code).toBe(0);
    await service.until('live', ({ message }) => message.includes('No longer live'));
    const [sent, inOdoo] = [shop.writes().length, records()];
    const second = shop.place([['P3', 1]]);
    shop.setPrice('P1', 11.5);
    await sleep(1500);
    expect([shop.writes().length, records()]).toEqual([sent, inOdoo]);

    expect((await shop.run('go-live', '--yes')).code).toBe(0);
    await becomes(() => shop.priceAt('P1'), 11.5);
    await eventually(() => isOrderDone(shop, second), Boolean);
    expect((await service.stop()).code).toBe(0);
  });
});

describe('cartona serve: how it ends', () => {
  it('SIGTERM: what is under way is finished and on record; no webhook is taken any more', async () => {
    const shop = await openShop();
    const service = await shop.serveLive();
    shop.marketplace.faults.add({ kind: 'latency', latencyMs: 1200, match: { path: 'bulk-update' } });
    shop.setPrice('P1', 11.5);
    await eventually(
      () => shop.writes().length,
      (count) => count === 1,
    );
    service.signal('SIGTERM');
    await service.until('stop');
    const refused = await fetch(`${service.url}/healthz`).then(
      ({ status }) => status,
      () => 'refused',
    );
    expect(['refused', 503]).toContain(refused);
    expect((await service.ended).code).toBe(0);
    expect(shop.priceAt('P1')).toBe(11.5);
    const row = await shop.withRows((session) => session.store.deliveries.get('price', ['P1']));
    expect(row.get('P1')).toMatchObject({ delivered: '11.5', outcome: 'delivered' });
    expect(await shop.withRows((session) => session.store.runtimeState.get('service'))).toBeUndefined();
  });

  it('what does not end by itself is cut off at the deadline', async () => {
    const shop = await openShop({ settings: { serve: { drainSeconds: 1 } } });
    const service = await shop.serveLive();
    await settles(shop);
    const before = shop.writes().length;
    shop.marketplace.presence.pause();
    shop.setPrice('P1', 11.5);
    await eventually(
      () => shop.writes().length,
      (count) => count === before + 1,
    );
    const asked = Date.now();
    const { code } = await service.stop();
    // Left alone, it would end with the request's own time-out of 30 s.
    expect(Date.now() - asked).toBeLessThan(15_000);
    expect(code).toBe(0);
    await shop.marketplace.presence.resume();
    await shop.serveLive();
    await becomes(() => shop.priceAt('P1'), 11.5);
  });

  it('a second signal ends it at once', async () => {
    const shop = await openShop({ settings: { serve: { drainSeconds: 600 } } });
    const service = await shop.serveLive();
    await settles(shop);
    const before = shop.writes().length;
    shop.marketplace.presence.pause();
    shop.setPrice('P1', 11.5);
    await eventually(
      () => shop.writes().length,
      (count) => count === before + 1,
    );
    service.signal('SIGTERM');
    await service.until('stop');
    service.signal('SIGTERM');
    expect((await service.ended).code).toBe(130);
  });

  it('killed in the middle and started again: nothing is lost or doubled', async () => {
    const shop = await openShop({ products: 30, marketplace: { latencyMs: 60 }, odoo: { latencyMs: 10 } });
    const orders: string[] = [];
    for (let kill = 0; kill < 3; kill += 1) {
      const service = await shop.serveLive();
      for (let count = 0; count < 6; count += 1) orders.push(shop.place([[`P${(orders.length % 30) + 1}`, 1]]));
      shop.change((env) => {
        for (let at = 1; at <= 30; at += 1)
          env.write('product.template', [shop.templateOf(`P${at}`)], { list_price: price(at) + kill / 4 });
      });
      await sleep(120 + kill * 200);
      service.signal('SIGKILL');
      await service.ended;
      const sales = shop.odoo.store.records('sale.order').map((sale) => sale['client_order_ref']);
      expect(new Set(sales).size).toBe(sales.length);
      expect(orders.filter((id) => !shop.marketplace.state.orders.isListed(id) && !sales.includes(id))).toEqual([]);
    }
    await shop.serveLive();
    await becomes(
      () => prices(shop, 30),
      newPrices(30).map((value) => value + 0.5),
    );
    await eventually(
      () => orders.filter((id) => !isOrderDone(shop, id)),
      (left) => left.length === 0,
    );
    expect(
      shop.odoo.store
        .records('sale.order')
        .map((sale) => sale['client_order_ref'])
        .sort(),
    ).toEqual([...orders].sort());
    expect(shop.odoo.store.records('sale.order.line')).toHaveLength(orders.length);
    await becomes(
      () => Array.from({ length: 30 }, (_, at) => shop.stockAt(`P${at + 1}`)),
      Array.from({ length: 30 }, (_, at) => 100 - orders.filter((_id, n) => n % 30 === at).length),
    );
  });
});

describe('cartona serve beside others', () => {
  it('a second service on the same data is refused and names the first; --shared is let in, and nothing is sent twice', async () => {
    const shop = await openShop({ products: 30 });
    const first = await shop.serveLive();
    const refused = await shop.run('serve', '--port', '0');
    expect(refused).toMatchObject({ code: 6, stderr: expect.stringContaining(String(first.pid)) as string });
    const second = await shop.serve('--shared');
    await second.until('compared');
    raiseAll(shop, 30);
    await becomes(() => prices(shop, 30), newPrices(30));
    for (let at = 1; at <= 30; at += 1) shop.count(`P${at}`, 50 + at);
    await becomes(
      () => Array.from({ length: 30 }, (_, at) => shop.stockAt(`P${at + 1}`)),
      Array.from({ length: 30 }, (_, at) => 51 + at),
    );
    const all = Array.from({ length: 30 }, (_, at) => at + 1);
    expect(all.map((at) => shop.sentPrices(`P${at}`))).toEqual(all.map((at) => [price(at)]));
    expect(all.map((at) => shop.sentStock(`P${at}`))).toEqual(all.map((at) => [50 + at]));
    const orders = all.slice(0, 10).map((at) => shop.place([[`P${at}`, 1]]));
    await eventually(
      () => orders.filter((id) => !isOrderDone(shop, id)),
      (left) => left.length === 0,
    );
    expect(
      shop.odoo.store
        .records('sale.order')
        .map((sale) => sale['client_order_ref'])
        .sort(),
    ).toEqual([...orders].sort());
    for (const id of orders) shop.confirm(id);
    await becomes(() => orders.filter((id) => shop.orderAt(id).status !== 'approved'), []);
    const pulls = shop.marketplace.state.requests.list('pull-orders').length;
    await eventually(
      () => shop.marketplace.state.requests.list('pull-orders').length,
      (now) => now >= pulls + 4,
    );
    expect(orders.map((id) => shop.marketplace.state.requests.list(`update-order-status/${id}`).length)).toEqual(
      orders.map(() => 1),
    );
    expect([first, second].flatMap((service) => service.events()).filter(({ level }) => level !== 'info')).toEqual([]);
    expect([(await first.stop()).code, (await second.stop()).code]).toEqual([0, 0]);
  });

  it('`sync prices` beside it: all prices arrive, neither fails', async () => {
    const shop = await openShop({ products: 30, marketplace: { latencyMs: 30 } });
    const service = await shop.serveLive();
    for (let round = 0; round < 2; round += 1) {
      const command = startCli(['sync', 'prices', '--yes'], { env: shop.env });
      await sleep(400 + round * 200);
      shop.change((env) => {
        for (let at = 1; at <= 30; at += 1)
          env.write('product.template', [shop.templateOf(`P${at}`)], { list_price: price(at) + round });
      });
      expect(await command.ended).toMatchObject({ code: 0, stderr: '' });
      await becomes(
        () => prices(shop, 30),
        newPrices(30).map((value) => value + round),
      );
    }
    expect(service.events().filter(({ level }) => level !== 'info')).toEqual([]);
    expect(Array.from({ length: 30 }, (_, at) => shop.sentPrices(`P${at + 1}`))).toEqual(
      newPrices(30).map((value) => [value, value + 1]),
    );
  });
});

describe('cartona serve: what it says', () => {
  it('a ready line with its addresses, --> and <-- for what goes out and in', async () => {
    const shop = await openShop();
    await shop.goLive();
    const { child, ended, stdoutSoFar, stderrSoFar } = startCli(['serve', '--port', '0'], {
      env: { ...shop.env, CARTONA_WEBHOOK_TOKEN: TOKEN },
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const ready = await eventually(
      () => /Ready\. Webhooks: (http:\/\/127\.0\.0\.1:\d+)\/cartona_integration\/webhook\/orders/.exec(stdoutSoFar()),
      (match) => match !== null,
    );
    shop.marketplace.webhooks.subscribe({ url: ready?.[1] ?? '', bearer: TOKEN });
    expect(stdoutSoFar()).toContain('/healthz');
    const order = shop.place([['P2', 1]]);
    await eventually(() => isOrderDone(shop, order), Boolean);
    shop.setPrice('P1', 11.5);
    await becomes(() => shop.priceAt('P1'), 11.5);
    await eventually(stdoutSoFar, (text) => /^\d\d:\d\d:\d\d --> price +P1: 11 → 11\.5$/m.test(text));
    expect(stdoutSoFar()).toMatch(new RegExp(`^\\d\\d:\\d\\d:\\d\\d <-- webhook +order ${order}$`, 'm'));
    expect(stdoutSoFar()).toMatch(
      new RegExp(`^\\d\\d:\\d\\d:\\d\\d <-- order +${order} \\(pending\\): S\\d+ created$`, 'm'),
    );
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0 });
    expect(stderrSoFar()).toBe('');
  });

  it('--log-format json: one object in each line, and no secret in any of them, nor at its addresses', async () => {
    const shop = await openShop();
    const service = await shop.serveLive('--debug');
    const order = shop.place([['P2', 1]], { installment_cost: 3 });
    const otp = shop.marketplace.state.orders.require(order).retailerOtp ?? '';
    await eventually(() => isOrderDone(shop, order), Boolean);
    const wrong = 'planted-wrong-token-of-a-stranger';
    await fetch(`${service.url}/cartona_integration/webhook/orders?token=${wrong}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${wrong}`, 'content-type': 'application/json' },
      body: '{}',
    });
    shop.marketplace.faults.add({ kind: '500', times: 3 }, { kind: 'html', times: 2 });
    shop.setPrice('P1', 11.5);
    await becomes(() => shop.priceAt('P1'), 11.5);
    shop.odoo.faults.add({ kind: 'expired-key', times: 100 });
    await service.until('remote', ({ level }) => level === 'error');
    const pages = await Promise.all(
      [`${service.url}/healthz`, `${service.url}/readyz`, service.metricsUrl].map((url) =>
        fetch(url).then((answer) => answer.text()),
      ),
    );
    const { code, stdout, stderr } = await service.stop();
    expect(code).toBe(0);
    const lines = (stdout + stderr).trim().split('\n');
    for (const line of lines)
      expect(JSON.parse(line)).toMatchObject({
        time: expect.stringMatching(/Z$/) as string,
        level: expect.any(String) as string,
        event: expect.any(String) as string,
        message: expect.any(String) as string,
      });
    for (const secret of [shop.marketplace.token, shop.odoo.key, TOKEN, SIGNING, SIGNING.slice(6), wrong]) {
      expect(stdout + stderr).not.toContain(secret);
      expect(pages.join('\n')).not.toContain(secret);
    }
    expect(
      lines.filter((line) =>
        new RegExp(`"${otp}"|\\b${otp}\\b(?!\\.)`).test(line.replace(/"time":"[^"]*"/, '').replaceAll(order, '')),
      ),
    ).toEqual([]);
  });

  it('a port that is taken: exit code 8 and a sentence that names it', async () => {
    const shop = await openShop();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    const address = other.address();
    const port = typeof address === 'object' && address ? String(address.port) : '';
    const { code, stderr } = await runCli(['serve', '--port', port], { env: shop.env });
    expect([code, stderr.trim().split('\n').length]).toEqual([8, 1]);
    expect(stderr).toContain(port);
  });
});
