import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CatalogWorker } from '../../../../src/lib/live/catalog/catalog-worker.js';
import type { FlowQueue } from '../../../../src/lib/live/catalog/flow-queue.js';
import type { LiveEvent } from '../../../../src/lib/live/events.js';
import { openSession } from '../../../../src/lib/open-session.js';
import { pullOrders } from '../../../../src/lib/orders/inbox/pull.js';
import type { Session } from '../../../../src/lib/session.js';
import { openShop, SWEEPING, type ShopOptions } from '../../../fixtures/shop.js';
import { becomes } from '../../../fixtures/service.js';

/** A shop whose catalogue was compared once, and the catalogue's side of a service on it; the test does the passes. */
async function opened(options: ShopOptions = {}) {
  const shop = await openShop(options);
  let ahead = 0;
  const session: Session = await openSession({
    profileName: 'default',
    env: shop.env,
    timeouts: { attempts: 1, cartonaTimeoutMs: 5000 },
    now: () => Date.now() + ahead,
  });
  onTestFinished(() => session.store.close());
  const events: LiveEvent[] = [];
  const delivered: { flow: string; noticedAt: number | undefined }[] = [];
  const undelivered: string[] = [];
  const side = new CatalogWorker({
    sessions: { price: session, stock: session, sweep: session },
    log: (event) => events.push(event),
    onDelivered: (flow, noticedAt) => delivered.push({ flow, noticedAt }),
    onUndelivered: (flow, outcome) => undelivered.push(`${flow} ${outcome}`),
  });
  await side.compareAll();
  shop.marketplace.state.requests.clear();
  events.length = 0;
  const hint = (queue: FlowQueue, ...cartonaIds: string[]): void =>
    queue.enqueue(cartonaIds.map(shop.idOf), session.now());
  return {
    shop,
    session,
    side,
    events,
    delivered,
    undelivered,
    hint,
    later: (ms: number): void => {
      ahead += ms;
    },
    told: (event: string): string[] => events.filter((one) => one.event === event).map(({ message }) => message),
    row: async (flow: 'price' | 'stock', cartonaId: string) =>
      (await session.store.deliveries.get(flow, [cartonaId])).get(cartonaId),
  };
}

/** Makes the marketplace fail whenever this product is in a batch. */
function poison({ marketplace }: Awaited<ReturnType<typeof openShop>>, cartonaId: string): () => void {
  const { products } = marketplace.state;
  const whole = products.update.bind(products);
  products.update = (items, rules) => {
    if (items.some((item) => (item as Record<string, unknown>)['internal_product_id'] === cartonaId))
      throw new Error('the poison');
    return whole(items, rules);
  };
  return () => {
    products.update = whole;
  };
}

const failing = (pass: Promise<void>): Promise<string> =>
  pass.then(
    () => 'passed',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );

describe('a flow of the catalogue', () => {
  it('makes one request of ten hints, with the newest value', async () => {
    const { shop, side, hint, delivered } = await opened();
    for (let at = 1; at <= 10; at += 1) {
      shop.setPrice('P1', 11 + at / 10);
      hint(side.price, 'P1');
    }
    expect(side.price.waiting).toBe(1);
    await side.price.pass();
    expect(shop.sentPrices('P1')).toEqual([12]);
    expect(delivered).toHaveLength(1);
    expect(side.price.waiting).toBe(0);
    await side.price.pass();
    expect(shop.writes()).toHaveLength(1);
  });

  it('looks again at what is hinted at while a pass is under way', async () => {
    const { shop, side, hint } = await opened();
    shop.setPrice('P1', 11.5);
    hint(side.price, 'P1');
    shop.marketplace.presence.pause();
    const first = side.price.pass();
    await becomes(() => shop.marketplace.state.requests.list('bulk-update').length, 1);
    shop.setPrice('P1', 12);
    hint(side.price, 'P1');
    await shop.marketplace.presence.resume();
    await first;
    expect(side.price.waiting).toBe(1);
    await side.price.pass();
    expect(shop.sentPrices('P1')).toEqual([11.5, 12]);
  });

  it('tells since when a value was noticed, from the first hint on, and nothing for one that only the sweep names', async () => {
    const { shop, side, delivered, later, session } = await opened();
    for (const id of ['P1', 'P2']) shop.setPrice(id, 11.75);
    side.price.enqueue([shop.idOf('P1'), shop.idOf('P2')]);
    const noticed = session.now();
    side.price.enqueue([shop.idOf('P1')], noticed);
    later(5000);
    side.price.enqueue([shop.idOf('P1')], session.now());
    side.price.enqueue([shop.idOf('P1')]);
    await side.price.pass();
    expect(delivered.map(({ noticedAt }) => noticedAt)).toEqual([noticed, undefined]);
  });

  it('sends what was noticed before what the sweep names, and keeps neither waiting for ever', async () => {
    const { shop, side, hint } = await opened({ products: 30 });
    for (let at = 1; at <= 30; at += 1) shop.setPrice(`P${at}`, 10.5 + at);
    side.price.enqueue(Array.from({ length: 29 }, (_, at) => shop.idOf(`P${at + 1}`)));
    hint(side.price, 'P30');
    await side.price.pass();
    expect(shop.sentItems()[0]).toMatchObject({ internal_product_id: 'P30' });
    // Where something is noticed all the time.
    for (let round = 0; round < 3; round += 1) {
      shop.setPrice('P30', 41 + round / 10);
      hint(side.price, 'P30');
      await side.price.pass();
    }
    expect(side.price.waiting).toBe(0);
    expect(shop.priceAt('P1')).toBe(11.5);
  });

  it('keeps the variants of a pass that failed', async () => {
    const { shop, side, hint } = await opened();
    shop.setPrice('P1', 11.5);
    shop.setPrice('P2', 12.5);
    hint(side.price, 'P1', 'P2');
    shop.odoo.faults.add({ kind: '500', rate: 1 });
    expect(await failing(side.price.pass())).toContain('Odoo');
    shop.odoo.faults.clear();
    shop.marketplace.faults.add({ kind: '500' });
    expect(await failing(side.price.pass())).toContain('Cartona');
    expect(side.price.waiting).toBe(2);
    await side.price.pass();
    expect([shop.priceAt('P1'), shop.priceAt('P2')]).toEqual([11.5, 12.5]);
    expect(side.price.waiting).toBe(0);
  });

  it('finds values that became due, and waits while there is nothing to do', async () => {
    const { shop, session, side } = await opened();
    const stop = new AbortController();
    const idle = side.stock.wait(stop.signal);
    expect(await Promise.race([idle.then(() => 'due'), sleep(200).then(() => 'waits')])).toBe('waits');
    await session.store.deliveries.invalidate('stock', ['P1'], session.now());
    side.stock.wake();
    await idle;
    expect(side.stock.waiting).toBe(1);
    await side.stock.pass();
    expect(shop.sentStock('P1')).toEqual([100]);
    const last = side.stock.wait(stop.signal);
    stop.abort();
    await last;
    expect(side.stock.waiting).toBe(0);
  });

  it('what a command makes due is found without being told', async () => {
    const { shop, session, side } = await opened();
    const other = await openSession({ profileName: 'default', env: shop.env });
    onTestFinished(() => other.store.close());
    const waits = side.stock.wait(new AbortController().signal);
    await other.store.deliveries.invalidate('stock', ['P2'], session.now());
    await waits;
    await side.stock.pass();
    expect(shop.sentStock('P2')).toEqual([100]);
  });

  it('forgets what is due of a product that is mapped no more', async () => {
    const { shop, session, side, row } = await opened();
    await session.store.deliveries.invalidate('price', ['P1'], session.now());
    shop.write('P1', { x_cartona_id: '' });
    await side.readMapping();
    await side.price.pass();
    expect(await row('price', 'P1')).toBeUndefined();
    expect(shop.writes()).toEqual([]);
  });

  it('leaves a value to another worker that has taken it, and looks again soon', async () => {
    const { shop, session, side, hint } = await opened();
    const other = await openSession({ profileName: 'default', env: shop.env });
    onTestFinished(() => other.store.close());
    const { deliveries } = other.store;
    await deliveries.claim(
      'price',
      [{ key: 'P1', odooId: shop.idOf('P1'), wanted: '11.25' }],
      session.now() + 60_000,
      session.now(),
    );
    shop.setPrice('P1', 11.5);
    hint(side.price, 'P1');
    await side.price.pass();
    expect(shop.writes()).toEqual([]);
    expect(side.price.waiting).toBe(0);
    await side.price.wait(new AbortController().signal);
    await deliveries.record(
      'price',
      [{ key: 'P1', odooId: shop.idOf('P1'), wanted: '11.25', outcome: 'delivered' }],
      session.now(),
    );
    await side.price.pass();
    expect(shop.sentPrices('P1')).toEqual([11.5]);
  });

  it('tells what the brake holds once, and again when more is held', async () => {
    const { shop, side, hint, told } = await opened();
    shop.setPrice('P1', 99);
    for (let round = 0; round < 3; round += 1) {
      hint(side.price, 'P1');
      await side.price.pass();
    }
    expect(told('brake')).toHaveLength(1);
    shop.setPrice('P2', 99);
    shop.setPrice('P3', 13.5);
    hint(side.price, 'P1', 'P2', 'P3');
    await side.price.pass();
    expect(told('brake')).toHaveLength(2);
    expect([shop.sentPrices('P1'), shop.sentPrices('P2'), shop.sentPrices('P3')]).toEqual([[], [], [13.5]]);
  });
});

describe('a product that makes every batch fail', () => {
  it('keeps the others back for a few passes only; then it is tried alone, at its own times, and holds nobody up', async () => {
    const { shop, side, hint, row, later } = await opened({ products: 60 });
    const cure = poison(shop, 'P1');
    const others = Array.from({ length: 59 }, (_, at) => `P${at + 2}`);
    for (const id of ['P1', ...others]) shop.setPrice(id, 10.5 + Number(id.slice(1)));
    hint(side.price, 'P1', ...others);
    let passes = 0;
    for (; passes < 8 && others.some((id) => shop.priceAt(id) !== 10.5 + Number(id.slice(1))); passes += 1)
      await failing(side.price.pass());
    expect(passes).toBeLessThanOrEqual(4);
    for (let more = 0; more < 3; more += 1) await failing(side.price.pass());
    expect(await row('price', 'P1')).toMatchObject({ outcome: 'failed' });
    expect((await row('price', 'P1'))?.attempts).toBeGreaterThanOrEqual(4);

    // From now on it waits for its time, and passes without it succeed.
    expect(side.price.waiting).toBe(0);
    expect((await row('price', 'P1'))?.dueAt).toBeDefined();
    const tries = shop.sentPrices('P1').length;
    shop.setPrice('P2', 13);
    hint(side.price, 'P2');
    await side.price.pass();
    expect(shop.priceAt('P2')).toBe(13);
    expect(shop.sentPrices('P1')).toHaveLength(tries);

    later(16 * 60_000);
    cure();
    await side.price.wait(new AbortController().signal);
    await side.price.pass();
    expect(shop.priceAt('P1')).toBe(11.5);
    expect(await row('price', 'P1')).toMatchObject({ outcome: 'delivered', attempts: 0 });
  });

  it('is given up when its time is over, and not tried again until it changes', async () => {
    const { shop, side, hint, row, later, undelivered } = await opened({ settings: { serve: { retryHours: 1 } } });
    const cure = poison(shop, 'P1');
    shop.setPrice('P1', 11.5);
    hint(side.price, 'P1');
    let passes = 0;
    for (; passes < 20 && (await row('price', 'P1'))?.outcome !== 'given_up'; passes += 1) {
      await failing(side.price.pass());
      later(16 * 60_000);
    }
    expect(passes).toBe(8);
    expect(undelivered.at(-1)).toBe('price given_up');
    const tries = shop.sentPrices('P1').length;
    later(16 * 60_000);
    hint(side.price, 'P1');
    await side.price.pass();
    expect(shop.sentPrices('P1')).toHaveLength(tries);
    cure();
    shop.setPrice('P1', 12);
    hint(side.price, 'P1');
    await side.price.pass();
    expect(shop.priceAt('P1')).toBe(12);
  });
});

describe('the catalogue', () => {
  it('is compared as a whole, and what differs is sent', async () => {
    const { shop, side, told } = await opened({ products: 120 });
    shop.setPrice('P7', 18);
    shop.count('P9', 55);
    await side.compareAll();
    expect([shop.priceAt('P7'), shop.stockAt('P9')]).toEqual([18, 55]);
    expect(shop.sentItems()).toHaveLength(2);
    // 120 products and two variants.
    expect(told('compared')).toEqual([expect.stringContaining('122')]);
  });

  it('takes up a product that is mapped, and lets go of one that is mapped no more', async () => {
    const { shop, side, later, events } = await opened();
    const [unmapped = 0] = shop.change((env) => env.search('product.product', [['x_cartona_id', '=', false]]));
    shop.change((env) => {
      env.write('product.product', [unmapped], { x_cartona_id: 'U1' });
      env.write('product.product', [shop.idOf('P1')], { x_cartona_id: false });
    });
    later(3000);
    await side.productsChanged([unmapped, shop.idOf('P1')]);
    expect(side.identity.find({ odooId: unmapped })?.cartonaId).toBe('U1');
    expect(side.identity.find({ cartonaId: 'P1' })).toBeUndefined();
    shop.change((env) =>
      env.write('product.template', [Number(env.row('product.product', unmapped)['product_tmpl_id'])], {
        list_price: 20,
      }),
    );
    await side.productsChanged([unmapped]);
    shop.setPrice('P1', 12);
    await side.productsChanged([shop.idOf('P1')]);
    await side.stock.pass();
    await side.price.pass();
    expect(shop.priceAt('U1')).toBe(20);
    expect(shop.priceAt('P1')).toBe(11);
    expect(events.filter(({ level }) => level !== 'info')).toEqual([]);
  });

  it('reads the mapping once for many changes in a row, and not for changes that do not touch it', async () => {
    const { shop, side, later } = await opened();
    let reads = 0;
    const before = side.identity;
    later(3000);
    for (let at = 0; at < 5; at += 1) {
      shop.setPrice('P1', 11.5 + at / 10);
      await side.productsChanged([shop.idOf('P1')]);
    }
    expect(side.identity).toBe(before);
    let known = before;
    for (let at = 0; at < 5; at += 1) {
      shop.write('P2', { active: at % 2 === 1 });
      await side.productsChanged([shop.idOf('P2')]);
      if (side.identity !== known) reads += 1;
      known = side.identity;
    }
    expect(reads).toBe(1);
  });

  it('empties the stock of what is withdrawn, fills it when it is sold again, and does nothing twice', async () => {
    const { shop, side } = await opened();
    for (const [fields, stock] of [
      [{ sale_ok: false }, 0],
      [{ sale_ok: true }, 100],
      [{ active: false }, 0],
      [{ active: true }, 100],
    ] as const) {
      shop.write('P3', fields);
      for (let round = 0; round < 3; round += 1) await side.productsChanged([shop.idOf('P3')]);
      await side.stock.pass();
      expect(shop.stockAt('P3')).toBe(stock);
      await side.productsChanged([shop.idOf('P3')]);
      expect(side.stock.waiting).toBe(0);
    }
    expect(shop.sentStock('P3')).toEqual([0, 100, 0, 100]);
  });

  it('a wrong warehouse that empties it piece by piece is stopped at the bound, however small the pieces', async () => {
    const { shop, side, told, row } = await opened({ products: 18 });
    for (let at = 1; at <= 10; at += 1) {
      shop.count(`P${at}`, 0);
      side.stockChanged([shop.idOf(`P${at}`)]);
      await side.stock.pass();
    }
    // A fifth of twenty.
    expect(
      Array.from({ length: 10 }, (_, at) => shop.stockAt(`P${at + 1}`)).filter((stock) => stock === 0),
    ).toHaveLength(4);
    expect(await row('stock', 'P10')).toMatchObject({ outcome: 'braked', wanted: '0' });
    expect(told('brake').length).toBeGreaterThan(0);
  });

  it('falls to zero that Cartona did not take at first are not held when they are sent again', async () => {
    const { shop, side, told } = await opened({ products: 18 });
    for (const id of ['P1', 'P2', 'P3']) shop.count(id, 0);
    side.stockChanged(['P1', 'P2', 'P3'].map(shop.idOf));
    shop.marketplace.faults.add({ kind: '500', match: { method: 'POST' } });
    expect(await failing(side.stock.pass())).toContain('Cartona');
    await side.stock.pass();
    expect(['P1', 'P2', 'P3'].map(shop.stockAt)).toEqual([0, 0, 0]);
    expect(told('brake')).toEqual([]);
  });

  it('a sweep reads what Cartona lists, brings what was ordered until then, and names every product', async () => {
    const { shop, side } = await opened({ settings: { serve: { sweepMinutes: 0.002 } } });
    shop.marketplace.state.products.update([
      { internal_product_id: 'P1', selling_price: 10.5 },
      { internal_product_id: 'P2', available_stock_quantity: 3 },
    ]);
    const pulls: { readonly listed: boolean; readonly named: number }[] = [];
    const seen = await side.sweep(new AbortController().signal, async () => {
      pulls.push({ listed: shop.marketplace.state.requests.list().length > 0, named: side.stock.waiting });
      return true;
    });
    expect(pulls).toEqual([{ listed: true, named: 0 }]);
    expect(seen).toMatchObject({ variants: 8 });
    expect([side.price.waiting, side.stock.waiting]).toEqual([8, 8]);
    await side.stock.pass();
    await side.price.pass();
    expect([shop.priceAt('P1'), shop.stockAt('P2')]).toEqual([11, 100]);
    expect(shop.sentItems()).toHaveLength(2);
  });

  it('stock that the listing shows lowered is no difference until what was ordered is known: nothing that was sold is put back on sale', async () => {
    const { shop, side } = await opened({ settings: { serve: { sweepMinutes: 0.002 } } });
    shop.marketplace.state.products.update([{ internal_product_id: 'P2', available_stock_quantity: 97 }]);
    const look = async (): Promise<unknown[]> => {
      side.enqueue('stock', [shop.idOf('P2')]);
      await side.stock.pass();
      return shop.sentStock('P2');
    };
    // Another pull that is under way may have read the list before that order was in it.
    let pulls = 0;
    await side.sweep(new AbortController().signal, async () => {
      expect(await look()).toEqual([]);
      pulls += 1;
      return pulls > 1;
    });
    expect(pulls).toBe(2);
    expect(await look()).toEqual([100]);
  });

  it('a sweep ends soon when it is asked to', async () => {
    const { side } = await opened({ settings: { serve: { sweepMinutes: 1440 } } });
    const stop = new AbortController();
    const sweep = side.sweep(stop.signal, async () => true);
    await sleep(100);
    stop.abort();
    expect((await sweep).variants).toBe(0);
    expect(side.price.waiting).toBe(0);
  });
});

describe('the decimals of prices', () => {
  it('are asked for now and then, not for every price', async () => {
    const { shop, session, later } = await opened();
    let asked = 0;
    const odoo: typeof session.odoo = {
      ...session.odoo,
      call: (model, method, ...rest) => {
        if (method === 'fields_get') asked += 1;
        return session.odoo.call(model, method, ...rest);
      },
    };
    const wrapped = { ...session, odoo };
    const side = new CatalogWorker({
      sessions: { price: wrapped, stock: wrapped, sweep: wrapped },
      log: () => undefined,
      onDelivered: () => undefined,
      onUndelivered: () => undefined,
    });
    await side.readMapping();
    const change = async (price: number): Promise<void> => {
      shop.setPrice('P1', price);
      side.price.enqueue([shop.idOf('P1')], session.now());
      await side.price.pass();
      expect(shop.priceAt('P1')).toBe(price);
    };
    await change(11.5);
    await change(12.25);
    expect(asked).toBe(1);
    later(60_000);
    await change(12.5);
    expect(asked).toBe(2);
  });
});

describe("the retailers' demand", () => {
  it('is read once for many, anew when orders changed or it is old, and again after a failure', async () => {
    const { shop, session, side, later } = await opened();
    const { demand } = side;
    demand.invalidate();
    const first = await demand.get();
    expect(await demand.get()).toBe(first);
    demand.invalidate();
    const second = await demand.get();
    expect(second).not.toBe(first);
    later(30_000);
    const third = await demand.get();
    expect(third).not.toBe(second);
    expect(third.at).toBeGreaterThan(second.at);

    const line = { hashedId: 'h1', payload: '{}', version: '1', status: 'pending' };
    await session.store.inbox.receive([line], session.now());
    await session.store.inbox.update('h1', { phase: 'applied', odooId: 1 });
    demand.invalidate();
    shop.odoo.faults.add({ kind: '500' });
    await expect(demand.get()).rejects.toMatchObject({ kind: 'unreachable' });
    await sleep(0);
    expect((await demand.get()).units.size).toBe(0);
  });

  it('is read anew when stock moves that it counted: what is reserved now is not taken off twice', async () => {
    const { shop, session, side } = await opened();
    const id = shop.place([['P1', 2]]);
    await pullOrders(session);
    side.demand.invalidate();
    side.stockChanged([shop.idOf('P1')]);
    await side.stock.pass();
    const ordered = await side.demand.get();
    expect(ordered.units.get('P1')).toBe('2');
    // Nothing has told of the order yet when the poll shows what the confirmation reserved.
    shop.confirm(id);
    side.stockChanged([shop.idOf('P1')]);
    await side.stock.pass();
    expect(shop.stockAt('P1')).toBe(98);
    expect(shop.sentStock('P1').filter((sent) => sent !== 98)).toEqual([]);
    // What moves elsewhere has nothing to do with it.
    const now = await side.demand.get();
    side.stockChanged([shop.idOf('P2')]);
    expect(await side.demand.get()).toBe(now);
  });
});

describe('what a sweep cannot read of the listing', () => {
  it('is logged once for each value, and holds what Odoo says from then on', async () => {
    const { shop, side, told, hint, row } = await opened({ settings: { serve: SWEEPING } });
    const sweep = () => side.sweep(new AbortController().signal, async () => true);
    shop.marketplace.behaviour.listedAs = { P2: { selling_price: '1,250.00' } };
    await sweep();
    await sweep();
    expect(told('listing')).toEqual(['Cartona\'s listing: selling_price of P2 is "1,250.00", which cannot be read.']);
    shop.setPrice('P2', 12.5);
    hint(side.price, 'P2');
    await side.price.pass();
    expect(shop.sentPrices('P2')).toEqual([]);
    expect(await row('price', 'P2')).toMatchObject({ outcome: 'braked', wanted: '12.5' });
    shop.marketplace.behaviour.listedAs = { P2: { selling_price: '1.250,00' } };
    await sweep();
    expect(told('listing')).toHaveLength(2);
  });
});
