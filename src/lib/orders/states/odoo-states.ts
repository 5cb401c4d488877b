import type { OrderStatus } from '../../cartona/schemas.js';
import type { SaleOrderStatus } from '../../odoo/records/sale-orders.js';
import type { StatesToOdoo } from '../../settings/profile.js';

/**
 * How far the goods of a sale order are:
 * - `none`: nothing to move (no live picking, nothing delivered by hand)
 * - `open`: pickings wait
 * - `under_way`: some are done
 * - `delivered`: all are done
 */
export type DeliveryStage = 'none' | 'open' | 'under_way' | 'delivered';

/** Being locked says nothing of the goods: Odoo can be set to lock at confirmation. */
export function deliveryStage(order: Pick<SaleOrderStatus, 'pickings' | 'allLinesDelivered'>): DeliveryStage {
  const live = order.pickings.filter((picking) => picking.state !== 'cancel');
  if (live.length === 0) return order.allLinesDelivered ? 'delivered' : 'none';
  const done = live.filter((picking) => picking.state === 'done').length;
  if (done === live.length) return 'delivered';
  return done > 0 ? 'under_way' : 'open';
}

/** What can be done to a sale order to bring it to a state. `deliver` sets quantities and validates every picking. */
export type OdooStep = 'confirm' | 'deliver' | 'lock' | 'unlock' | 'cancel';

/** The steps that bring Odoo to a state, or why a person must decide. */
export type OdooPlan =
  | { readonly kind: 'steps'; readonly steps: readonly OdooStep[] }
  | { readonly kind: 'person'; readonly reason: string };

/**
 * What brings Odoo to the state that Cartona tells, as the settings' table has it. Odoo being further (a salesperson
 * confirmed what is pending at Cartona) is nothing to undo: telling Cartona is the push's work. Goods that have left
 * are never un-delivered by a program: that is for a person.
 */
export function stepsTowards(status: OrderStatus, order: SaleOrderStatus, table: StatesToOdoo): OdooPlan {
  switch (status) {
    case 'pending':
    case 'editing':
      return { kind: 'steps', steps: [] };
    case 'approved':
      return asSet(table.approved, towardsConfirmed(order), status, order);
    case 'assigned_to_salesman':
      return asSet(table.assigned, towardsConfirmed(order), status, order);
    case 'delivered':
      return asSet(
        table.delivered,
        table.delivered === 'confirmed' ? towardsConfirmed(order) : towardsDelivered(order),
        status,
        order,
      );
    case 'cancelled_by_retailer':
    case 'cancelled_by_supplier':
      return asSet(table.cancelled, towardsCancelled(order), status, order);
    case 'returned':
      return asSet(table.returned, towardsReturned(order), status, order);
  }
}

function asSet(
  setting: StatesToOdoo[keyof StatesToOdoo],
  plan: OdooPlan,
  status: OrderStatus,
  order: SaleOrderStatus,
): OdooPlan {
  if (setting === 'nothing') return { kind: 'steps', steps: [] };
  if (setting !== 'person' || plan.kind === 'person' || plan.steps.length === 0) return plan;
  return {
    kind: 'person',
    reason: `Cartona says ${status}, and the settings leave it to a person to ${plan.steps.join(', ')} ${order.name} in Odoo; the next pull looks again`,
  };
}

const towardsConfirmed = (order: SaleOrderStatus): OdooPlan => ({
  kind: 'steps',
  steps: isQuotation(order) ? ['confirm'] : [],
});

export const isQuotation = (order: Pick<SaleOrderStatus, 'state'>): boolean =>
  order.state === 'draft' || order.state === 'sent';

function towardsDelivered(order: SaleOrderStatus): OdooPlan {
  if (order.state === 'cancel') {
    return {
      kind: 'person',
      reason: `Cartona says delivered, but ${order.name} is cancelled in Odoo; set it to a quotation again in Odoo, or settle it with Cartona; the next pull looks again`,
    };
  }
  if (isQuotation(order)) return { kind: 'steps', steps: ['confirm', 'deliver', 'lock'] };
  const deliver: OdooStep[] = deliveryStage(order) === 'delivered' ? [] : ['deliver'];
  return { kind: 'steps', steps: [...deliver, ...(order.locked ? [] : (['lock'] as const))] };
}

function towardsCancelled(order: SaleOrderStatus): OdooPlan {
  if (order.state === 'cancel' || hasReturn(order)) return { kind: 'steps', steps: [] };
  const stage = deliveryStage(order);
  if (stage === 'delivered' || stage === 'under_way') {
    return {
      kind: 'person',
      reason: `Cartona cancelled the order, but goods of ${order.name} have left (${deliveries(order)}); take them back with a return in Odoo, or cancel ${order.name} there; the next pull looks again`,
    };
  }
  return { kind: 'steps', steps: order.locked ? ['unlock', 'cancel'] : ['cancel'] };
}

function towardsReturned(order: SaleOrderStatus): OdooPlan {
  if (order.state === 'cancel' || hasReturn(order)) return { kind: 'steps', steps: [] };
  return {
    kind: 'person',
    reason: `the order came back to Cartona as returned; take the goods of ${order.name} back in Odoo (${deliveries(order)}) or cancel it there; the next pull looks again`,
  };
}

/** Whether goods of the order were taken back in Odoo. */
const hasReturn = (order: SaleOrderStatus): boolean =>
  order.pickings.some((picking) => picking.incoming && picking.state === 'done');

function deliveries(order: SaleOrderStatus): string {
  const names = order.pickings
    .filter((picking) => picking.state !== 'cancel' && !picking.incoming)
    .map((picking) => `${picking.name}, ${picking.state}`);
  return names.length === 0 ? 'no delivery' : `delivery ${names.join('; ')}`;
}
