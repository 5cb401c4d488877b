import type { CartonaOrder, OrderStatus } from '../../cartona/schemas.js';
import { isFinal } from '../order-cycle.js';
import { orderVersion } from './payload.js';

/**
 * What the word of a webhook is worth, for whoever holds its token can send one. What costs money counts only when
 * Cartona's own list has shown it.
 */

/** What a status event may say beside the status, and what costs nothing. */
const CARRIED = {
  cancellationReason: undefined,
  returnReason: undefined,
  deliveryDay: undefined,
  estimatedDeliveryDay: undefined,
  pickupDate: undefined,
  createdAt: undefined,
} as const;

/** How long after each reading of the list that did not show it the next one is due, ms: at once, 30 s, 5 min in all. */
const NEXT_LOOK_MS: readonly number[] = [30_000, 270_000];

/** When the list is to be read again, ms from now; `undefined`: it was read often enough. */
export const nextLook = (misses: number): number | undefined => NEXT_LOOK_MS[misses - 1];

/**
 * Whether a webhook may change an order that the list has shown without the list being read for it: the retailer begins
 * or ends editing, or Cartona, where it delivers the order itself, takes a step that is not the last one.
 * @param kept the order as it counts; who delivers it is not for a webhook to say
 */
export function countsAtOnce(kept: CartonaOrder, incoming: CartonaOrder): boolean {
  if (!sameSale(kept, incoming) || isFinal(incoming.status)) return false;
  return kept.deliveredBy === 'delivered_by_cartona' || (isRetailers(kept.status) && isRetailers(incoming.status));
}

/**
 * Whether a version that the list never showed counts in the end: a cancellation, which costs no goods, and whatever
 * state Cartona sets where it delivers the order itself. Anything else waits for a person.
 */
export const countsAlone = (kept: CartonaOrder, incoming: CartonaOrder): boolean =>
  sameSale(kept, incoming) && (kept.deliveredBy === 'delivered_by_cartona' || isCancellation(incoming.status));

const isRetailers = (status: OrderStatus): boolean => status === 'pending' || status === 'editing';

const isCancellation = (status: OrderStatus): boolean =>
  status === 'cancelled_by_retailer' || status === 'cancelled_by_supplier';

/** Whether two versions sell the same to the same retailer. */
const sameSale = (a: CartonaOrder, b: CartonaOrder): boolean => saleOf(a) === saleOf(b);

const saleOf = (order: CartonaOrder): string => orderVersion({ ...order, ...CARRIED, status: 'pending' });
