import { describe, expect, it } from 'vitest';
import { CartonaError } from '../../../../src/lib/common/errors.js';
import { pullOrders } from '../../../../src/lib/orders/inbox/pull.js';
import { pushStates } from '../../../../src/lib/orders/states/push.js';
import type { Session } from '../../../../src/lib/session.js';
import { loaded, openWorld, TARGETS, targetName, type Target, type World } from '../../../fixtures/orders-world.js';

/** An order of two lines (3 × 10 and 2 × 5) that Odoo holds and Cartona has seen acknowledged. */
async function pulled(target: Target): Promise<{ world: World; id: string; products: number[] }> {
  const world = await openWorld(target);
  const products = await world.products(['P1', 'P2', 'P3']);
  const id = world.place([
    { internal_product_id: 'P1', amount: 3, selling_price: 10 },
    { internal_product_id: 'P2', amount: 2, selling_price: 5 },
  ]);
  await pullOrders(world.session);
  return { world, id, products };
}

const lines = async (world: World, id: string): Promise<[number, number, number][]> =>
  (await world.sale(id)).lines.map((line) => [line.product_id, line.product_uom_qty, line.price_unit]);

/** A salesperson changes a line of the order, by position. */
async function sell(world: World, id: string, at: number, quantity: number): Promise<void> {
  const line = (await world.sale(id)).lines[at];
  await world.write('sale.order.line', line?.id ?? 0, {
    product_uom_qty: String(quantity),
    price_unit: String(line?.price_unit ?? 0),
  });
}

const confirm = async (world: World, id: string): Promise<void> => {
  await world.call('sale.order', 'action_confirm', { ids: [(await world.sale(id)).id] });
};

describe.each(TARGETS.map((target) => [targetName(target), target] as const))(
  "a retailer's edits and Cartona's changes of an order that is in Odoo, in %s",
  (_name, target) => {
    it('an edit of a quotation: changed, added and removed lines are brought over, quantity and price together', async () => {
      const {
        world,
        id,
        products: [p1, , p3],
      } = await pulled(target);
      world.edit(id, [
        { amount: 7, selling_price: 9.5 },
        null,
        { internal_product_id: 'P3', amount: 4, selling_price: 2 },
      ]);
      const result = await pullOrders(world.session);
      expect(result).toMatchObject({
        applied: [{ done: ['changed'], odooTotal: '74.5', differences: [] }],
        acknowledged: 1,
      });
      expect(await lines(world, id)).toEqual([
        [p1, 7, 9.5],
        [p3, 4, 2],
      ]);
      expect(world.listed(id)).toBe(false);
    });

    it("an edit of a quantity only: the price stays the order's", async () => {
      const {
        world,
        id,
        products: [p1, p2],
      } = await pulled(target);
      world.edit(id, [{ amount: 8 }]);
      await pullOrders(world.session);
      expect(await lines(world, id)).toEqual([
        [p1, 8, 10],
        [p2, 2, 5],
      ]);
    });

    it('what a salesperson changed stays, and a note in Odoo names the different total, once', async () => {
      const {
        world,
        id,
        products: [p1, p2],
      } = await pulled(target);
      await sell(world, id, 1, 6);
      world.edit(id, [{ amount: 4 }]);
      const result = await pullOrders(world.session);
      expect(result.applied).toMatchObject([
        { cartonaTotal: '50', odooTotal: '70', differences: ["the total in Odoo is 70.00, Cartona's is 50.00"] },
      ]);
      expect(await lines(world, id)).toEqual([
        [p1, 4, 10],
        [p2, 6, 5],
      ]);
      world.status(id, 'pending', { receipt_id: null, distribution_route_code: 'R-9' });
      await pullOrders(world.session);
      expect((await world.messages((await world.sale(id)).id)).filter((body) => body.includes('70.00'))).toHaveLength(
        1,
      );
    });

    it('a line that both changed is held, both sides named, nothing written, not acknowledged; made equal in Odoo it goes on', async () => {
      const {
        world,
        id,
        products: [p1, p2],
      } = await pulled(target);
      await sell(world, id, 0, 6);
      world.edit(id, [{ amount: 4 }, { amount: 9 }]);
      const { held, acknowledged } = await pullOrders(world.session);
      expect(held).toMatchObject([
        { hashedId: id, reason: expect.stringMatching(/Odoo 6 × 10, Cartona 4 × 10/) as string },
      ]);
      expect(acknowledged).toBe(0);
      expect(await lines(world, id)).toEqual([
        [p1, 6, 10],
        [p2, 2, 5],
      ]);
      expect(world.listed(id)).toBe(true);
      await sell(world, id, 0, 4);
      expect(await pullOrders(world.session)).toMatchObject({
        applied: [{ done: ['changed'] }],
        acknowledged: 1,
        stillHeld: 0,
      });
      expect(await lines(world, id)).toEqual([
        [p1, 4, 10],
        [p2, 9, 5],
      ]);
    });

    it('an edit of an approved order: the order is held; changed in Odoo to match, it is acknowledged', async () => {
      const { world, id } = await pulled(target);
      await confirm(world, id);
      world.edit(id, [{ amount: 4 }]);
      const { held } = await pullOrders(world.session);
      expect(held[0]?.reason).toMatch(/confirmed in Odoo.*from 3 × 10 to 4 × 10/);
      expect(await pullOrders(world.session)).toMatchObject({ held: [], stillHeld: 1, acknowledged: 0 });
      await sell(world, id, 0, 4);
      expect(await pullOrders(world.session)).toMatchObject({ stillHeld: 0, acknowledged: 1 });
    });

    it('a cancellation is applied to a quotation and to a confirmed, even locked order', async () => {
      const { world, id } = await pulled(target);
      const other = world.place([{}]);
      await pullOrders(world.session);
      await confirm(world, other);
      await world.call('sale.order', world.major >= 17 ? 'action_lock' : 'action_done', {
        ids: [(await world.sale(other)).id],
      });
      world.status(id, 'cancelled_by_retailer', { cancellation_reason: 'delayed_order' });
      world.status(other, 'cancelled_by_supplier');
      expect(await pullOrders(world.session)).toMatchObject({ acknowledged: 2, held: [] });
      expect((await world.sale(id)).state).toBe('cancel');
      expect((await world.sale(id)).note).toContain('delayed_order');
      expect((await world.sale(other)).state).toBe('cancel');
      expect(
        await world.call('stock.picking', 'search_count', {
          domain: [
            ['sale_id', '=', (await world.sale(other)).id],
            ['state', '!=', 'cancel'],
          ],
        }),
      ).toBe(0);
    });

    it('cancelled after the goods left: for a person, until it is cancelled in Odoo', async () => {
      const { world, id } = await pulled(target);
      world.status(id, 'delivered');
      await pullOrders(world.session);
      world.status(id, 'cancelled_by_supplier');
      const { held } = await pullOrders(world.session);
      expect(held[0]?.reason).toMatch(/OUT\/\d+, done/);
      const { id: saleId } = await world.sale(id);
      if (world.major >= 17) await world.call('sale.order', 'action_unlock', { ids: [saleId] });
      await world.call('sale.order', 'action_cancel', { ids: [saleId], context: { disable_cancel_warning: true } });
      expect(await pullOrders(world.session)).toMatchObject({ stillHeld: 0, acknowledged: 1 });
    });

    it('returned: for a person, with the delivery named', async () => {
      const { world, id } = await pulled(target);
      world.status(id, 'delivered');
      await pullOrders(world.session);
      world.status(id, 'returned');
      expect((await pullOrders(world.session)).held[0]?.reason).toMatch(/returned.*OUT\/\d+, done/);
      expect(world.listed(id)).toBe(true);
    });

    it('a state that goes on confirms and delivers, and one that is behind undoes nothing', async () => {
      const { world, id } = await pulled(target);
      await confirm(world, id);
      world.status(id, 'pending', { note_message: 'x' });
      expect(await pullOrders(world.session)).toMatchObject({ applied: [{ done: ['changed'] }], acknowledged: 1 });
      expect((await world.sale(id)).state).toBe('sale');
      world.status(id, 'assigned_to_salesman');
      expect(await pullOrders(world.session)).toMatchObject({ applied: [{ done: [] }], acknowledged: 1 });
      world.status(id, 'delivered');
      expect(await pullOrders(world.session)).toMatchObject({
        applied: [{ done: ['deliver', 'lock'] }],
        acknowledged: 1,
      });
    });

    it('being edited by the retailer it waits, and comes over once it is pending again', async () => {
      const {
        world,
        id,
        products: [p1, p2],
      } = await pulled(target);
      world.status(id, 'editing');
      expect(await pullOrders(world.session)).toMatchObject({
        held: [{ hashedId: id, status: 'editing' }],
        acknowledged: 0,
      });
      world.status(id, 'pending');
      world.edit(id, [undefined, { amount: 1 }]);
      expect(await pullOrders(world.session)).toMatchObject({ acknowledged: 1, stillHeld: 0 });
      expect(await lines(world, id)).toEqual([
        [p1, 3, 10],
        [p2, 1, 5],
      ]);
    });

    it('note and delivery day follow Cartona, unless a person changed them', async () => {
      const { world, id } = await pulled(target);
      world.status(id, 'pending', { delivery_day: '2026-12-01', distribution_route_code: 'R-9' });
      await pullOrders(world.session);
      expect(await world.sale(id)).toMatchObject({
        commitment_date: '2026-12-01 10:00:00',
        note: expect.stringContaining('R-9') as string,
      });
      await world.write('sale.order', (await world.sale(id)).id, {
        note: 'mine',
        commitment_date: '2026-12-05 08:00:00',
      });
      world.status(id, 'pending', { delivery_day: '2026-12-02', distribution_route_code: 'R-10' });
      await pullOrders(world.session);
      expect(await world.sale(id)).toMatchObject({
        commitment_date: '2026-12-05 08:00:00',
        note: expect.stringContaining('mine') as string,
      });
    });

    it("deleted in Odoo, it is not made again behind a person's back", async () => {
      const { world, id } = await pulled(target);
      const { id: saleId, name } = await world.sale(id);
      await world.call('sale.order', 'action_cancel', { ids: [saleId], context: { disable_cancel_warning: true } });
      await world.call('sale.order', 'unlink', { ids: [saleId] });
      world.edit(id, [{ amount: 4 }]);
      expect((await pullOrders(world.session)).held).toMatchObject([
        { reason: expect.stringContaining(`${name} was deleted in Odoo`) as string },
      ]);
      expect(await world.sales(id)).toEqual([]);
      world.status(id, 'cancelled_by_supplier');
      expect(await pullOrders(world.session)).toMatchObject({ acknowledged: 1, stillHeld: 0 });
    });

    it('deleted in Odoo while nothing happens at Cartona, it waits for a person', async () => {
      const { world, id } = await pulled(target);
      const { id: saleId, name } = await world.sale(id);
      await world.call('sale.order', 'unlink', { ids: [saleId] });
      expect(await pushStates(world.session, { dryRun: false })).toMatchObject({
        waiting: [{ hashedId: id, reason: expect.stringContaining(`${name} was deleted in Odoo`) as string }],
      });
      expect(await world.inbox(id)).toMatchObject({ phase: 'held' });
      expect((await pullOrders(world.session)).held).toMatchObject([{ hashedId: id }]);
      world.status(id, 'cancelled_by_retailer');
      expect(await pullOrders(world.session)).toMatchObject({ acknowledged: 1, stillHeld: 0 });
      expect(await pushStates(world.session, { dryRun: false })).toMatchObject({ waiting: [] });
    });

    it('a machine that never saw the order takes nothing for granted: equal it goes on, different it waits for the one that knows', async () => {
      const {
        world,
        id,
        products: [p1, p2],
      } = await pulled(target);
      const other = world.machine();
      world.edit(id, [{ amount: 4 }]);
      expect(await pullOrders(other)).toMatchObject({
        held: [{ reason: expect.stringContaining('not known who changed it') as string }],
        acknowledged: 0,
      });
      expect(await lines(world, id)).toEqual([
        [p1, 3, 10],
        [p2, 2, 5],
      ]);
      expect(await pullOrders(other)).toMatchObject({ stillHeld: 1, acknowledged: 0 });
      expect(await pullOrders(world.session)).toMatchObject({ applied: [{ done: ['changed'] }], acknowledged: 1 });
      expect(await pullOrders(other)).toMatchObject({ stillHeld: 0 });
      expect(await lines(world, id)).toEqual([
        [p1, 4, 10],
        [p2, 2, 5],
      ]);
    });

    it('a line that a salesperson added is theirs', async () => {
      const {
        world,
        id,
        products: [p1, p2, p3],
      } = await pulled(target);
      await loaded(
        world.admin,
        'sale.order.line',
        ['order_id/.id', 'product_id/.id', 'product_uom_qty', 'price_unit', world.lineTaxes],
        [[String((await world.sale(id)).id), String(p3), '1', '1', '']],
      );
      world.edit(id, [{ amount: 4 }]);
      await pullOrders(world.session);
      expect(await lines(world, id)).toEqual([
        [p1, 4, 10],
        [p2, 2, 5],
        [p3, 1, 1],
      ]);
    });
  },
);

describe('a right that the user lacks', () => {
  it('holds the order it is needed for, and no other', async () => {
    const world = await openWorld({ version: 18, protocol: 'json-rpc' });
    await world.products(['P1']);
    const delivered = world.place([{}], { status: 'delivered' });
    const good = world.place([{}]);
    const { odoo } = world.session;
    const session: Session = {
      ...world.session,
      odoo: {
        ...odoo,
        call: async (model, method, args, answer, options) => {
          if (model === 'stock.picking' && method === 'button_validate')
            throw new CartonaError(
              'credentials',
              'Odoo refused to button_validate stock.picking: You are not allowed to modify it.',
            );
          return odoo.call(model, method, args, answer, options);
        },
      },
    };
    expect(await pullOrders(session)).toMatchObject({
      applied: [{ hashedId: good }],
      acknowledged: 1,
      held: [{ hashedId: delivered, reason: expect.stringContaining('not allowed') as string }],
    });
    expect(await pullOrders(world.session)).toMatchObject({
      applied: [{ hashedId: delivered, done: ['deliver', 'lock'] }],
      acknowledged: 1,
      stillHeld: 0,
    });
  });
});
