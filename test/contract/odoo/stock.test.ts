import { z } from 'zod';
import { expect, it } from 'vitest';
import {
  confirmed,
  customer,
  linesOf,
  mainWarehouse,
  order,
  otherWarehouse,
  product,
  putStock,
  quantOf,
  storable,
} from '../../fixtures/odoo-contract/goods.js';
import { contract, type Odoo } from '../../fixtures/odoo-contract/subjects.js';

const QUANTITIES = ['qty_available', 'free_qty', 'virtual_available'];

const groups = z.array(
  z.looseObject({
    product_id: z.tuple([z.number(), z.string()]),
    quantity: z.number(),
    reserved_quantity: z.number(),
    __count: z.number(),
  }),
);

async function quantSums(odoo: Odoo, products: readonly number[], location: number): Promise<z.infer<typeof groups>> {
  return groups.parse(
    await odoo.call('stock.quant', 'read_group', {
      domain: [
        ['product_id', 'in', products],
        ['location_id', 'child_of', [location]],
      ],
      fields: ['quantity:sum', 'reserved_quantity:sum'],
      groupby: ['product_id'],
      lazy: false,
    }),
  );
}

contract('stock', (odoo) => {
  it('a confirmed order reserves: free goes down, on hand stays, the forecast goes down', async () => {
    const { stock } = await mainWarehouse(odoo);
    const id = await product(odoo);
    await putStock(odoo, id, stock, 10);
    await confirmed(odoo, await customer(odoo), [{ product: id, quantity: 4 }]);
    expect(await odoo.read('product.product', id, QUANTITIES)).toMatchObject({
      qty_available: 10,
      free_qty: 6,
      virtual_available: 6,
    });
    expect(await quantOf(odoo, id, stock)).toMatchObject({ quantity: 10, reserved_quantity: 4 });
  });

  it('a draft order reserves nothing', async () => {
    const { stock } = await mainWarehouse(odoo);
    const id = await product(odoo);
    await putStock(odoo, id, stock, 10);
    await order(odoo, await customer(odoo), [{ product: id, quantity: 4 }]);
    expect(await odoo.read('product.product', id, QUANTITIES)).toMatchObject({
      qty_available: 10,
      free_qty: 10,
      virtual_available: 10,
    });
  });

  it('with nothing on hand a confirmed order reserves nothing, but the forecast falls below zero', async () => {
    const id = await product(odoo);
    await confirmed(odoo, await customer(odoo), [{ product: id, quantity: 3 }]);
    expect(await odoo.read('product.product', id, QUANTITIES)).toMatchObject({
      qty_available: 0,
      free_qty: 0,
      virtual_available: -3,
    });
  });

  it('the context key of a warehouse is `warehouse` up to 17 and `warehouse_id` from 18 on; the other one is ignored in silence', async () => {
    const [main, other] = [await mainWarehouse(odoo), await otherWarehouse(odoo)];
    const id = await product(odoo);
    await putStock(odoo, id, main.stock, 10);
    await putStock(odoo, id, other.stock, 7);
    const [right, wrong] = odoo.major >= 18 ? ['warehouse_id', 'warehouse'] : ['warehouse', 'warehouse_id'];
    expect(await odoo.read('product.product', id, QUANTITIES, { [right]: other.id })).toMatchObject({
      qty_available: 7,
      free_qty: 7,
    });
    expect(await odoo.read('product.product', id, QUANTITIES, { [wrong]: other.id })).toMatchObject({
      qty_available: 17,
      free_qty: 17,
    });
  });

  it('the context key `location` works everywhere, with one location or several, and takes those below with it', async () => {
    const [main, other] = [await mainWarehouse(odoo), await otherWarehouse(odoo)];
    const id = await product(odoo);
    const shelf = await odoo.create('stock.location', { name: odoo.tag, location_id: main.stock, usage: 'internal' });
    await putStock(odoo, id, shelf, 3);
    await putStock(odoo, id, other.stock, 7);
    expect(await odoo.read('product.product', id, QUANTITIES, { location: main.stock })).toMatchObject({ free_qty: 3 });
    expect(await odoo.read('product.product', id, QUANTITIES, { location: other.stock })).toMatchObject({
      free_qty: 7,
    });
    expect(await odoo.read('product.product', id, QUANTITIES, { location: [main.stock, other.stock] })).toMatchObject({
      free_qty: 10,
    });
  });

  it('sums of quants by product over location_id child_of give on hand and reserved; a product without quants has no row', async () => {
    const { stock, view } = await mainWarehouse(odoo);
    const [id, none] = [await product(odoo), await product(odoo)];
    await putStock(odoo, id, stock, 10);
    await confirmed(odoo, await customer(odoo), [{ product: id, quantity: 4 }]);
    const [row, ...more] = await quantSums(odoo, [id, none], view);
    expect(row).toMatchObject({ product_id: [id, expect.any(String)], quantity: 10, reserved_quantity: 4, __count: 1 });
    expect(more).toEqual([]);
  });

  it.runIf(odoo.major >= 19)('formatted_read_group sums as well (19)', async () => {
    const { stock, view } = await mainWarehouse(odoo);
    const id = await product(odoo);
    await putStock(odoo, id, stock, 10);
    expect(
      await odoo.call('stock.quant', 'formatted_read_group', {
        domain: [
          ['product_id', '=', id],
          ['location_id', 'child_of', [view]],
        ],
        groupby: ['product_id'],
        aggregates: ['quantity:sum', 'reserved_quantity:sum'],
      }),
    ).toEqual([
      {
        product_id: [id, expect.any(String)],
        __extra_domain: [['product_id', '=', id]],
        'quantity:sum': 10,
        'reserved_quantity:sum': 0,
      },
    ]);
  });

  it('the quants of a count lie in a location and, negative, in the inventory location: locations must be limited', async () => {
    const { stock } = await mainWarehouse(odoo);
    const id = await product(odoo);
    await putStock(odoo, id, stock, 10);
    const quants = await odoo.find('stock.quant', [['product_id', '=', id]], ['quantity']);
    expect(quants.map((quant) => quant.quantity).sort()).toEqual([-10, 10]);
    expect(
      await odoo.find(
        'stock.quant',
        [
          ['product_id', '=', id],
          ['location_id.usage', '=', 'internal'],
        ],
        ['quantity'],
      ),
    ).toMatchObject([{ quantity: 10 }]);
  });

  it('quantities can be negative', async () => {
    const { stock } = await mainWarehouse(odoo);
    const id = await product(odoo);
    await odoo.call('stock.quant', 'create', { vals_list: { product_id: id, location_id: stock, quantity: -5 } });
    expect(await odoo.read('product.product', id, QUANTITIES)).toMatchObject({ qty_available: -5, free_qty: -5 });
  });

  it('a service has no quants and no quantity', async () => {
    const service = odoo.major >= 18 ? { type: 'service', is_storable: false } : { detailed_type: 'service' };
    const id = await product(odoo, service);
    await confirmed(odoo, await customer(odoo), [{ product: id, quantity: 2 }]);
    expect(await odoo.find('stock.quant', [['product_id', '=', id]], [])).toEqual([]);
    expect(await odoo.read('product.product', id, QUANTITIES)).toMatchObject({ qty_available: 0, free_qty: 0 });
    const [[field, value] = ['', '']] = Object.entries(storable(odoo));
    expect(
      await odoo.search('product.product', [
        ['id', '=', id],
        [field, '=', value],
      ]),
    ).toEqual([]);
  });

  it('where a kind of operation reserves by hand, a confirmed order reserves nothing until somebody asks', async () => {
    const other = await otherWarehouse(odoo, 'CTM');
    await odoo.call(
      'stock.picking.type',
      'write',
      { ids: [other.operationType], vals: { reservation_method: 'manual' } },
      'admin',
    );
    const id = await product(odoo);
    await putStock(odoo, id, other.stock, 10);
    const sale = await confirmed(odoo, await customer(odoo), [{ product: id, quantity: 4 }], {
      warehouse_id: other.id,
    });
    expect(await quantOf(odoo, id, other.stock)).toMatchObject({ reserved_quantity: 0 });
    expect(await odoo.read('product.product', id, ['free_qty'])).toMatchObject({ free_qty: 10 });
    const pickings = await odoo.search('stock.picking', [['sale_id', '=', sale]]);
    await odoo.call('stock.picking', 'action_assign', { ids: pickings });
    expect(await quantOf(odoo, id, other.stock)).toMatchObject({ reserved_quantity: 4 });
  });

  it('stock changes and reservations show in stock.quant.write_date', async () => {
    const { stock } = await mainWarehouse(odoo);
    const id = await product(odoo);
    await putStock(odoo, id, stock, 10);
    const first = String((await quantOf(odoo, id, stock)).write_date);
    const sale = await order(odoo, await customer(odoo), [{ product: id, quantity: 4 }]);
    await odoo.nextSecond();
    await odoo.call('sale.order', 'action_confirm', { ids: [sale] });
    const reserved = String((await quantOf(odoo, id, stock)).write_date);
    expect(reserved > first).toBe(true);
    await odoo.nextSecond();
    await putStock(odoo, id, stock, 12);
    expect(String((await quantOf(odoo, id, stock)).write_date) > reserved).toBe(true);
  });
});

contract('noticing changes', (odoo) => {
  it('write_date is told to the second; >= what was told finds the record again', async () => {
    const id = await product(odoo);
    const told = String((await odoo.read('product.product', id, ['write_date'])).write_date);
    expect(told).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    expect(
      await odoo.search('product.product', [
        ['id', '=', id],
        ['write_date', '>=', told],
      ]),
    ).toEqual([id]);
  });

  it('up to 18 hidden microseconds count in a search: > what was told may find the same record; 19 compares to the second', async () => {
    const id = await product(odoo);
    const told = String((await odoo.read('product.product', id, ['write_date'])).write_date);
    const [later, equal] = [
      await odoo.search('product.product', [
        ['id', '=', id],
        ['write_date', '>', told],
      ]),
      await odoo.search('product.product', [
        ['id', '=', id],
        ['write_date', '=', told],
      ]),
    ];
    expect([later, equal]).toEqual(odoo.major >= 19 ? [[], [id]] : [[id], []]);
  });

  it('a date with T and Z is taken by a search up to 18 and refused by 19; to write it is refused by all', async () => {
    const id = await product(odoo);
    const search = odoo.search('product.product', [
      ['id', '=', id],
      ['write_date', '>=', '2020-01-01T00:00:00Z'],
    ]);
    if (odoo.major >= 19) expect(await odoo.refusal(search)).toContain('expecting only datetimes with no timezone');
    else expect(await search).toEqual([id]);
    const sale = await order(odoo, await customer(odoo), []);
    for (const date of ['2026-01-02T10:00:00Z', '2026-01-02T10:00:00+02:00', '2026-01-02T10:00:00']) {
      expect(await odoo.refusal(odoo.write('sale.order', [sale], { commitment_date: date }))).toContain(
        'does not match format',
      );
    }
    await odoo.write('sale.order', [sale], { commitment_date: '2026-01-02 10:00:00' });
    expect(await odoo.read('sale.order', sale, ['commitment_date'])).toMatchObject({
      commitment_date: '2026-01-02 10:00:00',
    });
  });

  it("a line's quantity or price moves its order's write_date; a line's text does not, nor does a message", async () => {
    const sale = await order(odoo, await customer(odoo), [{ product: await product(odoo), quantity: 2 }]);
    const [line] = await linesOf(odoo, sale);
    const date = async (): Promise<string> => String((await odoo.read('sale.order', sale, ['write_date'])).write_date);
    const first = await date();
    await odoo.nextSecond();
    await odoo.write('sale.order.line', [line?.id ?? 0], { name: 'another text' });
    await odoo.call('sale.order', 'message_post', { ids: [sale], body: 'a message' });
    expect(await date()).toBe(first);
    await odoo.write('sale.order.line', [line?.id ?? 0], { product_uom_qty: 3, price_unit: 9 });
    expect((await date()) > first).toBe(true);
  });

  it("confirming and delivering move the order's and the delivery's write_date", async () => {
    const { stock } = await mainWarehouse(odoo);
    const id = await product(odoo);
    await putStock(odoo, id, stock, 10);
    const sale = await confirmed(odoo, await customer(odoo), [{ product: id, quantity: 1 }]);
    const [picking] = await odoo.find('stock.picking', [['sale_id', '=', sale]], ['write_date', 'move_ids']);
    const before = String((await odoo.read('sale.order', sale, ['write_date'])).write_date);
    await odoo.nextSecond();
    if (odoo.major < 17)
      await odoo.write('stock.move', z.array(z.number()).parse(picking?.move_ids), { quantity_done: 1 });
    await odoo.call('stock.picking', 'button_validate', {
      ids: [picking?.id ?? 0],
      context: { skip_sms: true, skip_backorder: true, skip_immediate: true },
    });
    const [after] = await odoo.find('stock.picking', [['sale_id', '=', sale]], ['write_date']);
    expect(String(after?.write_date) > String(picking?.write_date)).toBe(true);
    expect(String((await odoo.read('sale.order', sale, ['write_date'])).write_date) > before).toBe(true);
  });
});
