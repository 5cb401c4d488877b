import type { CancellationReason, OrderStatus } from '../../cartona/schemas.js';
import { CartonaError, isCartonaError } from '../../common/errors.js';
import type { Session } from '../../session.js';
import type { SupplierStatus } from '../order-cycle.js';

/** Longer than any response is waited for: an order that a killed process has claimed is free again after this. */
const CLAIM_MS = 180_000;

/** A state to set on one order at Cartona. */
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
 * - `unknown`: no response that makes sense; only Cartona's list shows the state
 * - `taken`: another process is setting this order's state right now; nothing was sent
 */
export type StatusResponse =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused' | 'unknown'; readonly reason: string }
  | { readonly kind: 'taken' };

/**
 * Sets one state at Cartona through the single path, which alone reports a refusal, and writes it into the audit trail.
 * An accepted state is recorded as Cartona's; the caller records what became of the others.
 * @throws CartonaError when Cartona cannot be reached or refuses the token
 */
export async function sendStatus(session: Session, actor: string, request: StatusRequest): Promise<StatusResponse> {
  const { cartona, now, store } = session;
  const { hashedId, odooId, from, to } = request;
  const started = now();
  const claimed = await store.deliveries.claim(
    'order_state',
    [{ key: hashedId, odooId, wanted: to }],
    started + CLAIM_MS,
    started,
  );
  if (!claimed.has(hashedId)) return { kind: 'taken' };
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
      ...(request.reason === undefined ? {} : { cancellationReason: request.reason }),
      ...(request.otp === undefined ? {} : { retailerOtp: request.otp }),
    });
    if (response.kind === 'refused') {
      const reason = without(request.otp, response.reason);
      await audit('refused', reason);
      return { kind: 'refused', reason };
    }
  } catch (error) {
    // A response that makes no sense proves as little as none.
    if (!isCartonaError(error, 'outcome-unknown', 'answer')) throw await release(session, request, error);
    const reason = without(request.otp, error.message);
    await audit('unknown', reason);
    return { kind: 'unknown', reason };
  }
  await audit('accepted');
  await store.deliveries.record('order_state', [{ key: hashedId, odooId, wanted: to, outcome: 'delivered' }], now());
  return { kind: 'accepted' };
}

/** Nothing reached Cartona: the order is free for the next try. @returns the error, without the secret */
async function release(
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

/** Cartona's words without the code, should they repeat it. */
const without = (otp: string | undefined, text: string): string =>
  otp === undefined || otp === '' ? text : text.replaceAll(otp, '[code]');
