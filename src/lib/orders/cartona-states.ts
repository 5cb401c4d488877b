import type { OrderStatus } from '../cartona/schemas.js';
import { deliveryStage, isQuotation, type SaleStanding } from './odoo-states.js';

/** The states that a supplier may ask for on the single path. */
export type SettableStatus = 'pending' | 'approved' | 'assigned_to_salesman' | 'delivered' | 'cancelled_by_supplier';

/** What a supplier may do next in Cartona's order cycle. `editing` is the retailer's; final states have no way out. */
export const SUPPLIER_STEPS: Readonly<Record<OrderStatus, readonly SettableStatus[]>> = {
  pending: ['approved', 'cancelled_by_supplier'],
  editing: [],
  approved: ['assigned_to_salesman', 'delivered', 'cancelled_by_supplier'],
  assigned_to_salesman: ['delivered', 'cancelled_by_supplier'],
  delivered: [],
  cancelled_by_retailer: [],
  cancelled_by_supplier: [],
  returned: [],
};

/** Nothing follows these. */
export const FINAL: ReadonlySet<OrderStatus> = new Set(['delivered', 'cancelled_by_retailer', 'cancelled_by_supplier', 'returned']);

/** Cartona's state for an Odoo order. On 16 a finished order is `done`; later versions only lock it, which says nothing of the goods. */
export function wantedStatus(order: SaleStanding, options: { pushAssigned: boolean; doneIsState: boolean }): SettableStatus {
  if (order.state === 'cancel') return 'cancelled_by_supplier';
  if (isQuotation(order)) return 'pending';
  const stage = deliveryStage(order);
  const delivered = options.doneIsState ? order.state === 'done' && (stage === 'delivered' || stage === 'none') : stage === 'delivered';
  if (delivered) return 'delivered';
  return options.pushAssigned && stage === 'under_way' ? 'assigned_to_salesman' : 'approved';
}

/** The order came to nothing: what stands in it does not matter any more. */
export const isOver = (status: OrderStatus): boolean => FINAL.has(status) && status !== 'delivered';

export interface PushQuestion {
  readonly wanted: SettableStatus;
  /** Cartona's last known status. */
  readonly cartona: OrderStatus;
  readonly deliveredBy: 'delivered_by_supplier' | 'delivered_by_cartona';
  readonly needsOtp: boolean;
  /** Pass through `assigned_to_salesman` on the way to `delivered`. */
  readonly viaAssigned: boolean;
}

/**
 * What to tell Cartona:
 * - `equal`: nothing; both tell the same story, or Cartona is ahead and the pull brings Odoo along
 * - `steps`: these states, in this order; `waits` says what stops short of the wanted one
 * - `waits`: nothing now, it solves itself or needs the retailer
 * - `illegal`: Cartona's cycle has no such step; for a person
 */
export type PushPlan =
  | { readonly kind: 'equal' }
  | { readonly kind: 'steps'; readonly steps: readonly SettableStatus[]; readonly waits?: string }
  | { readonly kind: 'waits'; readonly reason: string }
  | { readonly kind: 'illegal'; readonly reason: string };

const EQUAL: PushPlan = { kind: 'equal' };
const RANK: Readonly<Record<'pending' | 'approved' | 'assigned_to_salesman' | 'delivered', number>> = { pending: 0, approved: 1, assigned_to_salesman: 2, delivered: 3 };

/** Decides what to tell Cartona of one order. Every step it gives is legal in Cartona's cycle from the one before. */
export function planPush(question: PushQuestion): PushPlan {
  const { wanted, cartona } = question;
  if (cartona === 'editing') return { kind: 'waits', reason: 'the retailer is editing the order' };
  if (wanted === 'cancelled_by_supplier') return planCancellation(cartona);
  if (cartona === 'cancelled_by_retailer' || cartona === 'cancelled_by_supplier' || cartona === 'returned') {
    return { kind: 'illegal', reason: `Cartona has it as ${cartona}, which is final; Odoo's order is ${wanted}` };
  }
  if (RANK[wanted] < RANK[cartona]) {
    // Confirmed in Odoo answers to both approved and assigned: no difference.
    return wanted === 'approved' && cartona === 'assigned_to_salesman' ? EQUAL : { kind: 'illegal', reason: `Cartona has it as ${cartona} already and cannot go back to ${wanted}` };
  }
  if (wanted === cartona) return EQUAL;
  if (question.deliveredBy === 'delivered_by_cartona') return { kind: 'waits', reason: 'Cartona delivers this order and sets its state itself; the supplier may only cancel it' };
  return stepsForward(question);
}

function planCancellation(cartona: Exclude<OrderStatus, 'editing'>): PushPlan {
  if (cartona === 'cancelled_by_retailer' || cartona === 'cancelled_by_supplier') return EQUAL;
  if (SUPPLIER_STEPS[cartona].includes('cancelled_by_supplier')) return { kind: 'steps', steps: ['cancelled_by_supplier'] };
  return { kind: 'illegal', reason: `Cartona has it as ${cartona}, which cannot be cancelled` };
}

function stepsForward({ wanted, cartona, needsOtp, viaAssigned }: PushQuestion): PushPlan {
  const way = wayTo(wanted, cartona, viaAssigned);
  if (wanted !== 'delivered' || !needsOtp) return { kind: 'steps', steps: way };
  const before = way.filter((step) => step !== 'delivered');
  const waits = 'awaiting the retailer\'s OTP: an order with instalments or a wallet top-up becomes delivered only with it';
  return before.length === 0 ? { kind: 'waits', reason: waits } : { kind: 'steps', steps: before, waits };
}

/** The states from one to a later one, each a step of the cycle. */
function wayTo(wanted: SettableStatus, from: OrderStatus, viaAssigned: boolean): SettableStatus[] {
  if (from === wanted) return [];
  const ways = SUPPLIER_STEPS[from].filter((step): boolean => step !== 'cancelled_by_supplier');
  const straight = ways.includes(wanted) && !(viaAssigned && ways.includes('assigned_to_salesman'));
  const next = straight ? wanted : ways[0];
  return next === undefined ? [] : [next, ...wayTo(wanted, next, viaAssigned)];
}
