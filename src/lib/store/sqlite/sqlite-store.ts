import type { Store } from '../store.js';
import { alertRows } from './alerts.js';
import { auditRows } from './audit.js';
import { clampFutureTimestamps } from './clamp-future-timestamps.js';
import { Database } from './database.js';
import { deliveryRows } from './deliveries.js';
import { eventRows } from './events.js';
import { countGeneration, type DataFileAge } from '../data-file/generation.js';
import { inboxRows } from './inbox.js';
import { leaseRows } from './leases.js';
import { listingRows } from './listing.js';
import { runtimeStateRows } from './runtime-state.js';
import { retailerRows } from './retailers.js';

export interface StoreOptions {
  /** Where the data file's generation is kept a second time, so that another file in its place is recognised. */
  readonly generationFile: string;
  /** Told when it is not the data file that was used last. */
  readonly onOtherFile: (age: Exclude<DataFileAge, 'same'>) => void;
}

/**
 * Opens the durable rows of one profile in a SQLite file; several processes may have it open. Throws `local` errors.
 */
export function openSqliteStore(path: string, profile: string, options?: StoreOptions): Store {
  const db = new Database(path);
  const count = (): DataFileAge => (options ? countGeneration(db, options.generationFile, Date.now()) : 'same');
  let open = true;
  const age = count();
  if (age !== 'same') options?.onOtherFile(age);
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
    async close() {
      if (open) count();
      open = false;
      db.close();
    },
  };
}
