import type { Behaviour } from './behaviour.js';
import type { Catalogue } from './catalogue.js';
import type { OrderBook } from './order-book.js';
import type { Presence } from './presence.js';
import type { RetailerSide } from './retailer-side.js';
import type { Webhooks } from './webhooks.js';

/** What stands behind the routes: the marketplace's whole state and the settings of its behaviour. */
export interface Market {
  readonly behaviour: Behaviour;
  readonly catalogue: Catalogue;
  readonly book: OrderBook;
  readonly retailers: RetailerSide;
  readonly webhooks: Webhooks;
  readonly presence: Presence;
}
