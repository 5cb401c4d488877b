import type { Session } from '../session.js';

const DAY_MS = 86_400_000;
/** Long enough to know late repeats of a webhook for what they are. */
const EVENTS_KEPT_DAYS = 7;

/**
 * Forgets what nobody needs any more: after `audit.keepDays` entries of the audit trail and orders that are over on
 * both sides, webhook events long worked off. Should such an order come again, it is found in Odoo by its external id.
 */
export async function applyRetention({ store, profile, now }: Session): Promise<void> {
  const at = now();
  const before = at - profile.audit.keepDays * DAY_MS;
  await store.audit.prune(before);
  await store.inbox.prune(before);
  await store.events.prune(at - EVENTS_KEPT_DAYS * DAY_MS);
}
