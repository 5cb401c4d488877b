import type { Session } from '../../session.js';
import { withLease } from '../../store/with-lease.js';
import { applyOrders } from '../import/import-orders.js';
import { PULL_JOB, type ImportResult } from '../import/context.js';
import { applyWebhookEvents, type OrderEvent, type AppliedEvents } from './webhook-events.js';

export interface EventsResult extends AppliedEvents {
  readonly results: readonly ImportResult[];
}

/**
 * Applies webhook events and brings the orders that they changed to Odoo at once, with those that an earlier attempt
 * wrote down and could not bring over. Nothing is acknowledged here: the next pull does that, once it has seen the
 * orders in Cartona's own list.
 * @throws CartonaError `busy` while a pull of this profile runs
 */
export async function receiveEvents(session: Session, events: readonly OrderEvent[]): Promise<EventsResult> {
  return withLease(session.store.leases, PULL_JOB, session.signal, async (signal) => {
    const own = { ...session, signal };
    const taken = await applyWebhookEvents(own, events);
    const rows = await own.store.inbox.list({
      hashedIds: [...new Set(events.map((event) => event.hashedId))],
      phases: ['received'],
    });
    return { ...taken, results: await applyOrders(own, rows.reverse(), 'serve') };
  });
}
