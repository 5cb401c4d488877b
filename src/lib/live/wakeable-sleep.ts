const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A wait that can be cut short: by the signal, and by whoever has something to do. */
export class WakeableSleep {
  #wake: (() => void) | undefined;
  #rung = false;

  /** Ends the wait that is under way, or the next one. */
  wake(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Waits until it rings, so many milliseconds at most. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#rung && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        const timer = setTimeout(wake, Math.max(0, Math.min(ms, LONGEST_TIMER_MS)));
        signal.addEventListener('abort', wake);
        this.#wake = wake;
      });
      this.#wake = undefined;
    }
    this.#rung = false;
  }
}

/** Waits, until the signal at the longest. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> => new WakeableSleep().wait(ms, signal);
