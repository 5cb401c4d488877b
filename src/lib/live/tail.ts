import { isCartonaError } from '../common/errors.js';
import type { Session } from '../session.js';
import { changedSince, odooTime, type Watched } from './odoo-changes.js';
import { pollDelay, clockSkew, Window, windowStart, type ClockSkew } from './window.js';

/** Changes of transactions that took up to this long are noticed by the polls; longer ones by the sweep. */
const OVERLAP_MS = 10_000;
/** Windows of up to so many records are looked at anew at each poll. */
const SMALL_WINDOW = 300;
const SKEW_AGE_MS = 10 * 60_000;

interface Source {
  readonly watched: Watched;
  readonly window: Window;
  /** This machine's time at the last poll that succeeded. */
  polledAt: number;
  shown: readonly number[];
}

/**
 * Notices what changes in Odoo by asking for what was written since the last poll. What it tells are hints: nothing is
 * lost with one that is missed, for the sweep compares everything.
 */
export class Tail {
  readonly #sources: readonly Source[];
  #skew: ClockSkew = { aheadMs: 0 };
  #skewAt = -Infinity;
  #changedAt: number;

  /** @param onChanged told the ids of variants (for `price`, `stock`) or sale orders that may have changed */
  constructor(
    private readonly session: Session,
    private readonly onChanged: (watched: Watched, ids: readonly number[]) => void,
  ) {
    const polledAt = session.now();
    this.#changedAt = polledAt;
    this.#sources = (['price', 'stock', 'order'] as const).map((watched) => ({ watched, window: new Window(SMALL_WINDOW), polledAt, shown: [] }));
  }

  /**
   * Polls once.
   * @param only what a hint was about; absent: everything
   * @returns how long to wait until the next poll of everything, ms
   */
  async poll(only?: Watched): Promise<number> {
    const { session } = this;
    const started = session.now();
    if (started - this.#skewAt > SKEW_AGE_MS) await this.#readSkew();
    const sources = this.#sources.filter(({ watched }) => only === undefined || watched === only);
    const before = sources.map(({ shown }) => shown);
    await Promise.all(sources.map((source) => this.#pollSource(source, started)));
    // The windows show the same as before: nothing new happens.
    if (sources.some(({ shown }, at) => shown.length > 0 && !sameIds(shown, before[at] ?? []))) this.#changedAt = started;
    return pollDelay(session.profile.serve, session.now() - this.#changedAt, session.now() - started);
  }

  async #pollSource(source: Source, started: number): Promise<void> {
    const shown = await changedSince(this.session, source.watched, windowStart(source.polledAt, this.#skew, OVERLAP_MS));
    source.polledAt = started;
    source.shown = shown;
    const looked = source.window.step(shown);
    if (looked.length > 0) this.onChanged(source.watched, looked);
  }

  async #readSkew(): Promise<void> {
    const asked = this.session.now();
    try {
      this.#skew = clockSkew(await odooTime(this.session), asked, this.session.now());
    } catch (error) {
      // An Odoo that was changed so that it does not tell is taken to have this machine's time.
      if (!isCartonaError(error, 'refused', 'answer')) throw error;
    }
    this.#skewAt = asked;
  }
}

const sameIds = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((id, at) => id === b[at]);
