import { CANCELLATION_REASONS, needsOtp, refuseLineEdit, refuseStep } from './order-cycle.js';
import type { ItemOutcome } from '../routes/answers.js';
import type { OrderBook, OrderRecord } from './order-book.js';
import { editLines } from './order-lines.js';
import { orderEditSchema, statusUpdateSchema, type StatusUpdate } from './order-schemas.js';
import { parseStrictly, Refusal, refusalText } from '../refusal.js';

/**
 * A supplier's status update.
 * @throws Refusal when the order is unknown (404), or when the cycle, who delivers it, a missing or wrong OTP or an
 * unlisted cancellation reason forbid it
 */
export function updateStatus(book: OrderBook, input: unknown): void {
  const update = parseStrictly(statusUpdateSchema, input);
  const record = book.require(update.hashed_id);
  if (update.status === 'synced') {
    book.acknowledge(record);
    return;
  }
  const refusal =
    refuseStep(record.order, update.status, 'supplier') ?? refuseOtp(record, update) ?? refuseReason(update);
  if (refusal !== undefined) throw new Refusal(refusal);
  book.change(
    record,
    {
      status: update.status,
      ...(update.status === 'cancelled_by_supplier' ? { cancellation_reason: update.cancellation_reason ?? null } : {}),
      ...(update.estimated_delivery_day === undefined ? {} : { estimated_delivery_day: update.estimated_delivery_day }),
      ...(update.delivery_day === undefined ? {} : { delivery_day: update.delivery_day }),
    },
    'supplier',
  );
}

/** The bulk path's way: what cannot be done is left undone, and nobody is told. */
export function updateStatusesSilently(book: OrderBook, updates: readonly unknown[]): void {
  for (const update of updates) {
    try {
      updateStatus(book, update);
    } catch (error) {
      refusalText(error);
    }
  }
}

/**
 * `update-order-details`: each order's edits are taken whole or not at all; with `atomicBatches` so are all orders
 * together.
 */
export function updateDetails(book: OrderBook, edits: readonly unknown[]): ItemOutcome[] {
  const changes: (() => void)[] = [];
  const seen = new Set<string>();
  const outcomes = edits.map((input, index): ItemOutcome => {
    const ids =
      typeof input === 'object' && input !== null && 'hashed_id' in input ? { hashed_id: input.hashed_id } : {};
    try {
      const edit = parseStrictly(orderEditSchema, input);
      const record = book.require(edit.hashed_id);
      if (seen.has(edit.hashed_id)) throw new Refusal(`order ${edit.hashed_id} is named twice in one request`);
      seen.add(edit.hashed_id);
      const refusal = refuseLineEdit(record.order, 'supplier');
      if (refusal !== undefined) throw new Refusal(refusal);
      const lines = editLines(record.order.order_details, edit.order_details, book.findProduct, () =>
        book.nextLineId(),
      );
      changes.push(() => book.change(record, { order_details: lines }, 'supplier'));
      return { index, ids, error: null };
    } catch (error) {
      return { index, ids, error: refusalText(error) };
    }
  });
  if (!book.behaviour.atomicBatches || changes.length === edits.length) for (const apply of changes) apply();
  return outcomes;
}

function refuseOtp(record: OrderRecord, update: StatusUpdate): string | undefined {
  if (update.status !== 'delivered' || !needsOtp(record.order)) return undefined;
  if (update.retailer_otp === undefined) return `order ${update.hashed_id} needs the retailer's OTP to be delivered`;
  return update.retailer_otp === record.retailerOtp ? undefined : `wrong OTP for order ${update.hashed_id}`;
}

function refuseReason(update: StatusUpdate): string | undefined {
  if (update.status !== 'cancelled_by_supplier') return undefined;
  const listed: readonly string[] = CANCELLATION_REASONS;
  return update.cancellation_reason !== undefined && listed.includes(update.cancellation_reason)
    ? undefined
    : `cancellation_reason must be one of ${CANCELLATION_REASONS.join(', ')}`;
}
