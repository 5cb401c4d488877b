import { setTimeout as sleep } from 'node:timers/promises';
import { isCartonaError, throwIfInterrupted } from '../common/errors.js';
import type { Session } from '../session.js';
import { withLease } from '../store/with-lease.js';
import { ACTOR } from './import/context.js';

/** A pull that is under way beside a running service ends sooner. */
const PATIENCE_MS = 30_000;
const PAUSE_MS = 200;

/**
 * Work on one order that a person waits for: kept apart from the pull, and begun as soon as one that is under way ends.
 * @throws CartonaError `busy` when that does not end in time
 */
export async function withOrdersLock<T>(session: Session, work: (session: Session) => Promise<T>): Promise<T> {
  for (const until = session.now() + PATIENCE_MS; ;) {
    throwIfInterrupted(session.signal);
    let begun = false;
    try {
      return await withLease(session.store.leases, ACTOR, session.signal, (signal) => {
        begun = true;
        return work({ ...session, signal });
      });
    } catch (error) {
      if (begun || !isCartonaError(error, 'busy') || session.now() > until) throw error;
    }
    await sleep(PAUSE_MS);
  }
}
