/**
 * The library's one public entrance: what the commands do, for another program.
 *
 * ```ts
 * const session = await openSession({ profileName: 'default', env: process.env });
 * try {
 *   const result = await syncPrices(session, { approve: async () => false });
 * } finally {
 *   await session.store.close();
 * }
 * ```
 */
export { CartonaError, isCartonaError, type ErrorKind } from './lib/common/errors.js';
export { openSession, type OpenSessionOptions } from './lib/open-session.js';
export type { Session } from './lib/session.js';
export {
  importMapping,
  type MappingImportOptions as ImportOptions,
  type MappingImportResult as ImportResult,
} from './lib/mapping/import.js';
export { checkMapping, type MappingCheck } from './lib/mapping/check.js';
export { mappingStatus, type MappingStatus } from './lib/mapping/status.js';
export { syncPrices, syncStock, type SyncOptions, type SyncResult } from './lib/catalog/sync.js';
export type { Brake, Held } from './lib/catalog/reconcile.js';
export type { Change } from './lib/catalog/difference.js';
export type { ReviewEntry } from './lib/catalog/reviewed.js';
export { goLive, requireReviews, stopSending, type Reviews } from './lib/operations/go-live.js';
export { pullOrders } from './lib/orders/inbox/pull.js';
export { serve, type ServeOptions } from './lib/live/serve.js';
export type { LiveEvent } from './lib/live/events.js';
export type { AppliedOrder } from './lib/orders/import/context.js';
export type { HeldOrder, PullResult } from './lib/orders/inbox/pull.js';
export { pushStates, type PushResult, type StateChange } from './lib/orders/states/push.js';
export {
  listOrders,
  showOrder,
  type OrderDetails,
  type OrderFilter,
  type OrderSummary,
} from './lib/orders/overview.js';
