import { describe, expect, it } from 'vitest';
import { pullOrders } from '../../../../src/lib/orders/inbox/pull.js';
import { pushStates } from '../../../../src/lib/orders/states/push.js';
import type { Session } from '../../../../src/lib/session.js';
import { Killed, mortal, type KillPoint } from '../../../fixtures/killed-clients.js';
import {
  openStagedWorld,
  openWorld,
  TARGETS,
  targetName,
  type Target,
  type World,
} from '../../../fixtures/orders-world.js';

const TARGET: Target = { version: 18, protocol: 'json-rpc' };

/** The product in Odoo, quantity and price of each line, as the marketplace has the order. */
function expectedLines(world: World, id: string, products: ReadonlyMap<string, number>): unknown[] {
  return world
    .at(id)
    .order_details.map((line) => [products.get(line.internal_product_id ?? ''), line.amount, line.selling_price])
    .sort();
}

const actualLines = (sale: Awaited<ReturnType<World['sale']>>): unknown[] =>
  sale.lines.map((line) => [line.product_id, line.product_uom_qty, line.price_unit]).sort();

const STATES: Readonly<Record<string, string>> = {
  pending: 'draft',
  approved: 'sale',
  cancelled_by_retailer: 'cancel',
};

/** Everything that is acknowledged is in Odoo, once and whole. */
async function checkAcknowledged(
  world: World,
  ids: readonly string[],
  products: ReadonlyMap<string, number>,
): Promise<void> {
  for (const id of ids) {
    const sales = await world.sales(id);
    expect(sales.length).toBeLessThanOrEqual(1);
    if (world.listed(id)) continue;
    const [sale] = sales;
    expect(sale).toBeDefined();
    if (!sale) continue;
    expect(sale.state).toBe(STATES[world.at(id).status]);
    if (sale.state !== 'cancel') expect(actualLines(sale)).toEqual(expectedLines(world, id, products));
  }
}

describe('a pull that ends at any moment', () => {
  it('loses nothing, doubles nothing, and acknowledges only what Odoo holds', async () => {
    const world = await openWorld(TARGET);
    const made = await world.products(['P1', 'P2', 'P3']);
    const products = new Map(['P1', 'P2', 'P3'].map((short, at) => [world.id(short), made[at] ?? 0]));

    /** New orders, one to be confirmed, one to be changed and one to be cancelled; the process ends in the middle. */
    async function scenario(point: KillPoint): Promise<boolean> {
      const machine = world.machine();
      const edited = world.place([
        { internal_product_id: 'P1', amount: 3 },
        { internal_product_id: 'P2', amount: 2, selling_price: 5 },
      ]);
      const cancelled = world.place([{}]);
      await pullOrders(machine);
      world.edit(edited, [
        { amount: 7, selling_price: 9 },
        null,
        { internal_product_id: 'P3', amount: 4, selling_price: 2 },
      ]);
      world.status(cancelled, 'cancelled_by_retailer');
      const ids = [
        edited,
        cancelled,
        world.place([{ amount: 2 }, { amount: 1, selling_price: 12 }]),
        world.place([{ internal_product_id: 'P2' }], { status: 'approved' }),
      ];
      const doomed = mortal(machine, point);
      const ended = await pullOrders(doomed.session).then(
        () => true,
        (error: unknown) => {
          if (!(error instanceof Killed)) throw error;
          return false;
        },
      );
      await checkAcknowledged(world, ids, products);
      // The retailer goes on meanwhile: what was created by the run that ended must be recognised as ours, not as a
      // person's.
      world.edit(ids[2] ?? '', [{ amount: 6 }, null]);
      await pullOrders(machine);
      for (const id of ids) expect(world.listed(id)).toBe(false);
      await checkAcknowledged(world, ids, products);
      const rows = await machine.store.inbox.list({ hashedIds: ids });
      expect(rows.map((row) => row.phase)).toEqual(['acknowledged', 'acknowledged', 'acknowledged', 'acknowledged']);
      return ended;
    }

    // Two of every three moments between calls: what is done after one call is what is done before the next.
    let ends = 0;
    for (let call = 1; ends < 2; call += 3) {
      const done = [await scenario({ call, moment: 'before' }), await scenario({ call: call + 1, moment: 'after' })];
      ends = done.filter(Boolean).length;
    }
  }, 300_000);
});

describe('a push that ends at any moment', () => {
  it('leaves no state untold and tells none that is not so', async () => {
    const world = await openWorld(TARGET);
    await world.products(['P1']);
    let ended = false;
    let later = 0;
    for (let call = 1; !ended; call += 1) {
      for (const moment of ['before', 'after'] as const) {
        const machine = { ...world.machine(), now: () => Date.now() + later };
        const ids = [world.place([{}]), world.place([{}])];
        await pullOrders(machine);
        for (const id of ids) await world.call('sale.order', 'action_confirm', { ids: [(await world.sale(id)).id] });
        const doomed = mortal(machine, { call, moment });
        ended = await pushStates(doomed.session, { dryRun: false }).then(
          () => true,
          () => false,
        );
        // What it had taken comes free by itself.
        later += 600_000;
        await pushStates(machine, { dryRun: false });
        for (const id of ids) expect(world.at(id).status).toBe('approved');
        expect(await pullOrders(machine)).toMatchObject({ held: [], stillHeld: 0 });
        expect(await pushStates(machine, { dryRun: false })).toMatchObject({
          pushed: [],
          refused: [],
          stillRefused: 0,
          unknown: [],
        });
      }
    }
  }, 300_000);
});

describe.each(TARGETS.map((target) => [targetName(target), target] as const))(
  'several machines that pull at the same moment into %s',
  (_name, target) => {
    it('create each order and each customer once', async () => {
      const world = await openWorld(target);
      const [p1] = await world.products(['P1']);
      const ids = Array.from({ length: 12 }, () => world.place([{ amount: 2 }, { amount: 1, selling_price: 8 }]));
      const machines: Session[] = Array.from({ length: 4 }, () => world.machine());
      await Promise.all(machines.map((machine) => pullOrders(machine)));
      for (const id of ids) {
        const sale = await world.sale(id);
        expect(actualLines(sale)).toEqual([
          [p1, 1, 8],
          [p1, 2, 10],
        ]);
        expect(
          await world.call('res.partner', 'search_count', {
            domain: [['ref', '=', world.at(id).retailer.retailer_code]],
          }),
        ).toBe(1);
      }
      await pullOrders(world.session);
      for (const id of ids) expect(world.listed(id)).toBe(false);
    });
  },
);

describe('what goes wrong on the way', () => {
  it.each(['drop-after', '504-after', 'malformed', 'drop-before', '500', 'serialization'] as const)(
    '%s while orders are created: one order',
    async (kind) => {
      const { simulated, world } = await openStagedWorld();
      const id = world.place([{ amount: 2 }]);
      simulated.faults.add({ kind, match: { model: 'sale.order', method: 'load' } });
      await pullOrders(world.session).catch(() => undefined);
      await pullOrders(world.session);
      expect((await world.sale(id)).lines).toHaveLength(1);
      expect(world.listed(id)).toBe(false);
    },
  );

  it.each(['drop-after', '504-after'] as const)(
    '%s while an order is confirmed: it is read back, not confirmed again',
    async (kind) => {
      const { simulated, world } = await openStagedWorld();
      const id = world.place([{ amount: 2 }], { status: 'approved' });
      simulated.faults.add({ kind, match: { model: 'sale.order', method: 'action_confirm' } });
      expect(await pullOrders(world.session)).toMatchObject({ applied: [{ done: ['created', 'confirm'] }], held: [] });
      expect((await world.sale(id)).state).toBe('sale');
    },
  );

  it('an edit that the retailer makes while orders are written is seen before the acknowledgement', async () => {
    const { world } = await openStagedWorld();
    const id = world.place([{ amount: 2 }]);
    const { odoo } = world.session;
    let edited = false;
    const session: Session = {
      ...world.session,
      odoo: {
        ...odoo,
        call: async (model, method, args, answer, options) => {
          const result = await odoo.call(model, method, args, answer, options);
          if (model === 'sale.order' && method === 'load' && !edited) {
            edited = true;
            world.edit(id, [{ amount: 9 }]);
          }
          return result;
        },
      },
    };
    expect(await pullOrders(session)).toMatchObject({
      applied: [{ done: ['created', 'changed'], odooTotal: '90' }],
      acknowledged: 1,
    });
    expect((await world.sale(id)).lines).toMatchObject([{ product_uom_qty: 9 }]);
    expect(world.listed(id)).toBe(false);
  });

  it('an acknowledgement that Cartona does not take is said, and told again at the next run', async () => {
    const { world } = await openStagedWorld();
    const id = world.place([{}]);
    const deaf: Session = {
      ...world.session,
      cartona: { ...world.session.cartona, acknowledge: async () => undefined },
    };
    expect(await pullOrders(deaf)).toMatchObject({ acknowledged: 1, unacknowledged: [id] });
    expect(await pullOrders(world.session)).toMatchObject({ applied: [], acknowledged: 1, unacknowledged: [] });
    expect(world.listed(id)).toBe(false);
  });

  it('every page is read before any order is acknowledged', async () => {
    const { world } = await openStagedWorld();
    const ids = Array.from({ length: 230 }, () => world.place([{}]));
    expect(await pullOrders(world.session)).toMatchObject({ listed: 230, acknowledged: 230 });
    const requests = world.market.state.requests.list();
    const firstAcknowledgement = requests.findIndex((request) => request.method === 'POST');
    const pagesBefore = new Set(
      requests.slice(0, firstAcknowledgement).map((request) => String((request.query as { page?: unknown }).page)),
    );
    expect([...pagesBefore].sort()).toEqual(['1', '2', '3']);
    for (const id of ids) expect(world.listed(id)).toBe(false);
  }, 120_000);

  it('a second pull at the same time leaves at once', async () => {
    const { world } = await openStagedWorld();
    world.place([{}]);
    const first = pullOrders(world.session);
    await expect(pullOrders(world.session)).rejects.toMatchObject({
      kind: 'busy',
      message: expect.stringContaining('orders pull') as string,
    });
    expect(await first).toMatchObject({ acknowledged: 1 });
  });

  it('an order that cannot be read is kept and named, and the others go on', async () => {
    const { world } = await openStagedWorld();
    const broken = world.place([{}], { total_price: 'much' });
    const nameless = world.place([{}]);
    const good = world.place([{}]);
    Object.assign(world.at(nameless), { hashed_id: null });
    const result = await pullOrders(world.session);
    expect(result).toMatchObject({
      held: [{ hashedId: broken, status: 'unreadable', reason: expect.stringContaining('total_price') as string }],
      nameless: [expect.stringContaining('hashed_id')],
      acknowledged: 1,
    });
    expect(world.listed(good)).toBe(false);
    expect(world.listed(broken)).toBe(true);
  });
});
