import type { CancellationReason, OrderStatus } from '../../cartona/schemas.js';
import { CartonaError, isCartonaError } from '../../common/errors.js';
import type { Session } from '../../session.js';
import type { SupplierStatus } from '../order-cycle.js';

/** Longer than any answer is waited for: a process that is gone gives the order back after this. */
const TAKEN_MS = 180_000;

/** A state to tell Cartona of one order. */
export interface StatusRequest {
  readonly hashedId: string;
  readonly odooId: number;
  readonly from: OrderStatus;
  readonly to: SupplierStatus;
  readonly reason?: CancellationReason | undefined;
  /** Secret: it goes to Cartona and nowhere else. */
  readonly otp?: string | undefined;
}

/**
 * What became of it:
 * - `unknown`: no answer that makes sense; only Cartona's list tells
 * - `taken`: another process is telling Cartona of this order right now; nothing was sent
 */
export type StatusResponse =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused' | 'unknown'; readonly reason: string }
  | { readonly kind: 'taken' };

/**
 * Tells Cartona one state through the single path, which alone reports a refusal, and writes it into the audit trail.
 * What was accepted is recorded as Cartona's state; what became of the rest is the caller's to record.
 * @throws CartonaError when Cartona cannot be reached or refuses the token
 */
export async function sendStatus(session: Session, actor: string, told: StatusRequest): Promise<StatusResponse> {
  const { cartona, now, store } = session;
  const { hashedId, odooId, from, to } = told;
  const started = now();
  const taken = await store.deliveries.claim(
    'order_state',
    [{ key: hashedId, odooId, wanted: to }],
    started + TAKEN_MS,
    started,
  );
  if (!taken.has(hashedId)) return { kind: 'taken' };
  const audit = (outcome: string, detail?: string): Promise<void> =>
    store.audit.write([
      {
        at: now(),
        actor,
        system: 'cartona',
        action: 'state',
        record: hashedId,
        from,
        to,
        outcome,
        durationMs: now() - started,
        detail,
      },
    ]);
  try {
    const response = await cartona.setStatus({
      hashedId,
      status: to,
      ...(told.reason === undefined ? {} : { cancellationReason: told.reason }),
      ...(told.otp === undefined ? {} : { retailerOtp: told.otp }),
    });
    if (response.kind === 'refused') {
      const reason = without(told.otp, response.reason);
      await audit('refused', reason);
      return { kind: 'refused', reason };
    }
  } catch (error) {
    // An answer that makes no sense says as little as none.
    if (!isCartonaError(error, 'outcome-unknown', 'answer')) throw await givenBack(session, told, error);
    const reason = without(told.otp, error.message);
    await audit('unknown', reason);
    return { kind: 'unknown', reason };
  }
  await audit('accepted');
  await store.deliveries.record('order_state', [{ key: hashedId, odooId, wanted: to, outcome: 'delivered' }], now());
  return { kind: 'accepted' };
}

/** Nothing reached Cartona: the order is free for the next try. @returns the error, without the secret */
async function givenBack(
  { store, now }: Session,
  { hashedId, odooId, to, otp }: StatusRequest,
  error: unknown,
): Promise<unknown> {
  if (!isCartonaError(error)) return error;
  const clean = new CartonaError(
    error.kind,
    without(otp, error.message),
    error.detail === undefined ? undefined : without(otp, error.detail),
  );
  await store.deliveries.record(
    'order_state',
    [{ key: hashedId, odooId, wanted: to, outcome: 'failed', reason: clean.message }],
    now(),
  );
  return clean;
}

/** The other side's words without the code, should they repeat it. */
const without = (otp: string | undefined, text: string): string =>
  otp === undefined || otp === '' ? text : text.replaceAll(otp, '[code]');
