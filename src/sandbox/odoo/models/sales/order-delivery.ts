import type { Env } from '../../orm/types.js';
import type { Row } from '../../orm/values.js';
import { cancelMove, demandOf, isOpen, refreshState, reservedOf, unreserve } from '../stock/moves.js';
import { nextDeliveryName, refreshPicking, reserveNew } from '../stock/pickings.js';
import { exact } from '../stock/quantities.js';
import { isGoods } from '../stock/quants.js';
import { customerLocation } from '../stock/stock-places.js';

/** Makes the deliveries of a confirmed order fit its lines: what is missing is added, what is too much is taken off. */
export function planDelivery(env: Env, order: Row): void {
  const touched = new Set<number>();
  for (const id of env.table('sale.order.line').lookup('order_id', order.id)) {
    const line = env.row('sale.order.line', id);
    if (typeof line.product_id !== 'number' || !isGoods(env, line.product_id)) continue;
    const moves = [...env.table('stock.move').lookup('sale_line_id', line.id)]
      .map((move) => env.row('stock.move', move))
      .filter((move) => move.state !== 'cancel');
    const planned = moves.reduce((sum, move) => sum + demandOf(move), 0);
    const missing = exact(Number(line.product_uom_qty ?? 0) - planned);
    const picking =
      missing > 0 ? add(env, order, line, moves, missing) : missing < 0 ? takeOff(env, moves, -missing) : undefined;
    if (picking !== undefined) touched.add(picking);
  }
  for (const id of touched) {
    env.set('stock.picking', env.row('stock.picking', id), {});
    reserveNew(env, env.row('stock.picking', id));
  }
}

function add(env: Env, order: Row, line: Row, moves: readonly Row[], quantity: number): number {
  const open = moves.find(isOpen);
  if (open) {
    env.set('stock.move', open, { product_uom_qty: exact(demandOf(open) + quantity) });
    return Number(open.picking_id);
  }
  const picking = openPicking(env, order);
  env.sudo().create('stock.move', {
    ...(env.version < 19 ? { name: line.name ?? '/' } : {}),
    product_id: line.product_id,
    product_uom_qty: quantity,
    picking_id: picking.id,
    sale_line_id: line.id,
    location_id: picking.location_id,
    location_dest_id: picking.location_dest_id,
    origin: order.name,
  });
  return picking.id;
}

function openPicking(env: Env, order: Row): Row {
  for (const id of env.table('stock.picking').lookup('sale_id', order.id)) {
    const picking = env.row('stock.picking', id);
    if (isOpen(picking)) return picking;
  }
  const warehouse = env.row('stock.warehouse', Number(order.warehouse_id));
  return env.sudo().create('stock.picking', {
    name: nextDeliveryName(env, warehouse.out_type_id),
    picking_type_id: warehouse.out_type_id,
    location_id: warehouse.lot_stock_id,
    location_dest_id: customerLocation(env),
    partner_id: order.partner_shipping_id ?? order.partner_id,
    sale_id: order.id,
    origin: order.name,
    ...(typeof order.commitment_date === 'string' ? { scheduled_date: order.commitment_date } : {}),
  });
}

function takeOff(env: Env, moves: readonly Row[], quantity: number): number | undefined {
  let left = quantity;
  let picking: number | undefined;
  for (const move of moves.filter(isOpen)) {
    const taken = Math.min(left, demandOf(move));
    left = exact(left - taken);
    if (reservedOf(env, move) > 0) unreserve(env, move);
    env.set('stock.move', move, { product_uom_qty: exact(demandOf(move) - taken) });
    if (demandOf(move) === 0) cancelMove(env, move);
    else refreshState(env, move);
    picking = Number(move.picking_id);
    refreshPicking(env, env.row('stock.picking', picking));
  }
  return picking;
}
