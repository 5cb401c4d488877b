import { isCartonaError } from '../../common/errors.js';
import type { Session } from '../../session.js';
import { changedSince, datesSince, odooTime, type Watched } from './change-queries.js';
import { clockSkew, pollDelay, OverlapWindow, windowStart, type ClockSkew, type ScanResult } from './overlap-window.js';

/** Most transactions are over within this time: what they write is looked for at every poll. */
const RECENT_MS = 10_000;
/**
 * Mass changes take longer: what they write is looked for now and then. What took longer still is the sweep's to find.
 */
const LATE_MS = 5 * 60_000;
const LATE_EVERY_MS = 1000;
/**
 * Between two such looks lies so many times what one costs: after a mass change each of them shows thousands of
 * records.
 */
const LATE_COST_SHARE = 20;
/** Windows of up to so many records are looked at anew at each poll. */
const SMALL_WINDOW = 300;
/**
 * Of so many polls the cheapest tells what one costs when Odoo has nothing else to do: a busy moment, such as a mass
 * change, shall not make us deaf for long after it.
 */
const COSTS = 20;
const SKEW_AGE_MS = 10 * 60_000;

interface Source {
  readonly watched: Watched;
  readonly window: OverlapWindow;
  /** This machine's time at the last poll that succeeded, of either kind. */
  polledAt: number;
  latePolledAt: number;
  readonly lateCosts: Costs;
  changedAt: number;
}

/**
 * Notices what changes in Odoo by asking for what was written since the last poll. What it tells are hints: nothing is
 * lost with one that is missed, for the sweep compares everything.
 */
export class ChangePoller {
  readonly #sources: readonly Source[];
  #skew: ClockSkew = { aheadMs: 0 };
  #skewAt = -Infinity;
  readonly #costs = new Costs();

  /** @param onChanged told the ids of variants (for `price`, `stock`) or sale orders that may have changed */
  constructor(
    private readonly session: Session,
    private readonly onChanged: (watched: Watched, looked: ScanResult) => void,
  ) {
    const now = session.now();
    this.#sources = (['order', 'stock', 'price'] as const).map((watched) => ({
      watched,
      window: new OverlapWindow(SMALL_WINDOW),
      polledAt: now,
      latePolledAt: now,
      lateCosts: new Costs(),
      changedAt: now,
    }));
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
    const lateMs = await this.#pollEach(sources, started);
    const now = session.now();
    const changedAt = Math.max(...this.#sources.map((source) => source.changedAt));
    if (only === undefined) this.#costs.add(now - started - lateMs);
    return pollDelay(session.profile.serve, now - changedAt, now - started, this.#costs.usual);
  }

  /** This machine's clock was set: what it is apart from Odoo's is read anew. */
  clockSet(): void {
    this.#skewAt = -Infinity;
  }

  /**
   * One after the other, so that a poll never takes more than one of Odoo's workers; each, though another one failed.
   * @returns how much of the time, in ms, went to looks for late transactions, whose pace is their own
   */
  async #pollEach(sources: readonly Source[], started: number): Promise<number> {
    const failures: unknown[] = [];
    let lateMs = 0;
    for (const source of sources) {
      try {
        lateMs += await this.#pollSource(source, started);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    return lateMs;
  }

  async #pollSource(source: Source, started: number): Promise<number> {
    const { window } = source;
    const wasEmpty = window.isEmpty;
    let lateMs = 0;
    if (
      wasEmpty ||
      started - source.latePolledAt >= Math.max(LATE_EVERY_MS, source.lateCosts.usual * LATE_COST_SHARE)
    ) {
      const lookedAt = this.session.now();
      const since = windowStart(source.latePolledAt, this.#skew, LATE_MS);
      const dates = await datesSince(this.session, source.watched, since);
      source.latePolledAt = started;
      this.#tell(source, window.late(dates), started);
      lateMs = this.session.now() - lookedAt;
      if (!window.isEmpty) source.lateCosts.add(lateMs);
    }
    // Nothing in minutes is nothing in seconds.
    const shown = window.isEmpty
      ? []
      : await changedSince(this.session, source.watched, windowStart(source.polledAt, this.#skew, RECENT_MS));
    source.polledAt = started;
    this.#tell(source, window.recent(shown), started);
    // While nothing happens it is the poll itself.
    return wasEmpty ? 0 : lateMs;
  }

  #tell(source: Source, looked: ScanResult, at: number): void {
    if (looked.now.length > 0) source.changedAt = at;
    if (looked.now.length + looked.recheck.length > 0) this.onChanged(source.watched, looked);
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

/** What something has cost lately, ms. */
class Costs {
  readonly #last: number[] = [];

  add(ms: number): void {
    this.#last.push(ms);
    if (this.#last.length > COSTS) this.#last.shift();
  }

  get usual(): number {
    return this.#last.length === 0 ? 0 : Math.min(...this.#last);
  }
}
