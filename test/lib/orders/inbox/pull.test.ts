import { describe, expect, it } from 'vitest';
import { pullOrders } from '../../../../src/lib/orders/inbox/pull.js';
import { openWorld, TARGETS, targetName } from '../../../fixtures/orders-world.js';

describe.each(TARGETS.map((target) => [targetName(target), target] as const))(
  'pulling orders into %s',
  (_name, target) => {
    it('creates customer and order, reads them back, and only then acknowledges', async () => {
      const world = await openWorld(target);
      const [p1, p2] = await world.products(['P1', 'P2']);
      const id = world.place(
        [
          { internal_product_id: 'P1', amount: 3, selling_price: 12.5 },
          { internal_product_id: 'P2', amount: 2, selling_price: 7 },
        ],
        { note_message: 'اتصل قبل الوصول', cartona_credit: 10 },
      );
      const result = await pullOrders(world.session);
      const sale = await world.sale(id);
      expect(result).toMatchObject({
        listed: 1,
        changed: 1,
        acknowledged: 1,
        held: [],
        stillHeld: 0,
        unacknowledged: [],
        nameless: [],
      });
      expect(result.applied).toEqual([
        {
          hashedId: id,
          odooName: sale.name,
          status: 'pending',
          done: ['created'],
          cartonaTotal: '51.5',
          odooTotal: '51.5',
          differences: [],
        },
      ]);
      expect(sale).toMatchObject({ state: 'draft', amount_total: 51.5, commitment_date: '2026-11-25 10:00:00' });
      expect(sale.lines).toMatchObject([
        { product_id: p1, product_uom_qty: 3, price_unit: 12.5, [world.lineTaxes]: [] },
        { product_id: p2, product_uom_qty: 2, price_unit: 7, [world.lineTaxes]: [] },
      ]);
      expect(sale.note).toContain('41.50 EGP');
      expect(sale.note).toContain('اتصل قبل الوصول');
      expect(await world.partner(sale.partner_id)).toMatchObject({
        name: 'بقالة النور',
        ref: world.at(id).retailer.retailer_code,
        street: 'شارع فيصل',
      });
      expect(world.listed(id)).toBe(false);
      expect(await world.inbox(id)).toMatchObject({ phase: 'acknowledged', odooName: sale.name, odooTotal: '51.5' });
    });

    it('pulled again, and pulled from another machine, it stays one order', async () => {
      const world = await openWorld(target);
      await world.products(['P1']);
      const id = world.place([{}, {}]);
      await pullOrders(world.session);
      const first = await world.sale(id);
      expect(await pullOrders(world.session)).toMatchObject({ listed: 0, applied: [], acknowledged: 0 });
      world.status(id, 'pending');
      await pullOrders(world.machine());
      expect(await world.sale(id)).toEqual(first);
      expect(world.listed(id)).toBe(false);
    });

    it('one product on two lines stays two lines', async () => {
      const world = await openWorld(target);
      await world.products(['P1']);
      const id = world.place([
        { amount: 5, selling_price: 9 },
        { amount: 2, selling_price: 10 },
      ]);
      await pullOrders(world.session);
      expect((await world.sale(id)).lines).toMatchObject([
        { product_uom_qty: 5, price_unit: 9 },
        { product_uom_qty: 2, price_unit: 10 },
      ]);
    });

    it('a free piece costs nothing, whatever its list price', async () => {
      const world = await openWorld(target);
      await world.products(['P1']);
      const id = world.place([
        { amount: 5, selling_price: 9 },
        { amount: 1, selling_price: 0 },
      ]);
      await pullOrders(world.session);
      expect((await world.sale(id)).amount_total).toBe(45);
    });

    it('brings every state over', async () => {
      const world = await openWorld(target);
      await world.products(['P1']);
      const approved = world.place([{}], { status: 'approved' });
      const assigned = world.place([{}], { status: 'assigned_to_salesman' });
      const delivered = world.place([{ amount: 4 }, {}], { status: 'delivered' });
      const cancelled = world.place([{}], { status: 'cancelled_by_retailer' });
      const editing = world.place([{}], { status: 'editing' });
      const result = await pullOrders(world.session);
      expect(result.acknowledged).toBe(4);
      expect(result.held).toEqual([
        { hashedId: editing, odooName: undefined, status: 'editing', reason: 'the retailer is editing the order' },
      ]);
      expect((await world.sale(approved)).state).toBe('sale');
      expect((await world.sale(assigned)).state).toBe('sale');
      expect((await world.sale(cancelled)).state).toBe('cancel');
      expect(await world.sales(editing)).toEqual([]);
      const done = await world.sale(delivered);
      expect(done).toMatchObject(world.major >= 17 ? { state: 'sale', locked: true } : { state: 'done' });
      expect(
        await world.call('stock.picking', 'search_count', {
          domain: [
            ['sale_id', '=', done.id],
            ['state', '!=', 'done'],
          ],
        }),
      ).toBe(0);
      expect(
        await world.call('stock.picking', 'search_count', {
          domain: [
            ['sale_id', '=', done.id],
            ['state', '=', 'done'],
          ],
        }),
      ).toBe(1);
      expect(await world.inbox(delivered)).toMatchObject({ closed: true });
      expect(await world.inbox(approved)).toMatchObject({ closed: false });
    });

    it('what cannot be made whole is not half-created: it is named once, kept, and tried again', async () => {
      const world = await openWorld(target);
      await world.products(['P1']);
      const id = world.place([{ internal_product_id: 'P1' }, { internal_product_id: 'P2', product_name: 'شاي' }]);
      const good = world.place([{}]);
      const first = await pullOrders(world.session);
      expect(first.held).toMatchObject([
        { hashedId: id, reason: expect.stringContaining(`map set PRODUCT ${world.id('P2')}`) as string },
      ]);
      expect(first.held[0]?.reason).toContain('شاي');
      expect(first.acknowledged).toBe(1);
      expect(await world.sales(id)).toEqual([]);
      expect(world.listed(id)).toBe(true);
      expect((await world.sale(good)).state).toBe('draft');
      expect(await pullOrders(world.session)).toMatchObject({ held: [], stillHeld: 1 });
      await world.products(['P2']);
      expect(await pullOrders(world.session)).toMatchObject({
        applied: [{ hashedId: id }],
        acknowledged: 1,
        held: [],
        stillHeld: 0,
      });
      expect((await world.sale(id)).lines).toHaveLength(2);
    });

    it('a product that is archived, or an id that two hold, holds the order with its own reason', async () => {
      const world = await openWorld(target);
      const [archived, twin] = await world.products(['OLD', 'TWIN', 'TWIN']);
      await world.write('product.product', archived ?? 0, { active: '0' });
      await world.write('product.product', twin ?? 0, { active: '0' });
      const old = world.place([{ internal_product_id: 'OLD' }]);
      const doubled = world.place([{ internal_product_id: 'TWIN' }]);
      const none = world.place([{ internal_product_id: null }]);
      const { held } = await pullOrders(world.session);
      const reasons = new Map(held.map((order) => [order.hashedId, order.reason]));
      expect(reasons.get(old)).toContain('archived');
      expect(reasons.get(doubled)).toContain('several products');
      expect(reasons.get(none)).toContain('internal_product_id');
    });

    it('an order that Odoo refuses does not keep the others out', async () => {
      const world = await openWorld(target);
      await world.products(['P1']);
      const bad = world.place([{ amount: Number.MAX_SAFE_INTEGER, selling_price: 1e15 }], { total_price: 1 });
      const good = [world.place([{}]), world.place([{}]), world.place([{}])];
      const result = await pullOrders(world.session);
      expect(result.applied.map((order) => order.hashedId).sort()).toEqual(expect.arrayContaining(good));
      for (const id of good) expect(world.listed(id)).toBe(false);
      const sales = await world.sales(bad);
      expect(sales.length === 0 ? world.listed(bad) : sales.length === 1).toBe(true);
    });
  },
);
