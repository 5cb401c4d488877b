import { expect, it } from 'vitest';
import { z } from 'zod';
import {
  confirmed,
  customer,
  deliveriesOf,
  deliveryOf,
  linesOf,
  mainWarehouse,
  product,
  putStock,
  quantOf,
} from '../../fixtures/odoo-contract/goods.js';
import { contract, type Odoo } from '../../fixtures/odoo-contract/subjects.js';

/** Answers ahead to what Odoo would ask a person. */
const NO_QUESTIONS = { skip_sms: true, skip_backorder: true, skip_immediate: true };

const validate = (odoo: Odoo, picking: number, context: Record<string, unknown> = NO_QUESTIONS): Promise<unknown> =>
  odoo.call('stock.picking', 'button_validate', { ids: [picking], context });

const stateOf = async (odoo: Odoo, picking: number): Promise<unknown> =>
  (await odoo.read('stock.picking', picking, ['state'])).state;

interface Sale {
  readonly order: number;
  readonly product: number;
  readonly picking: number;
  readonly stock: number;
}

/** A confirmed order of one product that the warehouse has so much of. */
async function sale(odoo: Odoo, ordered: number, present: number, partner?: number): Promise<Sale> {
  const { stock } = await mainWarehouse(odoo);
  const id = await product(odoo);
  if (present > 0) await putStock(odoo, id, stock, present);
  const order = await confirmed(odoo, partner ?? (await customer(odoo)), [{ product: id, quantity: ordered }]);
  return { order, product: id, picking: await deliveryOf(odoo, order), stock };
}

/** Says that all that is reserved was taken: on 16 nothing is moved before. */
async function takeAll(odoo: Odoo, picking: number): Promise<void> {
  if (odoo.major >= 17) return;
  const moves = await odoo.find('stock.move', [['picking_id', '=', picking]], ['reserved_availability']);
  for (const move of moves) await odoo.write('stock.move', [move.id], { quantity_done: move.reserved_availability });
}

contract('deliveries', (odoo) => {
  it('a confirmed order has a delivery that is ready when all is reserved', async () => {
    const { order, picking } = await sale(odoo, 4, 10);
    expect(await stateOf(odoo, picking)).toBe('assigned');
    expect(await odoo.read('sale.order', order, ['delivery_status', 'picking_ids'])).toMatchObject({
      delivery_status: 'pending',
      picking_ids: [picking],
    });
    const reserved = odoo.major >= 17 ? 'quantity' : 'reserved_availability';
    expect(
      await odoo.find('stock.move', [['picking_id', '=', picking]], ['product_uom_qty', 'state', reserved]),
    ).toMatchObject([{ product_uom_qty: 4, state: 'assigned', [reserved]: 4 }]);
  });

  it('the done quantity of a move is called quantity_done up to 16 and quantity from 17 on', async () => {
    const fields = z.record(z.string(), z.unknown()).parse(
      await odoo.call('stock.move', 'fields_get', {
        allfields: ['quantity_done', 'quantity', 'reserved_availability'],
        attributes: ['type'],
      }),
    );
    expect(Object.keys(fields).sort()).toEqual(
      odoo.major >= 17 ? ['quantity'] : ['quantity_done', 'reserved_availability'],
    );
  });

  it('button_validate with skip_sms, skip_backorder and skip_immediate delivers what is reserved; on 16 it answers true and nothing happens until quantity_done is set', async () => {
    const { order, picking, product: id, stock } = await sale(odoo, 4, 10);
    expect(await validate(odoo, picking)).toBe(true);
    if (odoo.major < 17) {
      expect(await stateOf(odoo, picking)).toBe('assigned');
      await takeAll(odoo, picking);
      expect(await validate(odoo, picking)).toBe(true);
    }
    expect(await stateOf(odoo, picking)).toBe('done');
    expect(await odoo.read('sale.order', order, ['delivery_status', 'state'])).toMatchObject({
      delivery_status: 'full',
      state: 'sale',
    });
    expect(await quantOf(odoo, id, stock)).toMatchObject({ quantity: 6, reserved_quantity: 0 });
    expect(await linesOf(odoo, order, ['qty_delivered'])).toMatchObject([{ qty_delivered: 4 }]);
    expect(await odoo.read('product.product', id, ['qty_available', 'free_qty', 'virtual_available'])).toMatchObject({
      qty_available: 6,
      free_qty: 6,
      virtual_available: 6,
    });
  });

  it('a partly reserved delivery asks about a back order: a dictionary, and nothing is done', async () => {
    const { picking } = await sale(odoo, 5, 2);
    expect(await stateOf(odoo, picking)).toBe('assigned');
    await takeAll(odoo, picking);
    expect(await validate(odoo, picking, { skip_sms: true, skip_immediate: true })).toMatchObject({
      type: 'ir.actions.act_window',
      res_model: 'stock.backorder.confirmation',
    });
    expect(await stateOf(odoo, picking)).toBe('assigned');
  });

  it('with skip_backorder what is there is delivered, the rest waits in a back order, and the order is partly delivered', async () => {
    const { order, picking } = await sale(odoo, 5, 2);
    await takeAll(odoo, picking);
    await validate(odoo, picking);
    expect(await stateOf(odoo, picking)).toBe('done');
    const [rest, ...more] = (await deliveriesOf(odoo, order)).filter((delivery) => delivery.id !== picking);
    expect(rest).toMatchObject({ state: 'confirmed', backorder_id: [picking, expect.any(String)] });
    expect(more).toEqual([]);
    expect(await odoo.read('sale.order', order, ['delivery_status'])).toMatchObject({ delivery_status: 'partial' });
    expect(await linesOf(odoo, order, ['qty_delivered'])).toMatchObject([{ qty_delivered: 2 }]);
  });

  it('a customer with a telephone is asked about a text message first, unless skip_sms', async () => {
    const { picking } = await sale(odoo, 1, 5, await customer(odoo, { phone: '01001234567' }));
    await takeAll(odoo, picking);
    expect(await validate(odoo, picking, { skip_backorder: true, skip_immediate: true })).toMatchObject({
      res_model: 'confirm.stock.sms',
    });
    expect(await stateOf(odoo, picking)).toBe('assigned');
    await validate(odoo, picking);
    expect(await stateOf(odoo, picking)).toBe('done');
  });

  it.runIf(odoo.major < 17)('16 asks whether all was delivered when no quantity is done', async () => {
    const { picking } = await sale(odoo, 1, 5);
    expect(await validate(odoo, picking, { skip_sms: true, skip_backorder: true })).toMatchObject({
      res_model: 'stock.immediate.transfer',
    });
  });

  it('a delivery with nothing reserved is refused', async () => {
    const { picking } = await sale(odoo, 3, 0);
    expect(await stateOf(odoo, picking)).toBe('confirmed');
    expect(await odoo.refusal(validate(odoo, picking))).toMatch(/no quantities are reserved|zero quantity transfer/);
    expect(await stateOf(odoo, picking)).toBe('confirmed');
  });

  it('what a count brings to light is reserved for a waiting delivery by action_assign, from 19 on by itself', async () => {
    const { picking, product: id, stock } = await sale(odoo, 3, 0);
    await putStock(odoo, id, stock, 5);
    expect(await stateOf(odoo, picking)).toBe(odoo.major >= 19 ? 'assigned' : 'confirmed');
    await odoo.call('stock.picking', 'action_assign', { ids: [picking] });
    expect(await stateOf(odoo, picking)).toBe('assigned');
  });

  it('validating what is done is refused up to 18 and answered true by 19', async () => {
    const { picking } = await sale(odoo, 1, 5);
    await takeAll(odoo, picking);
    await validate(odoo, picking);
    if (odoo.major >= 19) expect(await validate(odoo, picking)).toBe(true);
    else expect(await odoo.refusal(validate(odoo, picking))).toContain('You cannot validate a transfer');
  });

  it('cancelling the order cancels its delivery and frees what was reserved', async () => {
    const { order, picking, product: id, stock } = await sale(odoo, 4, 10);
    await odoo.call('sale.order', 'action_cancel', { ids: [order], context: { disable_cancel_warning: true } });
    expect(await stateOf(odoo, picking)).toBe('cancel');
    expect(await quantOf(odoo, id, stock)).toMatchObject({ quantity: 10, reserved_quantity: 0 });
    expect(await odoo.read('sale.order', order, ['delivery_status'])).toMatchObject({ delivery_status: false });
  });

  it('a delivered order can still be cancelled: its goods stay delivered', async () => {
    const { order, picking, product: id, stock } = await sale(odoo, 4, 10);
    await takeAll(odoo, picking);
    await validate(odoo, picking);
    await odoo.call('sale.order', 'action_cancel', { ids: [order], context: { disable_cancel_warning: true } });
    expect(await odoo.read('sale.order', order, ['state', 'delivery_status'])).toMatchObject({
      state: 'cancel',
      delivery_status: 'full',
    });
    expect(await quantOf(odoo, id, stock)).toMatchObject({ quantity: 6 });
  });

  it("a confirmed line's quantity changes its delivery and what is reserved; at zero the delivery is cancelled", async () => {
    const { order, picking, product: id, stock } = await sale(odoo, 2, 10);
    const [line] = await linesOf(odoo, order);
    const change = (quantity: number): Promise<void> =>
      odoo.write('sale.order.line', [line?.id ?? 0], { product_uom_qty: quantity, price_unit: 9 });
    await change(5);
    expect(await quantOf(odoo, id, stock)).toMatchObject({ reserved_quantity: 5 });
    await change(1);
    expect(await quantOf(odoo, id, stock)).toMatchObject({ reserved_quantity: 1 });
    await change(0);
    expect(await quantOf(odoo, id, stock)).toMatchObject({ reserved_quantity: 0 });
    expect(await stateOf(odoo, picking)).toBe('cancel');
  });

  it('after delivery a higher quantity makes another delivery, a lower one is refused', async () => {
    const { order, picking } = await sale(odoo, 4, 10);
    await takeAll(odoo, picking);
    await validate(odoo, picking);
    const [line] = await linesOf(odoo, order);
    await odoo.write('sale.order.line', [line?.id ?? 0], { product_uom_qty: 6, price_unit: 9 });
    expect((await deliveriesOf(odoo, order)).map((delivery) => delivery.state).sort()).toEqual(['assigned', 'done']);
    expect(await odoo.read('sale.order', order, ['delivery_status'])).toMatchObject({ delivery_status: 'partial' });
    if (odoo.major >= 18)
      expect(
        await odoo.refusal(odoo.write('sale.order.line', [line?.id ?? 0], { product_uom_qty: 1, price_unit: 9 })),
      ).toContain('cannot be decreased below the amount already delivered');
  });

  it('an order of services alone has no delivery and no delivery status', async () => {
    const service = await product(
      odoo,
      odoo.major >= 18 ? { type: 'service', is_storable: false } : { detailed_type: 'service' },
    );
    const order = await confirmed(odoo, await customer(odoo), [{ product: service, quantity: 1 }]);
    expect(await odoo.read('sale.order', order, ['picking_ids', 'delivery_status'])).toMatchObject({
      picking_ids: [],
      delivery_status: false,
    });
  });
});
