import { describe, expect, it, onTestFinished } from 'vitest';
import { OrdersWorker } from '../../../src/lib/live/orders-worker.js';
import { openSession } from '../../../src/lib/open-session.js';
import { pullOrders } from '../../../src/lib/orders/inbox/pull.js';
import { openShop } from '../../fixtures/shop.js';

const LATENCY_MS = 40;

describe('the loop of the orders', () => {
  it('leaves most of the time to taking webhooks while they pour in', async () => {
    const shop = await openShop({ odoo: { latencyMs: LATENCY_MS } });
    const session = await openSession({ profileName: 'default', env: shop.env });
    onTestFinished(() => session.store.close());
    let busy = true;
    const loop = new OrdersWorker({
      session,
      log: () => undefined,
      usable: () => true,
      isIntakeBusy: () => busy,
      onOrdersChanged: () => undefined,
      onSuccess: () => undefined,
      onStates: () => undefined,
    });
    const { signal } = new AbortController();
    const place = async (cartonaId: string): Promise<void> => {
      const id = shop.place([[cartonaId, 1]]);
      await session.store.events.keep(
        [{ kind: 'order', hashedId: id, webhookId: undefined, digest: id, payload: JSON.stringify(shop.orderAt(id)) }],
        session.now(),
      );
      loop.eventsKept();
    };
    const orders = (): number => shop.odoo.store.records('sale.order').length;
    /** Steps until so many orders are in Odoo. @returns how long that took, ms */
    const untilIn = async (count: number, until = signal): Promise<number> => {
      const started = performance.now();
      while (orders() < count) await loop.step(until);
      return performance.now() - started;
    };
    await place('P1');
    // One request to Odoo at least, and four times what the step took.
    expect(await untilIn(1)).toBeGreaterThan(LATENCY_MS * 4.5);
    // Who is to stop does not rest.
    const stop = new AbortController();
    stop.abort();
    await place('P2');
    await untilIn(2, stop.signal);
    busy = false;
    await place('P3');
    await untilIn(3);
    expect(orders()).toBe(3);
  });

  it('compares the states of all open orders for a tenth of the time at most', async () => {
    const shop = await openShop({ odoo: { latencyMs: LATENCY_MS } });
    let ahead = 0;
    const session = await openSession({ profileName: 'default', env: shop.env, now: () => Date.now() + ahead });
    onTestFinished(() => session.store.close());
    let looks = 0;
    const odoo: typeof session.odoo = {
      ...session.odoo,
      major: session.odoo.major,
      call: (model, method, ...rest) => {
        if (model === 'sale.order') looks += 1;
        return session.odoo.call(model, method, ...rest);
      },
    };
    const loop = new OrdersWorker({
      session: { ...session, odoo },
      log: () => undefined,
      usable: () => true,
      isIntakeBusy: () => false,
      onOrdersChanged: () => undefined,
      onSuccess: () => undefined,
      onStates: () => undefined,
    });
    shop.place([['P1', 1]]);
    await pullOrders(session);
    // Does what is due, and does not wait for what is not.
    const ended = AbortSignal.abort();
    const looksOf = async (work: () => Promise<unknown>): Promise<number> => {
      const before = looks;
      await work();
      for (let steps = 0; steps < 5; steps += 1) await loop.step(ended);
      return looks - before;
    };
    expect(await looksOf(() => loop.pullNow())).toBeGreaterThan(0);
    expect(await looksOf(() => loop.pullNow())).toBe(0);
    ahead += 60_000;
    expect(await looksOf(() => loop.pullNow())).toBeGreaterThan(0);
    // One that meets another says so: the other may have read the list before.
    expect((await Promise.all([loop.pullNow(), loop.pullNow()])).sort()).toEqual([false, true]);
  });

  it('tells an acknowledgement that Cartona did not take once more soon, and then at the next pulls', async () => {
    const shop = await openShop({ settings: { serve: { pullMinutes: 60 } } });
    let ahead = 0;
    const session = await openSession({ profileName: 'default', env: shop.env, now: () => Date.now() + ahead });
    onTestFinished(() => session.store.close());
    let deaf = 2;
    const cartona: typeof session.cartona = {
      ...session.cartona,
      acknowledge: (hashedIds) => {
        deaf -= 1;
        return deaf < 0 ? session.cartona.acknowledge(hashedIds) : Promise.resolve();
      },
    };
    const loop = new OrdersWorker({
      session: { ...session, cartona },
      log: () => undefined,
      usable: () => true,
      isIntakeBusy: () => false,
      onOrdersChanged: () => undefined,
      onSuccess: () => undefined,
      onStates: () => undefined,
    });
    const id = shop.place([['P1', 1]]);
    const isListed = (): boolean => shop.marketplace.state.orders.isListed(id);
    const later = async (ms: number): Promise<number> => {
      ahead += ms;
      const before = shop.marketplace.state.requests.list('pull-orders').length;
      for (let steps = 0; steps < 5; steps += 1) await loop.step(AbortSignal.abort());
      return shop.marketplace.state.requests.list('pull-orders').length - before;
    };
    await loop.pullNow();
    expect([deaf, isListed()]).toEqual([1, true]);
    expect(await later(6000)).toBeGreaterThan(0);
    expect([deaf, isListed()]).toEqual([0, true]);
    expect(await later(6000)).toBe(0);
    expect(await later(3_600_000)).toBeGreaterThan(0);
    expect(isListed()).toBe(false);
  });
});
