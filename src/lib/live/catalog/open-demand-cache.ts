import { setTimeout as sleep } from 'node:timers/promises';
import { openDemand, type OpenDemand } from '../../catalog/open-demand.js';
import type { Session } from '../../session.js';

/** Other programs may receive orders as well. */
const LONGEST_AGE_MS = 30_000;
/**
 * Between two readings lies so many times what one costs: with thousands of open orders stock waits a little instead of
 * Odoo.
 */
const COST_SHARE = 4;
const LONGEST_PAUSE_MS = 10_000;

/** What retailers have ordered and Odoo has not reserved, kept until something is known to have changed. */
export class OpenDemandCache {
  #read: { readonly at: number; readonly demand: Promise<OpenDemand> } | undefined;
  #next: Promise<OpenDemand> | undefined;
  #lastKnown: OpenDemand | undefined;
  #endedAt = -Infinity;
  #costMs = 0;

  constructor(private readonly session: Session) {}

  /** What is known of it now. @throws CartonaError what either side fails with */
  get(): Promise<OpenDemand> {
    if (this.#read && this.session.now() - this.#read.at < LONGEST_AGE_MS) return this.#read.demand;
    this.#next ??= this.#whenAffordable();
    return this.#next;
  }

  /** Orders changed: it is read anew when it is needed. */
  invalidate(): void {
    this.#read = undefined;
  }

  /** Whether any of these products counted, when it was last read. */
  counts(cartonaIds: Iterable<string>): boolean {
    for (const cartonaId of cartonaIds) if (this.#lastKnown?.units.has(cartonaId)) return true;
    return false;
  }

  async #whenAffordable(): Promise<OpenDemand> {
    const pause = this.#endedAt + this.#costMs * COST_SHARE - this.session.now();
    await (pause > 0 ? sleep(Math.min(pause, LONGEST_PAUSE_MS), undefined, { ref: false }) : undefined);
    // Whoever asks from here on, after a change, must not get what is being read now.
    this.#next = undefined;
    const at = this.session.now();
    const demand = openDemand(this.session);
    const read = { at, demand };
    this.#read = read;
    try {
      this.#lastKnown = await demand;
      return this.#lastKnown;
    } catch (error) {
      if (this.#read === read) this.#read = undefined;
      throw error;
    } finally {
      this.#endedAt = this.session.now();
      this.#costMs = this.#endedAt - at;
    }
  }
}
