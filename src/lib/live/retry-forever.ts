import { backoffMs } from '../common/backoff.js';
import { isCartonaError } from '../common/errors.js';
import type { Log } from './events.js';
import { pause } from './wakeable-sleep.js';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Repeats a piece of work until the signal. What fails is told and tried again, later each time: a service outlives a
 * server that is away, an answer that makes no sense, and a fault of its own.
 * @param signal raised when no new piece is to begin
 */
export async function retryForever(
  name: string,
  signal: AbortSignal,
  log: Log,
  work: () => Promise<void>,
): Promise<void> {
  let failures = 0;
  let told = '';
  while (!signal.aborted) {
    try {
      await work();
      failures = 0;
      told = '';
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      const message = error instanceof Error ? error.message : String(error);
      // A fault of the program itself is told with its stack: nobody is at a terminal to ask for it.
      const known = isCartonaError(error);
      const details: Record<string, string> = known
        ? { kind: error.kind }
        : { kind: 'fault', stack: (error instanceof Error ? error.stack : undefined) ?? '' };
      if (message !== told) log({ level: known ? 'warn' : 'error', event: name, message, details });
      told = message;
      await pause(backoffMs(failures, FIRST_PAUSE_MS, LONGEST_PAUSE_MS), signal);
    }
  }
}

/** The same until the work is done once. @returns what it gave, or `undefined` when the signal came first */
export async function retryUntilDone<T>(
  name: string,
  signal: AbortSignal,
  log: Log,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const done = new AbortController();
  const stop = (): void => done.abort();
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  let result: T | undefined;
  await retryForever(name, done.signal, log, async () => {
    result = await work();
    stop();
  });
  signal.removeEventListener('abort', stop);
  return result;
}
