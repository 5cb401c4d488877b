import type { Env } from '../../orm/types.js';
import type { Row } from '../../orm/values.js';
import { exact } from './quantities.js';

/** Brings an order's delivery status and its lines' delivered quantities up to date after a delivery of it changed. */
export function noteDelivery(env: Env, picking: Row): void {
  const order = typeof picking.sale_id === 'number' ? env.table('sale.order').get(picking.sale_id) : undefined;
  if (!order) return;
  for (const id of env.table('sale.order.line').lookup('order_id', order.id))
    noteDelivered(env, env.row('sale.order.line', id));
  const delivery_status = deliveryStatus(env, order);
  if (delivery_status !== (order.delivery_status ?? false)) env.set('sale.order', order, { delivery_status });
}

function noteDelivered(env: Env, line: Row): void {
  let delivered = 0;
  for (const id of env.table('stock.move').lookup('sale_line_id', line.id)) {
    const move = env.row('stock.move', id);
    if (move.state === 'done') delivered += Number(move.product_uom_qty ?? 0);
  }
  if (exact(delivered) !== Number(line.qty_delivered ?? 0))
    env.set('sale.order.line', line, { qty_delivered: exact(delivered) });
}

function deliveryStatus(env: Env, order: Row): string | false {
  const states = [...env.table('stock.picking').lookup('sale_id', order.id)].map(
    (id) => env.row('stock.picking', id).state,
  );
  if (states.every((state) => state === 'cancel')) return false;
  if (states.every((state) => state === 'done' || state === 'cancel')) return 'full';
  if (!states.includes('done')) return 'pending';
  const delivered = [...env.table('sale.order.line').lookup('order_id', order.id)].some(
    (id) => Number(env.row('sale.order.line', id).qty_delivered ?? 0) > 0,
  );
  return delivered ? 'partial' : 'started';
}
