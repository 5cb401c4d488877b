import { throwIfInterrupted } from '../common/errors.js';
import type { Delivery } from '../store/store.js';
import { batchSizeAfter, type Change } from './difference.js';

export const BATCH = 100;
/** So many batches of earlier failures that fail one after the other are no longer their own fault. */
const SYSTEMIC = 3;

/** A change that is about to be sent, with what is known of earlier attempts. Instants are UTC ms. */
export interface DueChange extends Change {
  readonly attempts: number;
  readonly failingSince: number | undefined;
  readonly attemptedAt: number | null;
}

/**
 * Sends changes in batches, several under way at once. The caller is held back while all places are taken, so that
 * memory does not grow with the catalogue. What failed before goes last and in smaller batches, so that a value which
 * makes its batch fail holds back fewer others each time. After the first batch of fresh values that fails as a whole
 * nothing more is sent; what was not confirmed still differs, so the next run finds it.
 */
export class Batches {
  #waiting: DueChange[] = [];
  readonly #failedBefore = new Map<number, DueChange[]>();
  readonly #underWay = new Set<Promise<void>>();
  #failure: Error | undefined;
  #failuresInARow = 0;

  /**
   * @param places batches under way at once
   * @param send sends one batch and records how it ended; throws when it failed as a whole
   */
  constructor(
    private readonly places: number,
    private readonly signal: AbortSignal | undefined,
    private readonly send: (batch: readonly DueChange[]) => Promise<void>,
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
    await this.drain();
    if (this.#failure === undefined) await this.#finishFailedBefore();
    await this.drain();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /**
   * Waits for what is under way, without sending more: its answers are worth recording even when the run is at its end.
   */
  async drain(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async #finishFailedBefore(): Promise<void> {
    for (const [size, all] of [...this.#failedBefore].sort(([a], [b]) => b - a)) {
      for (let from = 0; from < all.length && this.#failuresInARow < SYSTEMIC; from += size)
        await this.#dispatch(all.slice(from, from + size));
    }
  }

  async #dispatch(batch: readonly DueChange[]): Promise<void> {
    while (this.#underWay.size >= this.places) await Promise.race(this.#underWay);
    throwIfInterrupted(this.signal);
    const sending = this.send(batch)
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
}
