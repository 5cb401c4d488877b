import { CartonaError, isCartonaError } from '../common/errors.js';
import type { LeaseRows } from './store.js';

const TTL_MS = 60_000;
const RENEW_MS = TTL_MS / 4;

/**
 * Runs a job that must not overlap with itself. Its lease is renewed while it runs; should it be lost all the same (a
 * machine that slept), `signal` is raised and the work stops.
 * @throws CartonaError `busy` at once when another run holds the lease, and when the lease was lost; whatever kept it
 * from being renewed
 */
export async function withLease<T>(
  leases: LeaseRows,
  job: string,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const taken = await leases.take(job, TTL_MS);
  if (taken.kind === 'held') {
    const { pid, host, since } = taken.by;
    throw new CartonaError(
      'busy',
      `Another \`${job}\` is already running (process ${pid} on ${host}, since ${new Date(since).toISOString()}); this one leaves it to that.`,
    );
  }
  // Not AbortSignal.any: the outer signal of a service outlives many jobs, and would remember every one.
  const stop = new AbortController();
  const passOn = (): void => stop.abort();
  let lost: unknown;
  const lose = (reason: unknown): void => {
    lost = reason;
    stop.abort();
  };
  if (outer?.aborted) stop.abort();
  outer?.addEventListener('abort', passOn);
  let renewedAt = performance.now();
  const timer = setInterval(() => {
    taken.lease.renew().then(
      (held) => {
        if (held) renewedAt = performance.now();
        else lose(lostLease(job));
      },
      (error: unknown) => {
        // It is still ours while its time is not over; the next renewal may succeed.
        if (performance.now() - renewedAt > TTL_MS - RENEW_MS) lose(error);
      },
    );
  }, RENEW_MS);
  try {
    return await work(stop.signal);
  } catch (error) {
    // Nobody asked to stop: whoever repeats the job goes on.
    throw lost !== undefined && !outer?.aborted && isCartonaError(error, 'interrupted') ? lost : error;
  } finally {
    clearInterval(timer);
    outer?.removeEventListener('abort', passOn);
    // What the work gave counts; a lease that cannot be given back ends by itself.
    await taken.lease.release().catch(() => undefined);
  }
}

const lostLease = (job: string): CartonaError =>
  new CartonaError(
    'busy',
    `This \`${job}\` did not renew its lease in time (the machine slept or was overloaded), and another run may have begun; what was done is recorded, and the next run goes on from there.`,
  );
