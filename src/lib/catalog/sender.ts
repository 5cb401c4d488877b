import type { ItemOutcome } from '../cartona/outcomes.js';
import { isCartonaError, throwIfInterrupted, type CartonaError } from '../common/errors.js';
import { wasNotTaken } from '../common/http.js';
import type { Session } from '../session.js';
import type { Delivery, DeliveryOutcome, DeliveryResult } from '../store/store.js';
import { batchSizeAfter, retryAt, type Change } from './difference.js';
import type { FlowDefinition } from './flow.js';

export const BATCH = 100;
/**
 * How long a batch may be under way, all its repetitions and waits included, before another worker may send its values.
 */
const TAKEN_MS = 10 * 60_000;
/** So many batches of earlier failures that fail one after the other are no longer their own fault. */
const SYSTEMIC = 3;

export interface Rejection extends Change {
  readonly reason: string;
}

export interface SenderEvents {
  /** Told every change that Cartona has confirmed. */
  readonly onDelivered?: (changes: readonly Change[]) => void;
  /** Told of each attempt that ended otherwise. */
  readonly onUndelivered?: (outcome: Undelivered) => void;
}

export type Undelivered = Exclude<DeliveryOutcome, 'delivered'>;

interface Due extends Change {
  readonly attempts: number;
  readonly failingSince: number | undefined;
  readonly attemptedAt: number | null;
}

/**
 * Delivers changes in batches, several under way at once, and records how each item ended as soon as its batch is
 * answered. The caller is held back while all places are taken, so that memory does not grow with the catalogue. What
 * failed before goes last and in smaller batches, so that a value which makes its batch fail holds back fewer others
 * each time. After the first batch of fresh values that fails as a whole nothing more is sent; what was not confirmed
 * still differs, so the next run finds it.
 */
export class Sender {
  readonly rejected: Rejection[] = [];
  /**
   * Odoo ids whose values another worker is sending just now or has sent since they were compared, or that an order has
   * touched since they were read.
   */
  readonly contended: number[] = [];
  delivered = 0;
  #waiting: Due[] = [];
  readonly #failedBefore = new Map<number, Due[]>();
  readonly #underWay = new Set<Promise<void>>();
  #failure: Error | undefined;
  #failuresInARow = 0;

  constructor(
    private readonly session: Session,
    private readonly flow: FlowDefinition,
    private readonly actor: string,
    private readonly told: SenderEvents,
  ) {}

  /** Takes a change; resolves when there is room for the next. @throws what made a batch fail */
  async add(change: Change, before: Delivery | undefined): Promise<void> {
    const attempts = before?.outcome === 'failed' ? before.attempts : 0;
    const due = { ...change, attempts, failingSince: before?.failingSince, attemptedAt: before?.attemptedAt ?? null };
    const size = batchSizeAfter(attempts, BATCH);
    if (size < BATCH) {
      this.#failedBefore.set(size, [...(this.#failedBefore.get(size) ?? []), due]);
      return;
    }
    this.#waiting.push(due);
    if (this.#waiting.length < BATCH) return;
    const batch = this.#waiting;
    this.#waiting = [];
    await this.#dispatch(batch);
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Sends the rest and waits until everything under way is answered and recorded. @throws what made a batch fail */
  async finish(): Promise<void> {
    if (this.#failure === undefined && this.#waiting.length > 0) await this.#dispatch(this.#waiting);
    await this.settle();
    if (this.#failure === undefined) await this.#finishFailedBefore();
    await this.settle();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /**
   * Waits for what is under way, without sending more: its answers are worth recording even when the run is at its end.
   */
  async settle(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async #finishFailedBefore(): Promise<void> {
    for (const [size, all] of [...this.#failedBefore].sort(([a], [b]) => b - a)) {
      for (let from = 0; from < all.length && this.#failuresInARow < SYSTEMIC; from += size)
        await this.#dispatch(all.slice(from, from + size));
    }
  }

  async #dispatch(batch: readonly Due[]): Promise<void> {
    while (this.#underWay.size >= this.session.profile.cartona.inFlight) await Promise.race(this.#underWay);
    throwIfInterrupted(this.session.signal);
    const sending = this.#deliver(batch)
      .then(
        () => {
          this.#failuresInARow = 0;
        },
        (error: unknown) => {
          this.#failuresInARow += 1;
          this.#failure ??= error instanceof Error ? error : new Error(String(error));
        },
      )
      .finally(() => this.#underWay.delete(sending));
    this.#underWay.add(sending);
  }

  async #deliver(wanted: readonly Due[]): Promise<void> {
    const { session } = this;
    const started = session.now();
    const values = wanted.map((change) => ({
      key: change.cartonaId,
      odooId: change.odooId,
      wanted: change.value,
      attemptedAt: change.attemptedAt,
    }));
    const taken = await session.store.deliveries.claim(
      this.flow.flow,
      values,
      started + TAKEN_MS,
      started,
      this.flow.asOf,
    );
    const batch = wanted.filter((change) => taken.has(change.cartonaId));
    this.contended.push(...wanted.flatMap((change) => (taken.has(change.cartonaId) ? [] : [change.odooId])));
    if (batch.length === 0) return;
    try {
      const outcomes = await this.flow.send(batch);
      await this.#record(batch, outcomes, started);
    } catch (error) {
      if (isCartonaError(error))
        await this.#write(
          batch.map((change) => this.#failed(change, error)),
          batch,
          started,
        );
      throw error;
    }
  }

  #failed(change: Due, error: CartonaError): DeliveryResult {
    const reason = error.message;
    const dueAt = retryAt(
      change.attempts,
      change.failingSince,
      this.session.now(),
      this.session.profile.serve.retryHours,
      Math.random(),
    );
    return dueAt === undefined
      ? { ...result(change), outcome: 'given_up', reason }
      : { ...result(change), outcome: 'failed', reason, dueAt, notTaken: wasNotTaken(error) };
  }

  async #record(batch: readonly Due[], outcomes: readonly ItemOutcome[], started: number): Promise<void> {
    const results = batch.map((change, at): DeliveryResult => {
      const outcome: ItemOutcome = outcomes[at] ?? { kind: 'refused', reason: 'Cartona gave no answer for it' };
      return outcome.kind === 'accepted'
        ? { ...result(change), outcome: 'delivered' }
        : { ...result(change), outcome: 'rejected', reason: outcome.reason };
    });
    await this.#write(results, batch, started);
    const delivered: Change[] = [];
    results.forEach((entry, at) => {
      const change = batch[at];
      if (!change) return;
      if (entry.outcome === 'delivered') delivered.push(change);
      else
        this.rejected.push({
          odooId: change.odooId,
          cartonaId: change.cartonaId,
          value: change.value,
          from: change.from,
          reason: entry.reason ?? 'no reason given',
        });
    });
    this.delivered += delivered.length;
    this.told.onDelivered?.(delivered);
  }

  async #write(results: readonly DeliveryResult[], batch: readonly Change[], started: number): Promise<void> {
    const at = this.session.now();
    await this.session.store.deliveries.record(this.flow.flow, results, at);
    for (const { outcome } of results) if (outcome !== 'delivered') this.told.onUndelivered?.(outcome);
    await this.session.store.audit.write(
      results.map((entry, index) => ({
        at,
        actor: this.actor,
        system: 'cartona' as const,
        action: this.flow.flow,
        record: entry.key,
        from: batch[index]?.from,
        to: entry.wanted,
        outcome: entry.outcome,
        durationMs: at - started,
        detail: entry.reason,
      })),
    );
  }
}

const result = (change: Change): Pick<DeliveryResult, 'key' | 'odooId' | 'wanted'> => ({
  key: change.cartonaId,
  odooId: change.odooId,
  wanted: change.value,
});
