/**
 * Which of the records that a poll shows are to be looked at. Odoo dates a change with the start of its transaction, to the
 * second: a poll therefore asks for more than what is new, and shows a record for as long as it stays in the window.
 */
export class Window {
  #shown: ReadonlySet<number> = new Set();

  /** @param small up to so many records in the window are looked at anew at each poll */
  constructor(private readonly small: number) {}

  /**
   * - A small window is looked at again and again: another change in the same second, or one that was committed late, shows
   *   no trace of its own.
   * - Of a large one (a mass change) only what has just appeared.
   * - What leaves the window is looked at once more: after that only a new change brings it back.
   * @returns the ids to look at
   */
  step(shown: readonly number[]): number[] {
    const now = new Set(shown);
    const left = [...this.#shown].filter((id) => !now.has(id));
    const looked = now.size <= this.small ? [...now] : [...now].filter((id) => !this.#shown.has(id));
    this.#shown = now;
    return [...looked, ...left];
  }
}

/** Odoo's clock, as this machine's clock tells it. Instants are UTC milliseconds. */
export interface ClockSkew {
  /** What to add to this machine's time. */
  readonly aheadMs: number;
}

/** @param said Odoo's time, to the second, as it was told between the two instants of this machine */
export const clockSkew = (said: number, asked: number, answered: number): ClockSkew => ({ aheadMs: said + 500 - (asked + answered) / 2 });

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
 * @param cost what the last poll took, milliseconds
 */
export function pollDelay(settings: { readonly pollMs: number; readonly idlePollMs: number }, quietForMs: number, cost: number): number {
  const active = quietForMs < ACTIVE_FOR_MS;
  return active ? Math.max(settings.pollMs - cost, cost * ACTIVE_SHARE) : Math.max(settings.idlePollMs, cost * IDLE_SHARE);
}

/** After a change, how long the quick pace is kept. */
const ACTIVE_FOR_MS = 30_000;
/** Times of a poll's cost that lie between two polls: a third of one worker at most while things change, a twentieth when nothing does. */
const ACTIVE_SHARE = 2;
const IDLE_SHARE = 20;
