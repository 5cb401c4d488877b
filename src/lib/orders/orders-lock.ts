import { setTimeout as sleep } from 'node:timers/promises';
import { isCartonaError, throwIfInterrupted } from '../common/errors.js';
import type { Session } from '../session.js';
import { withLease } from '../store/with-lease.js';
import { PULL_JOB } from './import/context.js';

/** A pull that runs beside the service ends sooner. */
const WAIT_MS = 30_000;
const PAUSE_MS = 200;

/**
 * Does work on one order that a person waits for. It never runs beside a pull: it waits for one that is running.
 * @throws CartonaError `busy` when the pull does not end in time
 */
export async function withOrdersLock<T>(session: Session, work: (session: Session) => Promise<T>): Promise<T> {
  for (const until = session.now() + WAIT_MS; ;) {
    throwIfInterrupted(session.signal);
    let begun = false;
    try {
      return await withLease(session.store.leases, PULL_JOB, session.signal, (signal) => {
        begun = true;
        return work({ ...session, signal });
      });
    } catch (error) {
      if (begun || !isCartonaError(error, 'busy') || session.now() > until) throw error;
    }
    await sleep(PAUSE_MS);
  }
}
