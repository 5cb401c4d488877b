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

export type OdooVerdict = { readonly steps: readonly OdooStep[] } | { readonly person: string };

/**
 * What brings Odoo to the state that Cartona tells, as the settings' table has it. Odoo being further (a salesperson
 * confirmed what is pending at Cartona) is nothing to undo: telling Cartona is the push's work. Goods that have left
 * are never un-delivered by a program: that is for a person.
 */
export function stepsTowards(status: OrderStatus, order: SaleOrderStatus, table: StatesToOdoo): OdooVerdict {
  switch (status) {
    case 'pending':
    case 'editing':
      return { steps: [] };
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
  verdict: OdooVerdict,
  status: OrderStatus,
  order: SaleOrderStatus,
): OdooVerdict {
  if (setting === 'nothing') return { steps: [] };
  if (setting !== 'person' || 'person' in verdict || verdict.steps.length === 0) return verdict;
  return {
    person: `Cartona says ${status}, and the settings leave it to a person to ${verdict.steps.join(', ')} ${order.name} in Odoo; the next pull looks again`,
  };
}

const towardsConfirmed = (order: SaleOrderStatus): OdooVerdict => ({ steps: isQuotation(order) ? ['confirm'] : [] });

export const isQuotation = (order: Pick<SaleOrderStatus, 'state'>): boolean =>
  order.state === 'draft' || order.state === 'sent';

function towardsDelivered(order: SaleOrderStatus): OdooVerdict {
  if (order.state === 'cancel') {
    return {
      person: `Cartona says delivered, but ${order.name} is cancelled in Odoo; set it to a quotation again in Odoo, or settle it with Cartona; the next pull looks again`,
    };
  }
  if (isQuotation(order)) return { steps: ['confirm', 'deliver', 'lock'] };
  const deliver: OdooStep[] = deliveryStage(order) === 'delivered' ? [] : ['deliver'];
  return { steps: [...deliver, ...(order.locked ? [] : (['lock'] as const))] };
}

function towardsCancelled(order: SaleOrderStatus): OdooVerdict {
  if (order.state === 'cancel' || hasReturn(order)) return { steps: [] };
  const stage = deliveryStage(order);
  if (stage === 'delivered' || stage === 'under_way') {
    return {
      person: `Cartona cancelled the order, but goods of ${order.name} have left (${deliveries(order)}); take them back with a return in Odoo, or cancel ${order.name} there; the next pull looks again`,
    };
  }
  return { steps: order.locked ? ['unlock', 'cancel'] : ['cancel'] };
}

function towardsReturned(order: SaleOrderStatus): OdooVerdict {
  if (order.state === 'cancel' || hasReturn(order)) return { steps: [] };
  return {
    person: `the order came back to Cartona as returned; take the goods of ${order.name} back in Odoo (${deliveries(order)}) or cancel it there; the next pull looks again`,
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
