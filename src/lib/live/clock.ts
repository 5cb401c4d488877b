import { duration } from '../common/words.js';
import { LONGEST_BACKOFF_MS } from '../catalog/difference.js';
import type { Session } from '../session.js';
import { warn, type Log } from './events.js';
import { retryForever } from './retry-forever.js';
import { pause } from './wakeable-sleep.js';

const CHECK_MS = 1000;
/** Smaller steps are over before anybody has noticed what waits for them. */
const TOLERANCE_MS = 2000;

/** Tells steps of the wall clock from time that passes, by a clock that nobody sets. */
export class ClockWatch {
  #ahead: number;

  /** @param wall UTC ms @param monotonic ms since whenever */
  constructor(wall: number, monotonic: number) {
    this.#ahead = wall - monotonic;
  }

  /**
   * By how much the wall clock was set since the last look, ms: below zero when it was set back. Small steps count as
   * none, and do not add up. A machine that slept looks like one whose clock was set ahead.
   */
  look(wall: number, monotonic: number): number {
    const ahead = wall - monotonic;
    const step = ahead - this.#ahead;
    this.#ahead = ahead;
    return Math.abs(step) > TOLERANCE_MS ? step : 0;
  }
}

export interface ClockWatchOptions {
  readonly session: Pick<Session, 'now'>;
  readonly log: Log;
  /** By how much, ms. */
  readonly onSetBack: (ms: number) => Promise<void>;
  readonly onSetAhead: (ms: number) => void;
}

/** Looks at the clock every second until the signal. */
export async function watchClock(
  { session, log, onSetBack, onSetAhead }: ClockWatchOptions,
  signal: AbortSignal,
): Promise<void> {
  const watch = new ClockWatch(session.now(), performance.now());
  await retryForever('clock', signal, log, async () => {
    await pause(CHECK_MS, signal);
    const step = watch.look(session.now(), performance.now());
    if (step > 0) onSetAhead(step);
    if (step >= 0) return;
    log(
      warn('clock', `This machine's clock was set back by ${duration(-step)}; everything is compared anew.`, {
        backMs: Math.round(-step),
      }),
    );
    await onSetBack(-step);
  });
}

/**
 * Brings what was recorded under a clock that was set back since to now. It is done before any work, for the clock may
 * have been mended while no service ran.
 */
export const clampFutureTimestamps = ({ store, now }: Pick<Session, 'store' | 'now'>): Promise<void> =>
  store.clampFutureTimestamps(now(), LONGEST_BACKOFF_MS);
