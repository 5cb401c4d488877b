import { postMessage } from '../base.js';
import { userError } from '../../orm/errors.js';
import { namesOf } from '../../orm/names.js';
import { defineModel, f } from '../../orm/schema.js';
import type { Env, Field, Model } from '../../orm/types.js';
import { isFilled, textOf, type OdooVersion, type Row, type WireObject } from '../../orm/values.js';
import { refreshAmounts } from './amounts.js';
import { planDelivery } from './order-delivery.js';
import { priceDigits, variantPrice } from '../products/prices.js';

const QUANTITY = [16, 2] as const;
const NOTES = [
  ['line_section', 'Section'],
  ['line_note', 'Note'],
] as const;

/** An order's lines. Their unit and taxes are called otherwise in 19. */
export function orderLineModel(version: OdooVersion): Model {
  const names = namesOf(version);
  return defineModel('sale.order.line', 'Sales Order Line', {
    order: 'order_id, sequence, id',
    displayName: (env, row) =>
      `${textOf(env.table('sale.order').get(Number(row.order_id))?.name)} - ${(textOf(row.name).split('\n')[0] ?? '').trim()}${customerOf(env, row)}`,
    fields: [
      f.many2one('order_id', 'Order Reference', 'sale.order', { required: true, cascade: true }),
      f.text('name', 'Description', { required: true }),
      f.integer('sequence', 'Sequence', { initial: 10 }),
      f.many2one('product_id', 'Product', 'product.product'),
      f.many2one('product_template_id', 'Product Template', 'product.template', {
        related: ['product_id', 'product_tmpl_id'],
      }),
      f.float('product_uom_qty', 'Quantity', { required: true, digits: QUANTITY }),
      f.float('price_unit', 'Unit Price', { required: true, digits: priceDigits(version) }),
      version >= 18 && f.float('technical_price_unit', 'Technical Price Unit'),
      f.float('discount', 'Discount (%)', { digits: QUANTITY }),
      f.many2many(names.lineTaxes, 'Taxes', 'account.tax'),
      f.many2one(names.lineUnit, version >= 19 ? 'Unit' : 'Unit of Measure', 'uom.uom'),
      f.monetary('price_subtotal', 'Subtotal', { readonly: true }),
      f.float('price_tax', 'Total Tax', { readonly: true }),
      f.monetary('price_total', 'Total', { readonly: true }),
      f.float('qty_delivered', 'Delivery Quantity', { digits: QUANTITY }),
      f.float('qty_invoiced', 'Invoiced Quantity', { readonly: true, digits: QUANTITY }),
      f.selection('state', 'Order Status', [], { related: ['order_id', 'state'], readonly: true }),
      f.selection('display_type', 'Display Type', NOTES),
      f.many2one('currency_id', 'Currency', 'res.currency', { related: ['order_id', 'currency_id'], readonly: true }),
      f.many2one('company_id', 'Company', 'res.company', { related: ['order_id', 'company_id'] }),
      f.many2one('order_partner_id', 'Customer', 'res.partner', { related: ['order_id', 'partner_id'] }),
      f.one2many('move_ids', 'Stock Moves', 'stock.move', 'sale_line_id'),
    ],
    beforeCreate: completeLine,
    afterCreate: (env, row) => {
      const order = env.row('sale.order', Number(row.order_id));
      // An order that is only being made sums up once, at its end.
      if (order.amount_untaxed === undefined) return;
      refreshAmounts(env, order);
      if (isConfirmed(order)) planDelivery(env, order);
    },
    beforeWrite: (env, rows, values) => {
      noteQuantities(env, rows, values);
      return reprice(env, rows, checkedValues(env, rows, values));
    },
    afterWrite: lineWritten,
    beforeUnlink: refuseRemoval,
    afterUnlink: (env, rows) => {
      for (const id of new Set(rows.map((row) => Number(row.order_id)))) {
        const order = env.table('sale.order').get(id);
        if (order) refreshAmounts(env, order);
      }
    },
  });
}

export const isConfirmed = (order: Row): boolean => order.state === 'sale' || order.state === 'done';

function customerOf(env: Env, line: Row): string {
  const partner = env.table('sale.order').get(Number(line.order_id))?.partner_id;
  return typeof partner === 'number' ? ` (${env.displayName('res.partner', partner)})` : '';
}

/** What is left out comes from the product; what is given stands, an empty list of taxes included. */
function completeLine(env: Env, values: WireObject): WireObject {
  const { lineTaxes, lineUnit } = namesOf(env.version);
  const product = env.table('product.product').get(Number(values.product_id));
  if (!product) return values;
  const template = env.row('product.template', Number(product.product_tmpl_id));
  const price = 'price_unit' in values ? Number(values.price_unit) : variantPrice(env, product);
  const quantity = 'product_uom_qty' in values ? {} : { product_uom_qty: 1 };
  return {
    name: env.displayName('product.product', product.id),
    [lineUnit]: template.uom_id ?? false,
    [lineTaxes]: [[6, 0, template.taxes_id ?? []]],
    price_unit: price,
    ...quantity,
    ...values,
    // A price that came with the line counts as the product's: the next write of a quantity replaces it.
    ...(env.version >= 18 ? { technical_price_unit: price } : {}),
  };
}

/**
 * Writing a line's quantity, be it the same, brings back the product's price, unless the price is written with it, or
 * (from 17 on) was written after the line was made.
 */
function reprice(env: Env, rows: readonly Row[], values: WireObject): WireObject {
  const touched = 'product_uom_qty' in values || 'product_id' in values || namesOf(env.version).lineUnit in values;
  if (!touched || 'price_unit' in values) return values;
  for (const row of rows) {
    const product = env.table('product.product').get(Number(values.product_id ?? row.product_id));
    const byHand = env.version >= 18 && Number(row.technical_price_unit ?? 0) !== Number(row.price_unit ?? 0);
    if (!product || byHand) continue;
    const price = variantPrice(env, product);
    env.set('sale.order.line', row, {
      price_unit: price,
      ...(env.version >= 18 ? { technical_price_unit: price } : {}),
    });
  }
  return values;
}

/** Another quantity on a confirmed order is told in the order's history. */
function noteQuantities(env: Env, rows: readonly Row[], values: WireObject): void {
  if (!('product_uom_qty' in values)) return;
  const orders = rows
    .filter((row) => Number(row.product_uom_qty ?? 0) !== Number(values.product_uom_qty))
    .map((row) => env.row('sale.order', Number(row.order_id)))
    .filter((order) => order.state === 'sale');
  for (const order of new Set(orders))
    postMessage(env, 'sale.order', order.id, '<b>The ordered quantity has been updated.</b>', 'notification');
}

function checkedValues(env: Env, rows: readonly Row[], values: WireObject): WireObject {
  const model = env.model('sale.order.line');
  const { lineTaxes, lineUnit } = namesOf(env.version);
  const guarded = ['product_id', 'name', 'price_unit', lineUnit, 'product_uom_qty', lineTaxes];
  const locked = rows.some((row) => isLocked(env.row('sale.order', Number(row.order_id))));
  const labels = guarded
    .map((name) => (name in values ? model.fields.get(name) : undefined))
    .filter((field): field is Field => field !== undefined)
    .map((field) => field.string);
  if (locked && labels.length > 0)
    throw userError(`It is forbidden to modify the following fields in a locked order:\n${labels.join('\n')}`);
  const tooLittle =
    'product_uom_qty' in values && rows.some((row) => Number(values.product_uom_qty) < Number(row.qty_delivered ?? 0));
  if (tooLittle)
    throw userError(
      'The ordered quantity of a sale order line cannot be decreased below the amount already delivered. Instead, create a return in your inventory.',
    );
  return values;
}

/** Locked: a state of its own on 16, a mark from 17 on. */
export const isLocked = (order: Row): boolean => order.state === 'done' || isFilled(order.locked);

const PRICED = ['product_uom_qty', 'price_unit', 'discount', 'product_id', 'tax_id', 'tax_ids'];

function lineWritten(env: Env, rows: readonly Row[], values: WireObject): void {
  if (!PRICED.some((name) => name in values)) return;
  for (const id of new Set(rows.map((row) => Number(row.order_id)))) {
    const order = env.row('sale.order', id);
    refreshAmounts(env, order);
    if (isConfirmed(order)) planDelivery(env, order);
  }
}

function refuseRemoval(env: Env, rows: readonly Row[]): void {
  if (!rows.some((row) => isConfirmed(env.row('sale.order', Number(row.order_id))))) return;
  throw userError(
    env.version >= 18
      ? "Once a sales order is confirmed, you can't remove one of its lines (we need to track if something gets invoiced or delivered).\n                Set the quantity to 0 instead."
      : 'You can not remove an order line once the sales order is confirmed.\nYou should rather set the quantity to 0.',
  );
}
