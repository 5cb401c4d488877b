import { CartonaError, isCartonaError } from '../common/errors.js';
import { exitCodeOf } from './exit-codes.js';

const STOPS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Runs work that stops cleanly: the first Ctrl-C (or SIGTERM) raises `signal`, the second ends the process at once.
 * @param onStop told once, when a first Ctrl-C arrives: there is a person to tell what the next one does
 * @throws CartonaError `interrupted` for whatever the work throws after it was asked to stop
 */
export async function withStopSignal<T>(onStop: () => void, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const raise = (name: NodeJS.Signals): void => {
    if (stop.signal.aborted) process.exit(exitCodeOf('interrupted'));
    if (name === 'SIGINT') onStop();
    stop.abort();
  };
  for (const name of STOPS) process.on(name, raise);
  try {
    return await work(stop.signal);
  } catch (error) {
    if (!stop.signal.aborted || isCartonaError(error)) throw error;
    throw new CartonaError(
      'interrupted',
      'Stopped on request; what was done is recorded, and the next run goes on from there.',
      undefined,
      { cause: error },
    );
  } finally {
    for (const name of STOPS) process.off(name, raise);
  }
}
