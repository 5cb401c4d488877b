import type { ItemOutcome } from '../cartona/outcomes.js';
import { isCartonaError, type CartonaError } from '../common/errors.js';
import { wasNotTaken } from '../common/http/http.js';
import type { Session } from '../session.js';
import type { DeliveryOutcome, DeliveryResult } from '../store/store.js';
import type { DueChange } from './batches.js';
import { retryAt } from './difference.js';
import type { FlowDefinition } from './flow.js';

/**
 * How long a batch may be under way, all its repetitions and waits included, before another worker may send its values.
 */
const CLAIM_MS = 10 * 60_000;

export type Undelivered = Exclude<DeliveryOutcome, 'delivered'>;

/** How one attempt to deliver a change ended. */
export interface Attempt {
  readonly change: DueChange;
  readonly outcome: DeliveryOutcome;
  readonly reason?: string | undefined;
}

export interface BatchResult {
  /**
   * Changes whose values another worker is sending just now or has sent since they were compared, or that an order has
   * touched since they were read.
   */
  readonly contended: readonly DueChange[];
  readonly attempts: readonly Attempt[];
  /** Why the batch failed as a whole, if it did. */
  readonly failure: CartonaError | undefined;
}

/**
 * Delivers a batch of changes: claims them, sends what was claimed, and records how each ended, in the store and in the
 * audit trail. A failure of the whole batch is recorded for each of its changes and returned.
 */
export async function deliverBatch(
  session: Session,
  flow: FlowDefinition,
  actor: string,
  changes: readonly DueChange[],
): Promise<BatchResult> {
  const started = session.now();
  const claimed = await session.store.deliveries.claim(
    flow.flow,
    changes.map((change) => ({ ...keyOf(change), attemptedAt: change.attemptedAt })),
    started + CLAIM_MS,
    started,
    flow.asOf,
  );
  const batch = changes.filter((change) => claimed.has(change.cartonaId));
  const contended = changes.filter((change) => !claimed.has(change.cartonaId));
  if (batch.length === 0) return { contended, attempts: [], failure: undefined };
  const { results, failure } = await send(session, flow, batch);
  await record(session, flow, actor, batch, results, started);
  const attempts = batch.flatMap((change, at) => {
    const result = results[at];
    return result === undefined ? [] : [{ change, outcome: result.outcome, reason: result.reason }];
  });
  return { contended, attempts, failure };
}

async function send(
  session: Session,
  flow: FlowDefinition,
  batch: readonly DueChange[],
): Promise<{ results: readonly DeliveryResult[]; failure: CartonaError | undefined }> {
  try {
    const outcomes = await flow.send(batch);
    return { results: batch.map((change, at) => judged(change, outcomes[at])), failure: undefined };
  } catch (error) {
    if (!isCartonaError(error)) throw error;
    return { results: batch.map((change) => failed(session, change, error)), failure: error };
  }
}

function judged(change: DueChange, outcome: ItemOutcome | undefined): DeliveryResult {
  if (outcome?.kind === 'accepted') return { ...keyOf(change), outcome: 'delivered' };
  return { ...keyOf(change), outcome: 'rejected', reason: outcome?.reason ?? 'Cartona gave no answer for it' };
}

function failed(session: Session, change: DueChange, error: CartonaError): DeliveryResult {
  const reason = error.message;
  const dueAt = retryAt(
    change.attempts,
    change.failingSince,
    session.now(),
    session.profile.serve.retryHours,
    Math.random(),
  );
  return dueAt === undefined
    ? { ...keyOf(change), outcome: 'given_up', reason }
    : { ...keyOf(change), outcome: 'failed', reason, dueAt, notTaken: wasNotTaken(error) };
}

async function record(
  session: Session,
  { flow }: FlowDefinition,
  actor: string,
  batch: readonly DueChange[],
  results: readonly DeliveryResult[],
  started: number,
): Promise<void> {
  const at = session.now();
  await session.store.deliveries.record(flow, results, at);
  await session.store.audit.write(
    results.map((entry, index) => ({
      at,
      actor,
      system: 'cartona' as const,
      action: flow,
      record: entry.key,
      from: batch[index]?.from,
      to: entry.wanted,
      outcome: entry.outcome,
      durationMs: at - started,
      detail: entry.reason,
    })),
  );
}

const keyOf = (change: DueChange): Pick<DeliveryResult, 'key' | 'odooId' | 'wanted'> => ({
  key: change.cartonaId,
  odooId: change.odooId,
  wanted: change.value,
});
