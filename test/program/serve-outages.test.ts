import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { saveSecrets } from '../../src/lib/settings/secrets.js';
import { becomes, eventually, type Service } from '../fixtures/service.js';
import { openShop, SWEEPING } from '../fixtures/shop.js';

const told = (service: Service, part: string): number =>
  service.events().filter(({ event, message }) => event === 'remote' && message.includes(part)).length;

describe('cartona serve: Cartona is away', () => {
  it('asks it seldom, and tells it only the newest values when it is back', async () => {
    const shop = await openShop();
    const service = await shop.serveLive();
    await shop.marketplace.presence.stop();
    // Known before anything changes: a request that was on its way when Cartona went would be tried again with its
    // value.
    await service.until('remote', ({ message }) => message.includes('is away'));
    for (let step = 1; step <= 10; step += 1) {
      shop.setPrice('P1', 11 + step / 10);
      shop.count('P2', 100 - step);
      await sleep(100);
    }
    await shop.marketplace.presence.resume();
    const before = shop.marketplace.state.requests.total;
    await becomes(() => [shop.priceAt('P1'), shop.stockAt('P2')], [12, 90]);
    expect(told(service, 'Cartona is back')).toBe(1);
    const later = shop.marketplace.state.requests.list().slice(before - shop.marketplace.state.requests.total);
    const values = later
      .filter(({ path }) => path.includes('bulk-update'))
      .flatMap(({ body }) => body as Record<string, unknown>[])
      .map((item) => item['selling_price'] ?? item['available_stock_quantity']);
    expect(values.sort()).toEqual([12, 90]);
    expect((await service.stop()).code).toBe(0);
  });

  it('every request answered with 500: few of them, and all arrives once that ends', async () => {
    const shop = await openShop({ products: 30 });
    const service = await shop.serveLive();
    shop.marketplace.faults.add({ kind: '500', rate: 1 });
    const before = shop.requests();
    for (let at = 1; at <= 30; at += 1) shop.setPrice(`P${at}`, 10.75 + at);
    await service.until('remote', ({ message }) => message.includes('is away'));
    await sleep(2500);
    expect(shop.requests() - before).toBeLessThan(20);
    shop.marketplace.faults.clear();
    await becomes(
      () => Array.from({ length: 30 }, (_, at) => shop.priceAt(`P${at + 1}`)),
      Array.from({ length: 30 }, (_, at) => 11.75 + at),
    );
    expect(told(service, 'Cartona is back')).toBe(1);
  });

  it('429 with Retry-After is obeyed, and the change arrives', async () => {
    const shop = await openShop({ settings: { serve: { pullMinutes: 1440 } } });
    await shop.serveLive();
    await sleep(300);
    shop.marketplace.faults.add({ kind: '429', retryAfter: 2, match: { method: 'POST' } });
    shop.setPrice('P1', 11.5);
    await becomes(() => shop.priceAt('P1'), 11.5);
    const [refused, taken] = shop.marketplace.state.requests.list('bulk-update');
    expect([refused?.status, taken?.status]).toEqual([429, 200]);
    expect(Number(taken?.at) - Number(refused?.at)).toBeGreaterThanOrEqual(2000);
  });

  it('a rate limit: all arrives, with few refusals', async () => {
    const shop = await openShop({ products: 250, settings: { serve: { pullMinutes: 1440 } } });
    const service = await shop.serveLive();
    shop.marketplace.behaviour.rateLimit = { requests: 2, seconds: 1 };
    shop.change((env) => {
      for (let at = 1; at <= 250; at += 1)
        env.write('product.template', [shop.templateOf(`P${at}`)], { list_price: 10.25 + at });
    });
    const all = Array.from({ length: 250 }, (_, at) => at + 1);
    await becomes(() => all.filter((at) => shop.priceAt(`P${at}`) !== 10.25 + at).length, 0);
    expect(shop.writes().filter(({ status }) => status === 429).length).toBeLessThan(15);
    expect(service.events().filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('a pause in which nothing is answered ends without harm', async () => {
    const shop = await openShop();
    const service = await shop.serveLive();
    shop.marketplace.presence.pause();
    shop.setPrice('P1', 11.5);
    await sleep(1000);
    shop.setPrice('P1', 11.75);
    await sleep(300);
    await shop.marketplace.presence.resume();
    await becomes(() => shop.priceAt('P1'), 11.75);
    expect(service.events().filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('it took the value but the answer was lost: in the end it has the newest', async () => {
    const shop = await openShop();
    await shop.serveLive();
    shop.marketplace.faults.add({ kind: 'drop-after', match: { method: 'POST' } });
    shop.setPrice('P1', 11.5);
    await becomes(() => shop.priceAt('P1'), 11.5);
    shop.setPrice('P1', 11);
    await becomes(() => shop.priceAt('P1'), 11);
  });
});

describe('cartona serve: Odoo is away', () => {
  it('a restart: what changed before and after it arrives, orders that came meanwhile are not lost', async () => {
    const shop = await openShop();
    const service = await shop.serveLive();
    const restarting = shop.odoo.restart({ downMs: 2500 });
    const order = shop.place([['P3', 2]]);
    await service.until('webhook');
    shop.setPrice('P1', 11.25);
    await restarting;
    shop.setPrice('P2', 12.25);
    await becomes(() => [shop.priceAt('P1'), shop.priceAt('P2')], [11.25, 12.25]);
    await becomes(() => shop.saleOf(order)?.['state'], 'draft');
    await eventually(
      () => shop.marketplace.state.orders.isListed(order),
      (listed) => !listed,
    );
    expect(service.events().filter(({ level }) => level === 'error')).toEqual([]);
    expect((await service.stop()).code).toBe(0);
  });

  it('it answers nothing but failures: it is asked seldom, and all arrives once that ends', async () => {
    const shop = await openShop();
    const service = await shop.serveLive();
    let asked = 0;
    const take = shop.odoo.faults.take.bind(shop.odoo.faults);
    shop.odoo.faults.take = (target) => {
      asked += 1;
      return take(target);
    };
    shop.odoo.faults.add({ kind: '502-html', rate: 1 });
    shop.setPrice('P1', 11.25);
    await service.until('remote', ({ message }) => message.includes('Odoo is away'));
    const order = shop.place([['P2', 1]]);
    const before = asked;
    await sleep(3000);
    expect(asked - before).toBeLessThan(10);
    shop.odoo.faults.clear();
    await becomes(() => shop.priceAt('P1'), 11.25);
    await becomes(() => shop.saleOf(order)?.['state'], 'draft');
    expect([told(service, 'Odoo is away'), told(service, 'Odoo is back')]).toEqual([1, 1]);
  });

  it('a pause in which it answers nothing ends without harm', async () => {
    const shop = await openShop();
    const service = await shop.serveLive();
    const resume = shop.odoo.pause();
    const order = shop.place([['P2', 1]]);
    shop.setPrice('P1', 11.25);
    await sleep(1500);
    resume();
    await becomes(() => shop.priceAt('P1'), 11.25);
    await becomes(() => shop.saleOf(order)?.['state'], 'draft');
    expect(shop.odoo.store.records('sale.order')).toHaveLength(1);
    expect(service.events().filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('away at the start: it waits, and begins when Odoo comes', async () => {
    const shop = await openShop();
    await shop.goLive();
    const restarting = shop.odoo.restart({ downMs: 3000 });
    const service = await shop.serve();
    await restarting;
    await service.until('compared');
    shop.setPrice('P1', 11.25);
    await becomes(() => shop.priceAt('P1'), 11.25);
  });
});

describe('cartona serve: credentials are refused', () => {
  it("Cartona's token: stops knocking, says so once, goes on when it is replaced", async () => {
    const shop = await openShop();
    const good = { cartonaToken: shop.marketplace.token, odooKey: shop.odoo.key };
    await shop.goLive();
    // As if Cartona had taken the token back.
    await saveSecrets(shop.paths, 'default', { ...good, cartonaToken: 'a-token-that-was-taken-back' }, () => undefined);
    const service = await shop.serve();
    await service.until('remote', ({ level }) => level === 'error');
    const before = shop.requests();
    shop.setPrice('P1', 11.5);
    await sleep(1500);
    expect(shop.requests() - before).toBeLessThanOrEqual(1);
    expect(service.events().filter(({ event, level }) => event === 'remote' && level === 'error')).toHaveLength(1);
    expect(await shop.logInAgain({ CARTONA_TOKEN: good.cartonaToken })).toMatchObject({ code: 0 });
    await becomes(() => shop.priceAt('P1'), 11.5);
    expect(told(service, 'Cartona is back')).toBe(1);
  });

  it("Odoo's key: the same; orders that came meanwhile are made then", async () => {
    const shop = await openShop();
    const service = await shop.serveLive();
    const user = shop.odoo.store.records('res.users').find((row) => row['login'] === shop.odoo.login);
    const keys = shop.odoo.store.db.secrets.get(Number(user?.['id']))?.keys;
    // Revoked in Odoo.
    keys?.clear();
    await service.until('remote', ({ level }) => level === 'error');
    const order = shop.place([['P2', 1]]);
    shop.setPrice('P1', 11.5);
    await sleep(1500);
    expect(service.events().filter(({ event, level }) => event === 'remote' && level === 'error')).toHaveLength(1);
    keys?.add('a-new-key-of-the-user-in-odoo');
    expect(await shop.logInAgain({ CARTONA_ODOO_KEY: 'a-new-key-of-the-user-in-odoo' })).toMatchObject({ code: 0 });
    await becomes(() => shop.priceAt('P1'), 11.5);
    await becomes(() => shop.saleOf(order)?.['state'], 'draft');
    expect(service.output()).not.toContain('a-new-key-of-the-user-in-odoo');
  });
});

describe('cartona serve: one bad product', () => {
  it('that Cartona rejects keeps no other back, is not repeated, and stands in the failures', async () => {
    const shop = await openShop({ products: 10, settings: { serve: SWEEPING } });
    const service = await shop.serveLive();
    shop.marketplace.faults.add({ kind: 'item-error', rate: 1, items: ['P1'], match: { path: 'bulk-update' } });
    for (let at = 1; at <= 10; at += 1) shop.setPrice(`P${at}`, 10.5 + at);
    await becomes(
      () => Array.from({ length: 9 }, (_, at) => shop.priceAt(`P${at + 2}`)),
      Array.from({ length: 9 }, (_, at) => 12.5 + at),
    );
    const [failure] = await eventually(
      () => shop.failures(),
      (failures) => failures.length > 0,
    );
    expect(failure).toMatchObject({ id: 'price:P1', state: 'rejected', wanted: '11.5' });
    const tries = (): number => shop.sentItems().filter((item) => item['internal_product_id'] === 'P1').length;
    const before = tries();
    const passes = (): number =>
      shop.marketplace.state.requests.list('base-product').filter(({ method }) => method === 'GET').length;
    const seen = passes();
    await eventually(passes, (now) => now >= seen + 2);
    expect(tries()).toBe(before);
    expect((await shop.run('failures')).stdout).toContain('P1');
    shop.marketplace.faults.clear();
    expect((await shop.run('failures', 'retry', 'price:P1')).code).toBe(0);
    await becomes(() => shop.priceAt('P1'), 11.5);
    await becomes(() => shop.failures(), []);
    expect((await service.stop()).code).toBe(0);
  });

  it('that makes Cartona fail whenever it is in a batch keeps the others back only for a while', async () => {
    const shop = await openShop({ products: 30 });
    await shop.serveLive();
    const { products } = shop.marketplace.state;
    const whole = products.update.bind(products);
    products.update = (items, rules) => {
      if (items.some((item) => (item as Record<string, unknown>)['internal_product_id'] === 'P1'))
        throw new Error('the poison');
      return whole(items, rules);
    };
    for (let at = 1; at <= 30; at += 1) shop.setPrice(`P${at}`, 10.5 + at);
    await becomes(
      () => Array.from({ length: 29 }, (_, at) => shop.priceAt(`P${at + 2}`)),
      Array.from({ length: 29 }, (_, at) => 12.5 + at),
    );
    // Cartona has a value a moment before its answer is on record.
    await becomes(async () => (await shop.failures()).map(({ id, state }) => [id, state]), [['price:P1', 'retrying']]);
    // Later changes are not held up by it either.
    shop.setPrice('P2', 13);
    await becomes(() => shop.priceAt('P2'), 13);
  });
});
