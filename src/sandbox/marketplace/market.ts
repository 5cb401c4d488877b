import type { Behaviour } from './behaviour.js';
import type { Catalogue } from './products/catalogue.js';
import type { OrderBook } from './orders/order-book.js';
import type { Presence } from './routes/presence.js';
import type { RetailerSide } from './orders/retailer-side.js';
import type { Webhooks } from './webhooks/webhooks.js';

/** What stands behind the routes: the marketplace's whole state and the settings of its behaviour. */
export interface Market {
  readonly behaviour: Behaviour;
  readonly catalogue: Catalogue;
  readonly book: OrderBook;
  readonly retailers: RetailerSide;
  readonly webhooks: Webhooks;
  readonly presence: Presence;
}
