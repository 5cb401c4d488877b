import type { OrderStatus } from '../../cartona/schemas.js';
import type { StatesToCartona } from '../../settings/profile.js';
import { supplierSteps, type SettableStatus } from '../order-cycle.js';
import { deliveryStage, isQuotation } from './odoo-states.js';
import type { SaleOrderStatus } from '../../odoo/records/sale-orders.js';

/**
 * Cartona's state for an Odoo order, as the settings' table has it; `undefined` where nothing is to be sent. On 16 a
 * finished order is `done`; later versions only lock it, which says nothing of the goods.
 */
export function wantedStatus(
  order: SaleOrderStatus,
  { table, doneIsState }: { table: StatesToCartona; doneIsState: boolean },
): SettableStatus | undefined {
  if (order.state === 'cancel') return firstSet(table.cancelled);
  if (isQuotation(order)) return firstSet(table.quotation);
  const stage = deliveryStage(order);
  const delivered = doneIsState
    ? order.state === 'done' && (stage === 'delivered' || stage === 'none')
    : stage === 'delivered';
  if (delivered) return firstSet(table.delivered, table.underWay, table.confirmed);
  return stage === 'under_way' ? firstSet(table.underWay, table.confirmed) : firstSet(table.confirmed);
}

const firstSet = (...words: readonly (SettableStatus | 'nothing')[]): SettableStatus | undefined =>
  words.find((word) => word !== 'nothing');

export interface PushQuestion {
  /** `undefined`: nothing is to be sent to Cartona. */
  readonly wanted: SettableStatus | undefined;
  /** Cartona's last known status. */
  readonly cartona: OrderStatus;
  /** Odoo already is what that status asks of it. */
  readonly answered: boolean;
  readonly deliveredBy: 'delivered_by_supplier' | 'delivered_by_cartona';
  readonly needsOtp: boolean;
  /** Pass through `assigned_to_salesman` on the way to `delivered`. */
  readonly viaAssigned: boolean;
}

/**
 * What to send to Cartona:
 * - `equal`: nothing; both agree, or Cartona is ahead and the pull brings Odoo along
 * - `steps`: these states, in this order
 * - `awaits_otp`: these (or none), and then `delivered` with the retailer's OTP, which only a person has
 * - `waits`: nothing now, it solves itself or needs the retailer
 * - `illegal`: Cartona's cycle has no such step; for a person
 */
export type PushPlan =
  | { readonly kind: 'equal' }
  | { readonly kind: 'steps' | 'awaits_otp'; readonly steps: readonly SettableStatus[] }
  | { readonly kind: 'waits'; readonly reason: string }
  | { readonly kind: 'illegal'; readonly reason: string };

const EQUAL: PushPlan = { kind: 'equal' };
const RANK: Readonly<Record<'pending' | 'approved' | 'assigned_to_salesman' | 'delivered', number>> = {
  pending: 0,
  approved: 1,
  assigned_to_salesman: 2,
  delivered: 3,
};

/** Decides what to send to Cartona for one order. Each step is legal in Cartona's cycle after the one before. */
export function planPush(question: PushQuestion): PushPlan {
  const { wanted, cartona, answered } = question;
  if (wanted === undefined || wanted === cartona) return EQUAL;
  if (cartona === 'editing') return { kind: 'waits', reason: 'the retailer is editing the order' };
  if (wanted === 'cancelled_by_supplier') return planCancellation(cartona, answered);
  if (cartona === 'cancelled_by_retailer' || cartona === 'cancelled_by_supplier' || cartona === 'returned') {
    return answered
      ? EQUAL
      : { kind: 'illegal', reason: `Cartona has it as ${cartona}, which is final; Odoo's order is ${wanted}` };
  }
  if (RANK[wanted] < RANK[cartona]) {
    // Confirmed in Odoo answers to both approved and assigned: no difference.
    return answered || (wanted === 'approved' && cartona === 'assigned_to_salesman')
      ? EQUAL
      : { kind: 'illegal', reason: `Cartona has it as ${cartona} already and cannot go back to ${wanted}` };
  }
  if (question.deliveredBy === 'delivered_by_cartona')
    return {
      kind: 'waits',
      reason: 'Cartona delivers this order and sets its state itself; the supplier may only cancel it',
    };
  return stepsForward(question, wanted);
}

function planCancellation(cartona: Exclude<OrderStatus, 'editing'>, answered: boolean): PushPlan {
  if (cartona === 'cancelled_by_retailer' || (cartona === 'returned' && answered)) return EQUAL;
  if (supplierSteps(cartona).includes('cancelled_by_supplier'))
    return { kind: 'steps', steps: ['cancelled_by_supplier'] };
  return { kind: 'illegal', reason: `Cartona has it as ${cartona}, which cannot be cancelled` };
}

function stepsForward({ cartona, needsOtp, viaAssigned }: PushQuestion, wanted: SettableStatus): PushPlan {
  const way = wayTo(wanted, cartona, viaAssigned);
  return wanted === 'delivered' && needsOtp
    ? { kind: 'awaits_otp', steps: way.filter((step) => step !== 'delivered') }
    : { kind: 'steps', steps: way };
}

/** The states from one to a later one, each a step of the cycle. */
function wayTo(wanted: SettableStatus, from: OrderStatus, viaAssigned: boolean): SettableStatus[] {
  if (from === wanted) return [];
  const ways = supplierSteps(from).filter(
    (step): step is SettableStatus => step !== 'cancelled_by_supplier' && step !== 'returned',
  );
  const straight = ways.includes(wanted) && !(viaAssigned && ways.includes('assigned_to_salesman'));
  const next = straight ? wanted : ways[0];
  return next === undefined ? [] : [next, ...wayTo(wanted, next, viaAssigned)];
}
