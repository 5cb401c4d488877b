import { z } from 'zod';
import type { Found, Odoo, Who } from './subjects.js';

/** Things that many tests need: products, stock, customers and orders of their own. */

/** The words that make a product storable in this version. */
export const storable = (odoo: Odoo): Record<string, unknown> => (odoo.major >= 18 ? { is_storable: true } : { detailed_type: 'product' });
export const lineTaxes = (odoo: Odoo): string => (odoo.major >= 19 ? 'tax_ids' : 'tax_id');

let counter = 0;
/** A name that nothing else has. */
export function unique(odoo: Odoo): string {
  counter += 1;
  return `${odoo.tag}-${counter}`;
}

/** A storable product without taxes at 10.00. */
export async function product(odoo: Odoo, values: Record<string, unknown> = {}): Promise<number> {
  return odoo.create('product.product', {
    name: `Product ${unique(odoo)}`,
    list_price: 10,
    taxes_id: [[6, 0, []]],
    ...storable(odoo),
    ...values,
  });
}

export async function customer(odoo: Odoo, values: Record<string, unknown> = {}): Promise<number> {
  return odoo.create('res.partner', { name: `Customer ${unique(odoo)}`, ...values });
}

export async function tax(odoo: Odoo, percent: number, included: boolean): Promise<number> {
  const override = odoo.major >= 18 ? { price_include_override: included ? 'tax_included' : 'tax_excluded' } : { price_include: included };
  return odoo.create(
    'account.tax',
    { name: `Tax ${unique(odoo)}`, amount: percent, amount_type: 'percent', type_tax_use: 'sale', ...override },
    'admin',
  );
}

const many2one = z.tuple([z.number(), z.string()]).transform(([id]) => id);

export interface Warehouse {
  readonly id: number;
  readonly view: number;
  readonly stock: number;
  readonly operationType: number;
}

/** The warehouse that orders are delivered from unless told. */
export async function mainWarehouse(odoo: Odoo): Promise<Warehouse> {
  const [first] = await odoo.find('stock.warehouse', [], WAREHOUSE_FIELDS);
  if (!first) throw new Error('no warehouse');
  return warehouseIn(first);
}

/** A second warehouse, the same for all runs: a database does not take one for each. */
export async function otherWarehouse(odoo: Odoo, code = 'CTW'): Promise<Warehouse> {
  const [present] = await odoo.find('stock.warehouse', [['code', '=', code]], WAREHOUSE_FIELDS);
  if (present) return warehouseIn(present);
  const id = z.number().parse(await odoo.call('stock.warehouse', 'create', { vals_list: { name: `Contract ${code}`, code } }, 'admin'));
  return warehouseIn(await odoo.read('stock.warehouse', id, WAREHOUSE_FIELDS));
}

const WAREHOUSE_FIELDS = ['view_location_id', 'lot_stock_id', 'out_type_id'];

const warehouseIn = (row: Found): Warehouse => ({
  id: row.id,
  view: many2one.parse(row.view_location_id),
  stock: many2one.parse(row.lot_stock_id),
  operationType: many2one.parse(row.out_type_id),
});

/** Puts goods into a location by a count, as a person does. */
export async function putStock(odoo: Odoo, productId: number, location: number, quantity: number): Promise<number> {
  const quant = z.number().parse(
    await odoo.call('stock.quant', 'create', {
      vals_list: { product_id: productId, location_id: location, inventory_quantity: quantity },
      context: { inventory_mode: true },
    }),
  );
  await odoo.call('stock.quant', 'action_apply_inventory', { ids: [quant] });
  return quant;
}

export async function quantOf(odoo: Odoo, productId: number, location: number): Promise<Found> {
  const [quant] = await odoo.find(
    'stock.quant',
    [
      ['product_id', '=', productId],
      ['location_id', '=', location],
    ],
    ['quantity', 'reserved_quantity', 'write_date'],
  );
  if (!quant) throw new Error('no quant');
  return quant;
}

export interface LineWish {
  readonly product: number;
  readonly quantity: number;
  readonly price?: number;
}

/** A draft order. */
export async function order(
  odoo: Odoo,
  partner: number,
  lines: readonly LineWish[],
  values: Record<string, unknown> = {},
  who: Who = 'integration',
): Promise<number> {
  const order_line = lines.map(({ product: product_id, quantity: product_uom_qty, price }) => [
    0,
    0,
    { product_id, product_uom_qty, ...(price === undefined ? {} : { price_unit: price }) },
  ]);
  return odoo.create('sale.order', { partner_id: partner, order_line, ...values }, who);
}

export async function confirmed(
  odoo: Odoo,
  partner: number,
  lines: readonly LineWish[],
  values: Record<string, unknown> = {},
): Promise<number> {
  const id = await order(odoo, partner, lines, values);
  await odoo.call('sale.order', 'action_confirm', { ids: [id] });
  return id;
}

export const lineFields = ['product_id', 'product_uom_qty', 'price_unit', 'name'];

export async function linesOf(odoo: Odoo, orderId: number, fields: readonly string[] = lineFields): Promise<Found[]> {
  return odoo.find('sale.order.line', [['order_id', '=', orderId]], fields);
}

export async function deliveriesOf(odoo: Odoo, orderId: number): Promise<Found[]> {
  return odoo.find('stock.picking', [['sale_id', '=', orderId]], ['state', 'write_date', 'backorder_id']);
}

/** The delivery of an order that has one. */
export async function deliveryOf(odoo: Odoo, orderId: number): Promise<number> {
  const [delivery] = await deliveriesOf(odoo, orderId);
  if (!delivery) throw new Error(`order ${orderId} has no delivery`);
  return delivery.id;
}

const loadAnswer = z.looseObject({
  ids: z.union([z.array(z.number()), z.literal(false)]),
  messages: z.array(
    z.looseObject({
      type: z.string(),
      message: z.string(),
      record: z.number().optional(),
      field: z.string().optional(),
      rows: z.looseObject({ from: z.number(), to: z.number() }).optional(),
    }),
  ),
});
export type LoadAnswer = z.infer<typeof loadAnswer>;

/** Imports rows, and remembers what it made. */
export async function load(
  odoo: Odoo,
  model: string,
  fields: readonly string[],
  data: readonly (readonly unknown[])[],
  context: Record<string, unknown> = {},
  who: Who = 'integration',
): Promise<LoadAnswer> {
  const answer = loadAnswer.parse(await odoo.call(model, 'load', { fields, data, context }, who));
  if (answer.ids && (model === 'sale.order' || model === 'res.partner')) for (const id of answer.ids) odoo.remember(model, id);
  return answer;
}

export const loadedIds = (answer: LoadAnswer): number[] => {
  if (!answer.ids) throw new Error(`not loaded: ${JSON.stringify(answer.messages)}`);
  return answer.ids;
};

/** The template of a variant. */
export async function templateOf(odoo: Odoo, variant: number): Promise<number> {
  return z.tuple([z.number(), z.string()]).parse((await odoo.read('product.product', variant, ['product_tmpl_id'])).product_tmpl_id)[0];
}

/** A template with a small and a large variant. */
export async function twoVariants(odoo: Odoo, values: Record<string, unknown> = {}): Promise<{ template: number; variants: number[] }> {
  const attribute = z
    .number()
    .parse(await odoo.call('product.attribute', 'create', { vals_list: { name: `Size ${unique(odoo)}`, create_variant: 'always' } }));
  const sizes = z
    .array(z.number())
    .parse(
      await odoo.call('product.attribute.value', 'create', { vals_list: ['S', 'L'].map((name) => ({ name, attribute_id: attribute })) }),
    );
  const template = await odoo.create('product.template', {
    name: `Template ${unique(odoo)}`,
    list_price: 20,
    attribute_line_ids: [[0, 0, { attribute_id: attribute, value_ids: [[6, 0, sizes]] }]],
    ...values,
  });
  return { template, variants: await odoo.search('product.product', [['product_tmpl_id', '=', template]], { order: 'id' }) };
}
