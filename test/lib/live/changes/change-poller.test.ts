import { describe, expect, it, onTestFinished } from 'vitest';
import type { OdooClient } from '../../../../src/lib/odoo/client.js';
import type { Watched } from '../../../../src/lib/live/changes/change-queries.js';
import { ChangePoller } from '../../../../src/lib/live/changes/change-poller.js';
import { openSession } from '../../../../src/lib/open-session.js';
import type { OdooOptions } from '../../../../src/sandbox/odoo/odoo.js';
import { countIn, openShop } from '../../../fixtures/shop.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/**
 * A listener on a real shop whose clock the test moves; Odoo's clock goes with it, that far ahead. All that was written
 * before lies days back.
 */
async function listening(options: Pick<OdooOptions, 'version'> & { aheadMs?: number } = {}) {
  let now = Date.UTC(2026, 10, 23, 4, 0, 0);
  const shop = await openShop({
    odoo: {
      ...(options.version ? { version: options.version } : {}),
      clock: () => new Date(now + (options.aheadMs ?? 0)),
    },
  });
  const stored = await openSession({
    profileName: 'default',
    env: shop.env,
    timeouts: { attempts: 1, cartonaTimeoutMs: 1000 },
    now: () => now,
  });
  onTestFinished(() => stored.store.close());
  now += 3 * 86_400_000;
  let requests = 0;
  const counted: OdooClient = {
    ...stored.odoo,
    call: (...args) => {
      requests += 1;
      return stored.odoo.call(...args);
    },
  };
  const seen: Record<Watched, Set<number>> = { price: new Set(), stock: new Set(), order: new Set() };
  const tail = new ChangePoller({ ...stored, odoo: counted }, (watched, looked) => {
    for (const id of [...looked.now, ...looked.recheck]) seen[watched].add(id);
  });
  const poll = async (afterMs = 500): Promise<Record<Watched, number[]>> => {
    now += afterMs;
    for (const ids of Object.values(seen)) ids.clear();
    await tail.poll();
    return {
      price: [...seen.price].sort((a, b) => a - b),
      stock: [...seen.stock].sort((a, b) => a - b),
      order: [...seen.order],
    };
  };
  return {
    shop,
    tail,
    /** Polls after so long; gives what that poll showed. */
    poll,
    /** Polls until what was written before is past. */
    quiet: async (): Promise<void> => {
      for (let round = 0; round < 3; round += 1) await poll(6 * MINUTE);
    },
    /** Lets time pass. */
    pass: (ms: number): void => {
      now += ms;
    },
    /** How many requests there were since it was last asked. */
    requests: (): number => {
      const count = requests;
      requests = 0;
      return count;
    },
  };
}

const NOTHING = { price: [], stock: [], order: [] };

describe.each([16, 18, 19] as const)('the listener on Odoo %i', (version) => {
  it('notices prices, extras, counts, reservations and orders, each as what it is', async () => {
    const { shop, poll, quiet } = await listening({ version });
    const { idOf } = shop;
    expect(await poll()).toEqual(NOTHING);

    shop.setPrice('P1', 12.5);
    expect((await poll()).price).toEqual([idOf('P1')]);

    await quiet();
    shop.setPrice('V1', 60);
    expect((await poll()).price).toEqual([idOf('V1'), idOf('V2')].sort((a, b) => a - b));

    await quiet();
    shop.change((env) => {
      const [value] = env.search('product.template.attribute.value', [['price_extra', '=', 1.25]]);
      env.write('product.template.attribute.value', [value ?? 0], { price_extra: 2.5 });
    });
    expect((await poll()).price).toContain(idOf('V2'));

    await quiet();
    shop.write('P3', { active: false });
    expect((await poll()).price).toEqual([idOf('P3')]);

    await quiet();
    shop.count('P2', 42);
    expect((await poll()).stock).toEqual([idOf('P2')]);

    await quiet();
    shop.sell('P4', 3);
    const sold = await poll();
    expect(sold.stock).toEqual([idOf('P4')]);
    expect(sold.order).toHaveLength(1);
    expect(sold.price).toEqual([]);

    await quiet();
    expect(await poll()).toEqual(NOTHING);
  });
});

describe('the listener', () => {
  it('when nothing changes asks three questions at each poll, for hours', async () => {
    const { poll, requests, pass } = await listening();
    await poll();
    requests();
    for (let round = 0; round < 20; round += 1) await poll(1500);
    expect(requests()).toBe(60);
    pass(2 * 3_600_000);
    await poll();
    // One more for Odoo's clock, which is asked for now and then.
    expect(requests()).toBe(4);
  });

  it('while something changes asks at most twice as much, and back to little when all is quiet', async () => {
    const { shop, poll, quiet, requests } = await listening();
    await poll();
    requests();
    for (let round = 0; round < 20; round += 1) {
      shop.setPrice('P1', 20 + round);
      await poll(500);
    }
    expect(requests()).toBeLessThanOrEqual(90);
    await quiet();
    await poll();
    requests();
    await poll();
    expect(requests()).toBe(3);
  });

  it.each([15 * SECOND, 70 * SECOND, 4 * MINUTE])(
    'notices what a transaction writes that stays open for %i ms, when it is committed and not before',
    async (held) => {
      const { shop, poll } = await listening();
      await poll();
      const open = shop.odoo.store.open();
      open.change((env) => {
        env.write('product.template', [shop.templateOf('P1')], { list_price: 12.75 });
        countIn(env, shop.idOf('P2'), 41);
      });
      // Others change things meanwhile.
      for (let passed = 0; passed < held; passed += 5 * SECOND) {
        shop.setPrice('P5', 30 + passed / 1e6);
        const { price, stock } = await poll(5 * SECOND);
        expect([price.includes(shop.idOf('P1')), stock.includes(shop.idOf('P2'))]).toEqual([false, false]);
      }
      open.commit();
      const first = await poll(2000);
      expect([first.price.includes(shop.idOf('P1')), first.stock.includes(shop.idOf('P2'))]).toEqual([true, true]);
    },
  );

  it('misses nothing that was written while Odoo could not be asked, however long that was', async () => {
    const { shop, poll, pass } = await listening();
    await poll();
    const long = shop.odoo.store.open();
    long.change((env) => env.write('product.template', [shop.templateOf('P3')], { list_price: 12.75 }));
    pass(3 * MINUTE);
    shop.odoo.faults.add({ kind: '500', rate: 1 });
    await expect(poll()).rejects.toMatchObject({ kind: 'unreachable' });
    shop.setPrice('P1', 12.5);
    pass(40 * MINUTE);
    long.commit();
    await expect(poll()).rejects.toMatchObject({ kind: 'unreachable' });
    shop.count('P2', 42);
    pass(40 * MINUTE);
    await expect(poll()).rejects.toMatchObject({ kind: 'unreachable' });
    shop.odoo.faults.clear();
    const { price, stock } = await poll();
    expect(price).toEqual([shop.idOf('P1'), shop.idOf('P3')].sort((a, b) => a - b));
    expect(stock).toEqual([shop.idOf('P2')]);
  });

  it('misses nothing where only one of its questions failed', async () => {
    const { shop, poll } = await listening();
    await poll();
    shop.setPrice('P1', 12.5);
    shop.count('P2', 42);
    shop.odoo.faults.add({ kind: '500', match: { model: 'product.product' }, times: 1 });
    await expect(poll()).rejects.toMatchObject({ kind: 'unreachable' });
    const { price, stock } = await poll(MINUTE);
    expect([price.includes(shop.idOf('P1')), stock.includes(shop.idOf('P2'))]).toEqual([true, true]);
  });

  it.each([5 * SECOND, -5 * SECOND, 3 * 3_600_000, -20 * MINUTE])(
    "takes Odoo's clock for what it is: %i ms ahead",
    async (aheadMs) => {
      const { shop, poll, quiet } = await listening({ aheadMs });
      expect(await poll()).toEqual(NOTHING);
      shop.setPrice('P1', 12.5);
      expect((await poll()).price).toEqual([shop.idOf('P1')]);
      // The windows are of the same length: what is past is past.
      const later = await poll(20 * SECOND);
      expect(later.stock).toEqual([]);
      await quiet();
      expect(await poll()).toEqual(NOTHING);
    },
  );

  it('where Odoo does not tell the time, goes by its own', async () => {
    const { shop, poll } = await listening();
    shop.odoo.faults.add({ kind: 'malformed', match: { model: 'sale.order', method: 'default_get' } });
    expect(await poll()).toEqual(NOTHING);
    shop.setPrice('P1', 12.5);
    expect((await poll()).price).toEqual([shop.idOf('P1')]);
  });

  it('after a hint asks only for what it was about', async () => {
    const { shop, tail, poll, requests } = await listening();
    await poll();
    requests();
    shop.setPrice('P1', 12.5);
    await tail.poll('stock');
    expect(requests()).toBe(1);
    expect((await poll()).price).toEqual([shop.idOf('P1')]);
  });
});
