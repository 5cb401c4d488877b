import { userError } from '../../orm/errors.js';
import { namesOf } from '../../orm/names.js';
import { defineModel, f } from '../../orm/schema.js';
import type { Env, Model } from '../../orm/types.js';
import { textOf, type OdooVersion, type Row, type WireObject } from '../../orm/values.js';
import { exact } from './quantities.js';
import { addStock, isTracked, reserveStock } from './quants.js';

const DIGITS = [16, 2] as const;
const STATES = [
  ['draft', 'New'],
  ['waiting', 'Waiting Another Move'],
  ['confirmed', 'Waiting Availability'],
  ['partially_available', 'Partially Available'],
  ['assigned', 'Available'],
  ['done', 'Done'],
  ['cancel', 'Cancelled'],
] as const;

export const isOpen = (row: Row): boolean => row.state !== 'done' && row.state !== 'cancel';
const numberIn = (row: Row, field: string): number => Number(row[field] ?? 0);
export const demandOf = (move: Row): number => numberIn(move, 'product_uom_qty');
export const reservedOf = (env: Env, move: Row): number => numberIn(move, namesOf(env.version).moveReserved);
/** What validating would move. */
export const doneOf = (env: Env, move: Row): number => numberIn(move, namesOf(env.version).moveDone);

/** Moves and the lines that say from where. */
export function moveModels(version: OdooVersion): Model[] {
  return [moves(version), moveLines(version)];
}

function moves(version: OdooVersion): Model {
  const amounts =
    version >= 18
      ? [f.float('quantity', 'Quantity', { digits: DIGITS }), f.boolean('picked', 'Picked')]
      : [
          f.float('reserved_availability', 'Quantity Reserved', { digits: DIGITS, readonly: true }),
          f.float('quantity_done', 'Quantity Done', { digits: DIGITS }),
        ];
  return defineModel('stock.move', 'Stock Move', {
    order: 'id',
    displayName: (env, row) => `${textOf(row.origin)}/${env.displayName('product.product', Number(row.product_id))}`,
    fields: [
      version < 19 && f.char('name', 'Description', { initial: '/' }),
      f.many2one('product_id', 'Product', 'product.product', { required: true }),
      f.float('product_uom_qty', 'Demand', { required: true, digits: DIGITS }),
      ...amounts,
      f.many2one('product_uom', 'UoM', 'uom.uom', { initial: 1 }),
      f.selection('state', 'Status', STATES, { readonly: true, initial: 'draft' }),
      f.many2one('picking_id', 'Transfer', 'stock.picking', { cascade: true }),
      f.many2one('sale_line_id', 'Sale Line', 'sale.order.line'),
      f.many2one('location_id', 'Source Location', 'stock.location', { required: true }),
      f.many2one('location_dest_id', 'Destination Location', 'stock.location', { required: true }),
      f.char('origin', 'Source Document'),
      f.char('reference', 'Reference', {
        stored: true,
        compute: (env, row) => textOf(env.table('stock.picking').get(Number(row.picking_id))?.name),
      }),
      f.datetime('date', 'Date Scheduled', { initial: (env) => env.tx.now.slice(0, 19) }),
      f.many2one('company_id', 'Company', 'res.company', { initial: 1 }),
      f.one2many('move_line_ids', 'Move Line', 'stock.move.line', 'move_id'),
    ],
    beforeWrite: (env, rows, values) => moveWritten(env, rows, values),
  });
}

function moveLines(version: OdooVersion): Model {
  const amounts =
    version >= 18
      ? [f.float('quantity', 'Quantity', { digits: DIGITS }), f.boolean('picked', 'Picked')]
      : [f.float('reserved_uom_qty', 'Reserved', { digits: DIGITS }), f.float('qty_done', 'Done', { digits: DIGITS })];
  return defineModel('stock.move.line', 'Product Moves (Stock Move Line)', {
    fields: [
      f.many2one('move_id', 'Stock Operation', 'stock.move', { cascade: true }),
      f.many2one('picking_id', 'Transfer', 'stock.picking', { related: ['move_id', 'picking_id'] }),
      f.many2one('product_id', 'Product', 'product.product', { related: ['move_id', 'product_id'] }),
      f.many2one('location_id', 'From', 'stock.location', { required: true }),
      f.many2one('location_dest_id', 'To', 'stock.location', { related: ['move_id', 'location_dest_id'] }),
      ...amounts,
      f.selection('state', 'Status', STATES, { related: ['move_id', 'state'] }),
    ],
  });
}

/** From 17 on, writing a move's quantity reserves exactly that much, stock or not. */
function moveWritten(env: Env, rows: readonly Row[], values: WireObject): WireObject {
  if (env.version < 18 || !('quantity' in values)) return values;
  const { quantity, ...rest } = values;
  for (const move of rows) {
    if (!isOpen(move)) throw userError('Quantity or Lot/Serial Number modifications are not allowed on done moves.');
    unreserve(env, move);
    reserve(env, move, Number(quantity));
    force(env, move, Number(quantity));
    refreshState(env, move);
  }
  return rest;
}

function linesOf(env: Env, move: Row): Row[] {
  return [...env.table('stock.move.line').lookup('move_id', move.id)].map((id) => env.row('stock.move.line', id));
}

/** Reserves up to `wanted` of a move in all, as far as there is stock. What is not counted is always there. */
export function reserve(env: Env, move: Row, wanted = demandOf(move)): void {
  const names = namesOf(env.version);
  const missing = exact(wanted - reservedOf(env, move));
  if (missing <= 0) return;
  const product = Number(move.product_id);
  const from = Number(move.location_id);
  const taken = isTracked(env, product)
    ? reserveStock(env, product, from, missing)
    : [{ location: from, quantity: missing }];
  for (const { location, quantity } of taken)
    env
      .sudo()
      .create('stock.move.line', { move_id: move.id, location_id: location, [names.moveLineReserved]: quantity });
  const reserved = taken.reduce((sum, { quantity }) => sum + quantity, reservedOf(env, move));
  env.set('stock.move', move, { [names.moveReserved]: exact(reserved) });
}

/** Takes what is missing from the move's own location, below zero if need be. */
function force(env: Env, move: Row, wanted: number): void {
  const missing = exact(wanted - reservedOf(env, move));
  if (missing <= 0) return;
  const names = namesOf(env.version);
  if (isTracked(env, Number(move.product_id)))
    addStock(env, Number(move.product_id), Number(move.location_id), 0, missing);
  env
    .sudo()
    .create('stock.move.line', { move_id: move.id, location_id: move.location_id, [names.moveLineReserved]: missing });
  env.set('stock.move', move, { [names.moveReserved]: wanted });
}

export function unreserve(env: Env, move: Row): void {
  const names = namesOf(env.version);
  for (const line of linesOf(env, move)) {
    const quantity = numberIn(line, names.moveLineReserved);
    if (isTracked(env, Number(move.product_id)))
      addStock(env, Number(move.product_id), Number(line.location_id), 0, -quantity);
    env.sudo().unlink('stock.move.line', [line.id]);
  }
  env.set('stock.move', move, { [names.moveReserved]: 0 });
}

/** `assigned` when all is reserved, `partially_available` when some is. */
export function refreshState(env: Env, move: Row): void {
  if (!isOpen(move)) return;
  const reserved = reservedOf(env, move);
  const state =
    reserved <= 0 && demandOf(move) > 0 ? 'confirmed' : reserved < demandOf(move) ? 'partially_available' : 'assigned';
  env.set('stock.move', move, { state });
}

export function cancelMove(env: Env, move: Row): void {
  if (!isOpen(move)) return;
  unreserve(env, move);
  env.set('stock.move', move, { state: 'cancel' });
}

/** Carries the goods over: out of where they were reserved, into the destination. Gives how much was left undone. */
export function finishMove(env: Env, move: Row): number {
  const names = namesOf(env.version);
  const product = Number(move.product_id);
  const done = doneOf(env, move);
  const undone = exact(Math.max(0, demandOf(move) - done));
  let missing = done;
  for (const line of linesOf(env, move)) {
    const reserved = numberIn(line, names.moveLineReserved);
    const taken = Math.min(reserved, missing);
    missing = exact(missing - taken);
    if (isTracked(env, product)) addStock(env, product, Number(line.location_id), -taken, -reserved);
  }
  if (isTracked(env, product)) {
    if (missing > 0) addStock(env, product, Number(move.location_id), -missing);
    addStock(env, product, Number(move.location_dest_id), done);
  }
  const picked = env.version >= 18 ? { picked: true } : { reserved_availability: 0 };
  env.set('stock.move', move, { state: 'done', product_uom_qty: done, date: env.tx.now.slice(0, 19), ...picked });
  return undone;
}
