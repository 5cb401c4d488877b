import { makeRandom } from '../../random.js';
import { makeLine } from '../../supplier/supplier-orders.js';
import type { ApiOrder, Supplier } from '../../supplier/supplier-types.js';
import { anyHashedId, anyRetailer, newOrder } from '../orders/new-order.js';
import type { OrderBook } from '../orders/order-book.js';
import { WEBHOOK_PATHS } from './webhook-messages.js';
import { webhookHeaders, type NewSubscriber } from './webhook-signing.js';

/** Line ids of these orders start here, far from those of any supplier; each seed has a million of its own. */
const FIRST_LINE_ID = 500_000_000;
/** A shop orders about so often. */
const ORDERS_PER_SHOP = 20;

export interface WebhookRequest {
  /** After the receiver's address. */
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly hashedId: string;
}

/**
 * Valid requests that each tell of another new order of one to three products that the supplier sells linked: for
 * loading a receiver faster than a marketplace would. Lazy: a request is signed, with the present time, when it is
 * taken.
 *
 * @param options.seed another seed, other orders; 1 unless told
 * @param options.book the orders are placed here too, so that they can be pulled and updated; its subscriber, if any,
 * is told of each
 * @throws RangeError when the supplier sells nothing that is linked
 */
export function* webhookRequests(
  supplier: Pick<Supplier, 'marketplaceProducts'>,
  count: number,
  { signing = {}, seed = 1, book }: { signing?: Omit<NewSubscriber, 'url'>; seed?: number; book?: OrderBook } = {},
): Generator<WebhookRequest, void, undefined> {
  const { bearer, secrets = [] } = signing;
  const random = makeRandom(seed ^ 0x5eed);
  // Made once per product: exact money costs more than all the rest.
  const lines = supplier.marketplaceProducts
    .filter((product) => product.internalProductId !== null && product.isPublished)
    .map((product) => makeLine(product, 0, 1, false, null));
  const shops = Array.from({ length: Math.ceil(count / ORDERS_PER_SHOP) }, () => anyRetailer(random));
  let lineId = FIRST_LINE_ID + (seed % 1000) * 1_000_000;
  for (let index = 0; index < count; index += 1) {
    const now = new Date();
    const chosen = Array.from({ length: random.int(1, 3) }, () => ({
      ...random.pick(lines),
      id: (lineId += 1),
      amount: random.int(1, 12),
    }));
    const order: ApiOrder = newOrder(anyHashedId(random), now, random.pick(shops), chosen);
    const body = JSON.stringify(order);
    book?.add(order, null);
    yield {
      path: WEBHOOK_PATHS.orders,
      headers: webhookHeaders({ bearer, secrets }, `msg_${order.hashed_id}`, now, body),
      body,
      hashedId: order.hashed_id,
    };
  }
}
