import type { Behaviour } from './behaviour.js';
import type { Catalogue } from './catalogue.js';
import type { OrderBook } from './order-book.js';
import type { RetailerSide } from './retailer-side.js';

/** What stands behind the routes: the marketplace's whole state and the settings of its behaviour. */
export interface Market {
  readonly behaviour: Behaviour;
  readonly catalogue: Catalogue;
  readonly book: OrderBook;
  readonly retailers: RetailerSide;
}
