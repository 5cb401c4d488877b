import type { ItemOutcome } from '../cartona/outcomes.js';
import { isCartonaError, throwIfInterrupted } from '../common/errors.js';
import type { Session } from '../session.js';
import type { DeliveryResult, Flow } from '../store/store.js';
import type { Change } from './difference.js';

const BATCH = 100;

export interface Rejection extends Change {
  readonly reason: string;
}

/**
 * Delivers changes in batches, several under way at once, and records how each item ended as soon as its batch is
 * answered. The caller is held back while all places are taken, so that memory does not grow with the catalogue. After
 * the first batch that fails as a whole nothing more is sent; what was not confirmed still differs, so the next run finds it.
 */
export class Sender {
  readonly rejected: Rejection[] = [];
  delivered = 0;
  failed = 0;
  #waiting: Change[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #failure: Error | undefined;

  constructor(
    private readonly session: Session,
    private readonly flow: Flow,
    private readonly actor: string,
    private readonly send: (changes: readonly Change[]) => Promise<ItemOutcome[]>,
  ) {}

  /** Takes a change; resolves when there is room for the next. @throws what made a batch fail */
  async add(change: Change): Promise<void> {
    this.#waiting.push(change);
    if (this.#waiting.length >= BATCH) await this.#dispatch();
  }

  /** Sends the rest and waits until everything under way is answered and recorded. @throws what made a batch fail */
  async finish(): Promise<void> {
    if (this.#waiting.length > 0 && this.#failure === undefined) await this.#dispatch();
    await this.settle();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Waits for what is under way, without sending more: its answers are worth recording even when the run is at its end. */
  async settle(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async #dispatch(): Promise<void> {
    while (this.#underWay.size >= this.session.profile.cartona.inFlight) await Promise.race(this.#underWay);
    if (this.#failure !== undefined) throw this.#failure;
    throwIfInterrupted(this.session.signal);
    const batch = this.#waiting;
    this.#waiting = [];
    const sending = this.#deliver(batch)
      .catch((error: unknown) => {
        this.#failure ??= error instanceof Error ? error : new Error(String(error));
      })
      .finally(() => this.#underWay.delete(sending));
    this.#underWay.add(sending);
  }

  async #deliver(batch: readonly Change[]): Promise<void> {
    const started = this.session.now();
    try {
      const outcomes = await this.send(batch);
      await this.#record(batch, outcomes, started);
    } catch (error) {
      if (isCartonaError(error) && error.kind !== 'interrupted') {
        this.failed += batch.length;
        await this.#write(batch.map((change) => ({ ...result(change), outcome: 'failed' as const, reason: error.message })), batch, started);
      }
      throw error;
    }
  }

  async #record(batch: readonly Change[], outcomes: readonly ItemOutcome[], started: number): Promise<void> {
    const results = batch.map((change, at): DeliveryResult => {
      const outcome = outcomes[at] ?? { accepted: false, reason: 'Cartona gave no answer for it' };
      return outcome.accepted ? { ...result(change), outcome: 'delivered' } : { ...result(change), outcome: 'rejected', reason: outcome.reason };
    });
    await this.#write(results, batch, started);
    results.forEach((entry, at) => {
      const change = batch[at];
      if (entry.outcome === 'delivered') this.delivered += 1;
      else if (change) this.rejected.push({ ...change, reason: entry.reason ?? 'no reason given' });
    });
  }

  async #write(results: readonly DeliveryResult[], batch: readonly Change[], started: number): Promise<void> {
    const at = this.session.now();
    await this.session.store.deliveries.record(this.flow, results, at);
    await this.session.store.audit.write(
      results.map((entry, index) => ({
        at,
        actor: this.actor,
        system: 'cartona' as const,
        action: this.flow,
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

const result = (change: Change): Pick<DeliveryResult, 'key' | 'odooId' | 'wanted'> => ({ key: change.cartonaId, odooId: change.odooId, wanted: change.value });
