import type { Store } from '../store.js';
import { alertRows } from './alerts.js';
import { auditRows } from './audit.js';
import { clampFutureTimestamps } from './clamp-future-timestamps.js';
import { Database } from './database.js';
import { deliveryRows } from './deliveries.js';
import { eventRows } from './events.js';
import { inboxRows } from './inbox.js';
import { leaseRows } from './leases.js';
import { listingRows } from './listing.js';
import { runtimeStateRows } from './runtime-state.js';
import { retailerRows } from './retailers.js';

/**
 * Opens the durable rows of one profile in a SQLite file; several processes may have it open. Throws `local` errors.
 */
export function openSqliteStore(path: string, profile: string): Store {
  const db = new Database(path);
  return {
    deliveries: deliveryRows(db, profile),
    listing: listingRows(db, profile),
    inbox: inboxRows(db, profile),
    retailers: retailerRows(db, profile),
    events: eventRows(db, profile),
    audit: auditRows(db, profile),
    leases: leaseRows(db, profile),
    runtimeState: runtimeStateRows(db, profile),
    alerts: alertRows(db, profile),
    clampFutureTimestamps: clampFutureTimestamps(db, profile),
    close: async () => db.close(),
  };
}
