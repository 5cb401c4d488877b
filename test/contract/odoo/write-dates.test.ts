import { expect, it } from 'vitest';
import {
  confirmed,
  customer,
  deliveryOf,
  linesOf,
  mainWarehouse,
  order,
  product,
  putStock,
  quantOf,
  storable,
  templateOf,
  twoVariants,
} from '../../fixtures/odoo-contract/goods.js';
import { contract, type Odoo } from '../../fixtures/odoo-contract/subjects.js';

/** Records by model. */
type Watched = Readonly<Record<string, readonly number[]>>;

async function dates(odoo: Odoo, watched: Watched): Promise<Map<string, unknown>> {
  const found = new Map<string, unknown>();
  for (const [model, ids] of Object.entries(watched)) {
    const rows = await odoo.find(model, [['id', 'in', ids]], ['write_date'], { active_test: false });
    for (const row of rows) found.set(`${model} ${row.id}`, row.write_date);
  }
  return found;
}

/** Those of the watched records whose write_date another second's deed moves. */
async function moved(odoo: Odoo, watched: Watched, deed: () => Promise<unknown>): Promise<Record<string, number[]>> {
  const before = await dates(odoo, watched);
  await odoo.nextSecond();
  await deed();
  const after = await dates(odoo, watched);
  const result: Record<string, number[]> = {};
  for (const [model, ids] of Object.entries(watched)) {
    const changed = ids.filter((id) => before.get(`${model} ${id}`) !== after.get(`${model} ${id}`));
    if (changed.length > 0) result[model] = changed;
  }
  return result;
}

interface Sale {
  readonly item: number;
  readonly order: number;
  readonly line: number;
  readonly stock: number;
  readonly watched: Watched;
}

/** An order of 3 of a product of which 10 are there. */
async function sale(odoo: Odoo, make: typeof order): Promise<Sale> {
  const { stock } = await mainWarehouse(odoo);
  const item = await product(odoo);
  await putStock(odoo, item, stock, 10);
  const id = await make(odoo, await customer(odoo), [{ product: item, quantity: 3 }]);
  const [line] = await linesOf(odoo, id);
  if (!line) throw new Error('no line');
  const watched = {
    'sale.order': [id],
    'sale.order.line': [line.id],
    'stock.quant': [(await quantOf(odoo, item, stock)).id],
  };
  return { item, order: id, line: line.id, stock, watched };
}

async function withDelivery(odoo: Odoo): Promise<Sale & { delivery: number; move: number }> {
  const made = await sale(odoo, confirmed);
  const delivery = await deliveryOf(odoo, made.order);
  const [move = 0] = await odoo.search('stock.move', [['picking_id', '=', delivery]]);
  return { ...made, delivery, move, watched: { ...made.watched, 'stock.picking': [delivery], 'stock.move': [move] } };
}

contract('write dates of products', (odoo) => {
  it('a price moves its template, and from 18 on all its variants, be it written on the template or through a variant, be it the same', async () => {
    const { template, variants } = await twoVariants(odoo);
    const watched = { 'product.template': [template], 'product.product': variants };
    const all = odoo.major >= 18 ? watched : { 'product.template': [template] };
    expect(await moved(odoo, watched, () => odoo.write('product.template', [template], { list_price: 21 }))).toEqual(
      all,
    );
    expect(await moved(odoo, watched, () => odoo.write('product.template', [template], { list_price: 21 }))).toEqual(
      all,
    );
    if (odoo.major < 18) return;
    expect(
      await moved(odoo, watched, () => odoo.write('product.product', variants.slice(0, 1), { lst_price: 22 })),
    ).toEqual(all);
    expect(
      await moved(odoo, watched, () => odoo.write('product.product', variants.slice(0, 1), { sale_ok: false })),
    ).toEqual(all);
  });

  it('an extra price moves nothing but itself', async () => {
    const { template, variants } = await twoVariants(odoo);
    const values = await odoo.search('product.template.attribute.value', [['product_tmpl_id', '=', template]], {
      order: 'id',
    });
    const watched = {
      'product.template': [template],
      'product.product': variants,
      'product.template.attribute.value': values,
    };
    const first = values.slice(0, 1);
    expect(
      await moved(odoo, watched, () => odoo.write('product.template.attribute.value', first, { price_extra: 3 })),
    ).toEqual({
      'product.template.attribute.value': first,
    });
  });

  it('archiving a variant moves that variant alone, archiving a template moves all', async () => {
    const { template, variants } = await twoVariants(odoo);
    const watched = { 'product.template': [template], 'product.product': variants };
    const first = variants.slice(0, 1);
    expect(await moved(odoo, watched, () => odoo.write('product.product', first, { active: false }))).toEqual({
      'product.product': first,
    });
    expect(await moved(odoo, watched, () => odoo.write('product.product', first, { active: true }))).toEqual({
      'product.product': first,
    });
    expect(await moved(odoo, watched, () => odoo.write('product.template', [template], { active: false }))).toEqual(
      watched,
    );
  });

  it('a field of the variant, the same value loaded again included, moves that variant alone', async () => {
    const { template, variants } = await twoVariants(odoo);
    const watched = { 'product.template': [template], 'product.product': variants };
    const [first = 0] = variants;
    const load = (): Promise<unknown> =>
      odoo.call('product.product', 'load', {
        fields: ['.id', 'default_code'],
        data: [[String(first), `${odoo.tag}-load`]],
      });
    expect(await moved(odoo, watched, load)).toEqual({ 'product.product': [first] });
    expect(await moved(odoo, watched, load)).toEqual({ 'product.product': [first] });
  });
});

contract('write dates of stock and orders', (odoo) => {
  it('a count moves the quant when it is written and when it is applied', async () => {
    const { stock } = await mainWarehouse(odoo);
    const item = await product(odoo);
    const id = await putStock(odoo, item, stock, 10);
    const watched = {
      'stock.quant': [id],
      'product.product': [item],
      'product.template': [await templateOf(odoo, item)],
    };
    const context = { inventory_mode: true };
    expect(
      await moved(odoo, watched, () => odoo.write('stock.quant', [id], { inventory_quantity: 8 }, context)),
    ).toEqual({ 'stock.quant': [id] });
    expect(await moved(odoo, watched, () => odoo.call('stock.quant', 'action_apply_inventory', { ids: [id] }))).toEqual(
      { 'stock.quant': [id] },
    );
  });

  it('a count is also a new move of the product', async () => {
    const { stock } = await mainWarehouse(odoo);
    const item = await product(odoo);
    const [before] = [await odoo.search('stock.move', [['product_id', '=', item]])];
    await putStock(odoo, item, stock, 10);
    const moves = await odoo.find('stock.move', [['product_id', '=', item]], ['state', 'location_dest_id']);
    expect(before).toEqual([]);
    expect(moves).toMatchObject([{ state: 'done', location_dest_id: [stock, expect.any(String)] }]);
  });

  it("a draft order's line moves its order when the amount changes, and only itself when it does not", async () => {
    const { order: id, line, watched } = await sale(odoo, order);
    const both = { 'sale.order': [id], 'sale.order.line': [line] };
    expect(
      await moved(odoo, watched, () => odoo.write('sale.order.line', [line], { product_uom_qty: 4, price_unit: 10 })),
    ).toEqual(both);
    expect(await moved(odoo, watched, () => odoo.write('sale.order.line', [line], { name: 'x' }))).toEqual({
      'sale.order.line': [line],
    });
    expect(
      await moved(odoo, watched, () => odoo.write('sale.order.line', [line], { product_uom_qty: 4, price_unit: 10 })),
    ).toEqual({
      'sale.order.line': [line],
    });
  });

  it('lines at a price come and go with their order; lines at no price without it', async () => {
    const { item, order: id, watched } = await sale(odoo, order);
    const add = (price_unit: number): Promise<unknown> =>
      odoo.call('sale.order.line', 'create', {
        vals_list: { order_id: id, product_id: item, product_uom_qty: 1, price_unit },
      });
    const takeAway = async (): Promise<unknown> => {
      const last = (await linesOf(odoo, id)).at(-1);
      return odoo.call('sale.order.line', 'unlink', { ids: [last?.id ?? 0] });
    };
    expect(await moved(odoo, watched, () => add(5))).toEqual({ 'sale.order': [id] });
    expect(await moved(odoo, watched, takeAway)).toEqual({ 'sale.order': [id] });
    expect(await moved(odoo, watched, () => add(0))).toEqual({});
    expect(await moved(odoo, watched, takeAway)).toEqual({});
  });

  it('confirming moves the order, its lines and what it reserves; locking moves the order alone', async () => {
    const { order: id, watched } = await sale(odoo, order);
    expect(await moved(odoo, watched, () => odoo.call('sale.order', 'action_confirm', { ids: [id] }))).toEqual(watched);
    const lock = odoo.major >= 18 ? 'action_lock' : 'action_done';
    expect(await moved(odoo, watched, () => odoo.call('sale.order', lock, { ids: [id] }))).toMatchObject({
      'sale.order': [id],
    });
  });

  it("a confirmed order's quantity moves the order, the line, the delivery, its move and the quant", async () => {
    const { line, watched } = await withDelivery(odoo);
    expect(
      await moved(odoo, watched, () => odoo.write('sale.order.line', [line], { product_uom_qty: 5, price_unit: 10 })),
    ).toEqual(watched);
    expect(
      await moved(odoo, watched, () => odoo.write('sale.order.line', [line], { product_uom_qty: 2, price_unit: 10 })),
    ).toEqual(watched);
  });

  it('cancelling an order moves it, its lines, its delivery and what was reserved', async () => {
    const { order: id, watched } = await withDelivery(odoo);
    const cancel = (): Promise<unknown> =>
      odoo.call('sale.order', 'action_cancel', { ids: [id], context: { disable_cancel_warning: true } });
    expect(await moved(odoo, watched, cancel)).toEqual(watched);
  });

  it('unreserving and reserving a delivery moves it, its move and the quant, not the order', async () => {
    const { delivery, watched } = await withDelivery(odoo);
    const rest = Object.fromEntries(Object.entries(watched).filter(([model]) => !model.startsWith('sale.')));
    expect(await moved(odoo, watched, () => odoo.call('stock.picking', 'do_unreserve', { ids: [delivery] }))).toEqual(
      rest,
    );
    expect(await moved(odoo, watched, () => odoo.call('stock.picking', 'action_assign', { ids: [delivery] }))).toEqual(
      rest,
    );
  });

  it.runIf(odoo.major >= 18)(
    'a validated delivery moves everything; so does one in part, which leaves a back order',
    async () => {
      const context = { skip_sms: true, skip_backorder: true };
      const { delivery, watched } = await withDelivery(odoo);
      expect(
        await moved(odoo, watched, () => odoo.call('stock.picking', 'button_validate', { ids: [delivery], context })),
      ).toEqual(watched);
      const part = await withDelivery(odoo);
      await odoo.write('stock.move', [part.move], { quantity: 1, picked: true });
      const validate = (): Promise<unknown> =>
        odoo.call('stock.picking', 'button_validate', { ids: [part.delivery], context });
      expect(await moved(odoo, part.watched, validate)).toEqual(part.watched);
      const [backorder = 0] = await odoo.search('stock.picking', [['backorder_id', '=', part.delivery]]);
      const left = {
        'sale.order': [part.order],
        'stock.picking': [backorder],
        'stock.quant': part.watched['stock.quant'] ?? [],
      };
      expect(await moved(odoo, left, () => odoo.call('stock.picking', 'action_cancel', { ids: [backorder] }))).toEqual(
        left,
      );
    },
  );
});

contract('finding what changed', (odoo) => {
  const SINCE = [
    'write_date',
    'product_tmpl_id.write_date',
    'product_template_attribute_value_ids.write_date',
    'stock_quant_ids.write_date',
    'stock_move_ids.write_date',
  ];

  it('one search finds every variant whose price, extra price, stock or reservation changed', async () => {
    const { stock } = await mainWarehouse(odoo);
    const { template, variants } = await twoVariants(odoo, storable(odoo));
    const [first = 0] = variants;
    const [value = 0] = await odoo.search('product.template.attribute.value', [['product_tmpl_id', '=', template]], {
      order: 'id',
    });
    const partner = await customer(odoo);
    const found = async (deed: () => Promise<unknown>): Promise<number[]> => {
      await odoo.nextSecond();
      const since = odoo.now().toISOString().slice(0, 19).replace('T', ' ');
      await deed();
      const any = [...SINCE.slice(1).map(() => '|'), ...SINCE.map((field) => [field, '>=', since])];
      return odoo.search('product.product', ['&', ['id', 'in', variants], ...any], {
        order: 'id',
        context: { active_test: false },
      });
    };
    expect(await found(() => odoo.write('product.template', [template], { list_price: 3 }))).toEqual(variants);
    expect(await found(() => odoo.write('product.template.attribute.value', [value], { price_extra: 3 }))).toEqual([
      first,
    ]);
    expect(await found(() => putStock(odoo, first, stock, 9))).toEqual([first]);
    expect(await found(() => order(odoo, partner, [{ product: first, quantity: 1 }]))).toEqual([]);
    expect(await found(() => confirmed(odoo, partner, [{ product: first, quantity: 2 }]))).toEqual([first]);
    expect(await found(() => odoo.write('product.product', [first], { active: false }))).toEqual([first]);
  });

  it('a write_date is told to the second; `>=` with a whole second finds it on every version', async () => {
    const id = await product(odoo);
    const { write_date } = await odoo.read('product.product', id, ['write_date']);
    expect(write_date).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    expect(
      await odoo.search('product.product', [
        ['id', '=', id],
        ['write_date', '>=', write_date],
      ]),
    ).toEqual([id]);
    expect(
      await odoo.search('product.product', [
        ['id', '=', id],
        ['write_date', '<=', write_date],
      ]),
    ).toEqual(odoo.major >= 19 ? [id] : []);
  });
});
