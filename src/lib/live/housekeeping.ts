import type { Session } from '../session.js';

const DAY_MS = 86_400_000;
/** Long enough to know late repeats of a webhook for what they are. */
const EVENTS_KEPT_DAYS = 7;

/** Forgets what nobody needs any more: entries of the audit trail older than `audit.keepDays`, webhook events long worked off. */
export async function housekeeping(session: Session): Promise<void> {
  const now = session.now();
  await session.store.audit.prune(now - session.profile.audit.keepDays * DAY_MS);
  await session.store.events.prune(now - EVENTS_KEPT_DAYS * DAY_MS);
}
