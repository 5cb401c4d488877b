import type { ApiOrder, OrderStatus } from '../../supplier/supplier-types.js';

/** Who wants the change: the supplier through the API, the retailer in the app, or Cartona's own staff. */
export type Actor = 'supplier' | 'retailer' | 'cartona';

/** Reasons that a supplier may give for cancelling. */
export const CANCELLATION_REASONS = [
  'out_of_stock',
  'cannot_deliver_the_order',
  'supplier_asked_me_to_cancel',
  'delayed_order',
  'pending_order_without_action',
  'removed_items',
  'supplier_attitude',
  'missing_items',
  'expired_products',
  'different_prices',
  'different_products',
] as const;

/** The order cycle: from each status, the statuses that may follow. None follows a final one. */
const STEPS: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  pending: ['editing', 'approved', 'cancelled_by_retailer', 'cancelled_by_supplier'],
  editing: ['pending'],
  approved: ['assigned_to_salesman', 'delivered', 'cancelled_by_retailer', 'cancelled_by_supplier'],
  assigned_to_salesman: ['delivered', 'cancelled_by_supplier', 'returned'],
  delivered: [],
  cancelled_by_retailer: [],
  cancelled_by_supplier: [],
  returned: [],
};

type CycleOrder = Pick<ApiOrder, 'hashed_id' | 'status' | 'delivered_by'>;

/** Why the actor may not take the order to this status now, in one sentence; undefined when the step is legal. */
export function refuseStep(order: CycleOrder, to: OrderStatus, actor: Actor): string | undefined {
  const { hashed_id: id, status: from } = order;
  if (from === to) return `order ${id} is already ${to}`;
  if (STEPS[from].length === 0) return `order ${id} is ${from}, which is final`;
  if (from === 'editing' && actor !== 'retailer') return `order ${id} is being edited by the retailer`;
  if (!STEPS[from].includes(to)) return `order ${id} cannot go from ${from} to ${to}`;
  if (!mayWish(order, to, actor)) return `${actor} may not set ${to} on order ${id}, which is ${order.delivered_by}`;
  return undefined;
}

function mayWish(order: CycleOrder, to: OrderStatus, actor: Actor): boolean {
  const cancels = to === 'cancelled_by_retailer' || to === 'cancelled_by_supplier';
  if (actor === 'retailer') return to === 'editing' || to === 'pending' || to === 'cancelled_by_retailer';
  if (to === 'editing') return false;
  if (actor === 'cartona') return cancels || order.delivered_by === 'delivered_by_cartona';
  if (to === 'cancelled_by_retailer') return false;
  return cancels || order.delivered_by === 'delivered_by_supplier';
}

/** Why the actor may not change the order's lines now; undefined when that is legal. */
export function refuseLineEdit(order: CycleOrder, actor: 'supplier' | 'cartona'): string | undefined {
  if (order.status === 'editing') return `order ${order.hashed_id} is being edited by the retailer`;
  if (STEPS[order.status].length === 0) return `order ${order.hashed_id} is ${order.status}, which is final`;
  // Whoever does not deliver an order only cancels it.
  if (actor === 'supplier' && order.delivered_by === 'delivered_by_cartona')
    return `order ${order.hashed_id} is delivered by Cartona: the supplier may only cancel it`;
  return undefined;
}

/** Whether the supplier needs the retailer's one-time password to report this order as delivered. */
export function needsOtp(order: Pick<ApiOrder, 'installment_cost' | 'wallet_top_up'>): boolean {
  return order.installment_cost > 0 || order.wallet_top_up > 0;
}

/** Whether goods that the order took from the marketplace's stock go back on sale with this status. */
export function releasesStock(status: OrderStatus): boolean {
  return status === 'cancelled_by_retailer' || status === 'cancelled_by_supplier';
}
