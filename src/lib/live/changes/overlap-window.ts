/** What a look at a window gives. */
export interface ScanResult {
  /** Records that may have changed just now. */
  readonly now: readonly number[];
  /**
   * Records whose change is past: looked at once more, for another change since their first look may have left no
   * trace.
   */
  readonly recheck: readonly number[];
}

/**
 * Which of the records that polls show are to be looked at. Odoo dates a change with the start of its transaction, to
 * the second: polls therefore ask for more than what is new, and show a record for as long as it stays in the window.
 */
export class OverlapWindow {
  #recent: ReadonlySet<number> = new Set();
  #late: ReadonlyMap<number, string> = new Map();
  /** What `late` was shown for the first time, or with another date, in this poll. */
  #appeared: ReadonlySet<number> = new Set();

  /** @param small up to so many recent records are looked at anew at each poll */
  constructor(private readonly small: number) {}

  /** Whether anything was written in the time of the last late look. */
  get isEmpty(): boolean {
    return this.#late.size === 0;
  }

  /**
   * Takes what was written in the last seconds. A few records are looked at again and again: another change in the same
   * second shows no trace of its own. Of many (a mass change) only what has just appeared, unless `late` has told it.
   * What leaves is looked at once more: after that only a new change brings it back.
   */
  recent(shown: readonly number[]): ScanResult {
    const now = new Set(shown);
    const again = [...this.#recent].filter((id) => !now.has(id));
    const looked =
      now.size <= this.small ? shown : shown.filter((id) => !this.#recent.has(id) && !this.#appeared.has(id));
    this.#recent = now;
    this.#appeared = new Set();
    return { now: looked, recheck: again };
  }

  /**
   * Takes what was written in the last minutes, with its dates: what appears only now, and was not written in the last
   * seconds, was committed by a transaction that began long before; what has another date than before was written
   * again. It is called before `recent` of the same poll.
   */
  late(dates: ReadonlyMap<number, string>): ScanResult {
    const again = [...this.#late.keys()].filter((id) => !dates.has(id));
    const appeared = [...dates].flatMap(([id, date]) => (this.#late.get(id) === date ? [] : [id]));
    const looked = appeared.filter((id) => this.#late.has(id) || !this.#recent.has(id));
    this.#late = dates;
    this.#appeared = new Set(appeared);
    return { now: looked, recheck: again };
  }
}

/** Odoo's clock, as this machine's clock tells it. Instants are UTC milliseconds. */
export interface ClockSkew {
  /** What to add to this machine's time. */
  readonly aheadMs: number;
}

/** @param said Odoo's time, to the second, as it was told between the two instants of this machine */
export const clockSkew = (said: number, asked: number, answered: number): ClockSkew => ({
  aheadMs: said + 500 - (asked + answered) / 2,
});

/**
 * From when on a poll asks for changes: Odoo's time at the last poll that succeeded, less the overlap that catches
 * transactions which commit late. To the second, for fractions do not mean the same in all versions.
 */
export function windowStart(lastPollAt: number, skew: ClockSkew, overlapMs: number): Date {
  return new Date(Math.floor((lastPollAt + skew.aheadMs - overlapMs) / 1000) * 1000);
}

/**
 * How long to wait until the next poll: quick while things change, slower when nothing does, and never so often that
 * polling takes more than its share of Odoo.
 * @param took what the last poll took, ms
 * @param usual what a poll usually takes, ms
 */
export function pollDelay(
  settings: { readonly pollMs: number; readonly idlePollMs: number },
  quietForMs: number,
  took: number,
  usual: number,
): number {
  const active = quietForMs < ACTIVE_FOR_MS;
  // One that took longer than usual met a busy Odoo, and leaves it at least as much time as it took.
  return active
    ? Math.max(settings.pollMs - took, usual * ACTIVE_SHARE, Math.min(took, settings.pollMs))
    : Math.max(settings.idlePollMs, usual * IDLE_SHARE);
}

/** After a change, how long the quick pace is kept. */
const ACTIVE_FOR_MS = 30_000;
/**
 * Times of a poll's cost that lie between two polls: a third of one worker at most while things change, a twentieth
 * when nothing does.
 */
const ACTIVE_SHARE = 2;
const IDLE_SHARE = 20;
