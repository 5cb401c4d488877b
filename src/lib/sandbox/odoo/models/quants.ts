import { descendants } from '../domain.js';
import { defineModel, f, onRecords } from '../schema.js';
import type { Env, Model } from '../types.js';
import { isFilled, type Row, type WireObject } from '../values.js';
import { exact } from './quantities.js';
import { inventoryLocation } from './stock-places.js';

const DIGITS = [16, 2] as const;

/** What lies where, and how much of it is reserved. */
export function quantModel(): Model {
  return defineModel('stock.quant', 'Quants', {
    displayName: (env, row) => `${env.displayName('stock.location', Number(row.location_id))} - ${env.displayName('product.product', Number(row.product_id))}`,
    fields: [
      f.many2one('product_id', 'Product', 'product.product', { required: true }), f.many2one('location_id', 'Location', 'stock.location', { required: true }),
      f.many2one('product_tmpl_id', 'Product Template', 'product.template', { related: ['product_id', 'product_tmpl_id'] }),
      f.many2one('warehouse_id', 'Warehouse', 'stock.warehouse', { related: ['location_id', 'warehouse_id'] }),
      f.many2one('company_id', 'Company', 'res.company', { stored: true, compute: () => 1 }),
      f.float('quantity', 'Quantity', { readonly: true, digits: DIGITS }), f.float('reserved_quantity', 'Reserved Quantity', { readonly: true, required: true, digits: DIGITS }),
      f.float('available_quantity', 'Available Quantity', { digits: DIGITS, compute: (_env, row) => exact(Number(row.quantity ?? 0) - Number(row.reserved_quantity ?? 0)) }),
      f.float('inventory_quantity', 'Counted Quantity', { digits: DIGITS }), f.datetime('in_date', 'Incoming Date', { initial: (env) => env.tx.now.slice(0, 19) }),
    ],
    createInstead: quantToCount,
    methods: { action_apply_inventory: onRecords('action_apply_inventory', '', applyInventory, { label: 'StockQuant.action_apply_inventory' }) },
  });
}

/** Makes the counted quantity the one on hand. Returns nothing. */
function applyInventory(env: Env, _model: Model, ids: readonly number[]): null {
  for (const id of ids) {
    const quant = env.row('stock.quant', id);
    const difference = exact(Number(quant.inventory_quantity ?? 0) - Number(quant.quantity ?? 0));
    addStock(env, Number(quant.product_id), inventoryLocation(env), -difference);
    env.set('stock.quant', quant, { quantity: quant.inventory_quantity, inventory_quantity: 0 });
  }
  return null;
}

/** A count of a product in a place that already has a quant goes there. */
function quantToCount(env: Env, values: WireObject): Row | undefined {
  if (!('inventory_quantity' in values) || 'quantity' in values) return undefined;
  return quantIn(env, Number(values.product_id), Number(values.location_id));
}

function quantIn(env: Env, product: number, location: number): Row | undefined {
  const table = env.table('stock.quant');
  for (const id of table.lookup('product_id', product)) {
    const quant = table.get(id);
    if (quant?.location_id === location) return quant;
  }
  return undefined;
}

/** Adds to (or, with a negative amount, takes from) what lies in a location; below zero if need be. */
export function addStock(env: Env, product: number, location: number, amount: number, reserved = 0): void {
  const quant = quantIn(env, product, location) ?? env.sudo().create('stock.quant', { product_id: product, location_id: location });
  env.set('stock.quant', quant, {
    quantity: exact(Number(quant.quantity ?? 0) + amount), reserved_quantity: exact(Math.max(0, Number(quant.reserved_quantity ?? 0) + reserved)),
  });
}

/** Reserves in a location and those below it, as far as there is free stock; tells from where how much. */
export function reserveStock(env: Env, product: number, location: number, wanted: number): { location: number; quantity: number }[] {
  const places = descendants(env, 'stock.location', [location]);
  const taken: { location: number; quantity: number }[] = [];
  let missing = wanted;
  for (const id of [...env.table('stock.quant').lookup('product_id', product)].sort((a, b) => a - b)) {
    const quant = env.row('stock.quant', id);
    const free = exact(Number(quant.quantity ?? 0) - Number(quant.reserved_quantity ?? 0));
    if (missing <= 0 || free <= 0 || !places.has(Number(quant.location_id))) continue;
    const quantity = exact(Math.min(free, missing));
    missing = exact(missing - quantity);
    env.set('stock.quant', quant, { reserved_quantity: exact(Number(quant.reserved_quantity ?? 0) + quantity) });
    taken.push({ location: Number(quant.location_id), quantity });
  }
  return taken;
}

/** Whether stock of the product is kept count of. */
export function isTracked(env: Env, product: number): boolean {
  const template = env.table('product.template').get(Number(env.table('product.product').get(product)?.product_tmpl_id));
  return env.version >= 18 ? isFilled(template?.is_storable) : template?.detailed_type === 'product';
}

/** Whether the product is something that is moved at all. */
export function isGoods(env: Env, product: number): boolean {
  const template = env.table('product.template').get(Number(env.table('product.product').get(product)?.product_tmpl_id));
  return (env.version >= 18 ? template?.type : template?.detailed_type) !== 'service';
}
