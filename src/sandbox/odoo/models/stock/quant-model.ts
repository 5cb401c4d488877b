import { defineModel, f, onRecords } from '../../orm/schema.js';
import type { Env, Model } from '../../orm/types.js';
import type { Row } from '../../orm/values.js';
import { reserveNew } from './pickings.js';
import { exact } from './quantities.js';
import { addStock, quantToCount } from './quants.js';
import { inventoryLocation } from './stock-places.js';

const DIGITS = [16, 2] as const;

/** What lies where, and how much of it is reserved. */
export function quantModel(): Model {
  return defineModel('stock.quant', 'Quants', {
    displayName: (env, row) =>
      `${env.displayName('stock.location', Number(row.location_id))} - ${env.displayName('product.product', Number(row.product_id))}`,
    fields: [
      f.many2one('product_id', 'Product', 'product.product', { required: true }),
      f.many2one('location_id', 'Location', 'stock.location', { required: true }),
      f.many2one('product_tmpl_id', 'Product Template', 'product.template', {
        related: ['product_id', 'product_tmpl_id'],
      }),
      f.many2one('warehouse_id', 'Warehouse', 'stock.warehouse', { related: ['location_id', 'warehouse_id'] }),
      f.many2one('company_id', 'Company', 'res.company', { stored: true, compute: () => 1 }),
      f.float('quantity', 'Quantity', { readonly: true, digits: DIGITS }),
      f.float('reserved_quantity', 'Reserved Quantity', { readonly: true, required: true, digits: DIGITS }),
      f.float('available_quantity', 'Available Quantity', {
        digits: DIGITS,
        compute: (_env, row) => exact(Number(row.quantity ?? 0) - Number(row.reserved_quantity ?? 0)),
      }),
      f.float('inventory_quantity', 'Counted Quantity', { digits: DIGITS }),
      f.datetime('in_date', 'Incoming Date', { initial: (env) => env.tx.now.slice(0, 19) }),
    ],
    createInstead: quantToCount,
    methods: {
      action_apply_inventory: onRecords('action_apply_inventory', '', applyInventory, {
        label: 'StockQuant.action_apply_inventory',
      }),
    },
  });
}

/** Makes the counted quantity the one on hand. Returns nothing. */
function applyInventory(env: Env, _model: Model, ids: readonly number[]): null {
  for (const id of ids) {
    const quant = env.row('stock.quant', id);
    const difference = exact(Number(quant.inventory_quantity ?? 0) - Number(quant.quantity ?? 0));
    addStock(env, Number(quant.product_id), inventoryLocation(env), -difference);
    env.set('stock.quant', quant, { quantity: quant.inventory_quantity, inventory_quantity: 0 });
    noteCount(env, quant, difference);
    if (env.version >= 19 && difference > 0) serveWaiting(env, quant);
  }
  return null;
}

/** A count that finds a difference is a move from or to the place where such differences come from. */
function noteCount(env: Env, quant: Row, difference: number): void {
  if (difference === 0) return;
  const [from, to] =
    difference > 0 ? [inventoryLocation(env), quant.location_id] : [quant.location_id, inventoryLocation(env)];
  const amount = Math.abs(difference);
  const moved = env.version >= 18 ? { quantity: amount, picked: true } : { quantity_done: amount };
  const ends = { location_id: from, location_dest_id: to };
  env
    .sudo()
    .create('stock.move', { product_id: quant.product_id, product_uom_qty: amount, state: 'done', ...moved, ...ends });
}

/** From 19 on, what a count brings to light goes to the deliveries that wait for it. */
function serveWaiting(env: Env, quant: Row): void {
  for (const id of [...env.table('stock.move').lookup('product_id', Number(quant.product_id))]) {
    const move = env.row('stock.move', id);
    const picking = env.table('stock.picking').get(Number(move.picking_id));
    const waits = move.state === 'confirmed' || move.state === 'partially_available';
    if (picking && waits && move.location_id === quant.location_id) reserveNew(env, picking);
  }
}
