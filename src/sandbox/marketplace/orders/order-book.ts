import { totalOf } from '../../supplier/supplier-orders.js';
import type { ApiOrder, ApiOrderLine, Supplier } from '../../supplier/supplier-types.js';
import type { Behaviour } from '../behaviour.js';
import type { Catalogue } from '../products/catalogue.js';
import { releasesStock, type Actor } from './order-cycle.js';
import { amountsGrown, type FindProduct } from './order-lines.js';
import { Refusal } from '../refusal.js';

/** An order and what the marketplace alone knows of it. */
export interface OrderRecord {
  readonly order: ApiOrder;
  /** What the retailer reads out at the door; null when the order needs no OTP. */
  readonly retailerOtp: string | null;
  /** Grows with every change of the order. */
  version: number;
  /** The version that the supplier last pulled; 0: never. */
  pulledVersion: number;
  /** Listed by `pull-orders` while this is below `version`. */
  acknowledgedVersion: number;
  updatedAt: Date;
}

/** One page of `pull-orders`; `from` and `to` bound the last change, both included. */
export interface PullQuery {
  page: number;
  perPage: number;
  from?: Date | undefined;
  to?: Date | undefined;
}

type OrderChange = Partial<
  Pick<
    ApiOrder,
    'status' | 'cancellation_reason' | 'estimated_delivery_day' | 'delivery_day' | 'edited_by_admin' | 'order_details'
  >
>;

/** Something that happened to an order, after it happened. */
export interface OrderEvent {
  readonly kind: 'placed' | 'changed';
  readonly record: OrderRecord;
  readonly by: Actor;
}

/** All orders, and which of them the supplier has still to acknowledge. */
export class OrderBook {
  readonly #records = new Map<string, OrderRecord>();
  /** In the order in which they became listed. */
  readonly #listed = new Map<string, OrderRecord>();
  #lastLineId = 0;
  #watcher: (event: OrderEvent) => void = () => undefined;

  constructor(
    supplier: Pick<Supplier, 'orders' | 'retailerOtps'>,
    readonly catalogue: Catalogue,
    readonly behaviour: Behaviour,
    readonly clock: () => Date,
  ) {
    for (const order of supplier.orders) {
      this.#enter(structuredClone(order), supplier.retailerOtps[order.hashed_id] ?? null, new Date(order.created_at));
    }
  }

  /** Tells of every order placed or changed from now on; the orders of the start are no news. */
  watch(watcher: (event: OrderEvent) => void): void {
    this.#watcher = watcher;
  }

  /** Every order, oldest first. */
  all(): IterableIterator<OrderRecord> {
    return this.#records.values();
  }

  get size(): number {
    return this.#records.size;
  }

  get(hashedId: string): OrderRecord | undefined {
    return this.#records.get(hashedId);
  }

  /** @throws Refusal (404) when there is no such order */
  require(hashedId: string): OrderRecord {
    const record = this.#records.get(hashedId);
    if (record === undefined) throw new Refusal(`no order ${hashedId}`, 404);
    return record;
  }

  /** Whether `pull-orders` still lists the order. */
  isListed(hashedId: string): boolean {
    return this.#listed.has(hashedId);
  }

  readonly findProduct: FindProduct = ({ supplier_product_id: id, internal_product_id: internalId }) => {
    if (id !== undefined) return this.catalogue.bySupplierProductId(id);
    return internalId === undefined ? undefined : this.catalogue.byInternalProductId(internalId);
  };

  nextLineId(): number {
    this.#lastLineId += 1;
    return this.#lastLineId;
  }

  /** One page of the orders that are new or changed since they were acknowledged. */
  pull({ page, perPage, from, to }: PullQuery): ApiOrder[] {
    const skip = (page - 1) * perPage;
    const answer: ApiOrder[] = [];
    let seen = 0;
    for (const record of this.#listed.values()) {
      if ((from && record.updatedAt < from) || (to && record.updatedAt > to)) continue;
      seen += 1;
      if (seen <= skip) continue;
      if (answer.length === perPage) break;
      record.pulledVersion = record.version;
      answer.push(record.order);
    }
    return answer;
  }

  /**
   * `synced`: takes the order off the list until it changes again.
   * @throws Refusal while the retailer edits it; where the acknowledgement is of a version, also before any was pulled
   */
  acknowledge(record: OrderRecord): void {
    if (record.order.status === 'editing')
      throw new Refusal(`order ${record.order.hashed_id} is being edited by the retailer`);
    const ofVersion = this.behaviour.ackMeaning === 'version';
    if (ofVersion && record.pulledVersion === 0) throw new Refusal(`order ${record.order.hashed_id} was never pulled`);
    record.acknowledgedVersion = ofVersion ? record.pulledVersion : record.version;
    if (record.acknowledgedVersion >= record.version) this.#listed.delete(record.order.hashed_id);
  }

  /** Places a new order; its goods leave the marketplace's stock. */
  add(order: ApiOrder, retailerOtp: string | null): OrderRecord {
    const record = this.#enter(order, retailerOtp, this.clock());
    this.#moveStock([], order.order_details);
    this.#watcher({ kind: 'placed', record, by: 'retailer' });
    return record;
  }

  /**
   * The only way in which an order changes: keeps the total equal to its lines, moves the stock, and lists the order
   * again. Whether the change is legal was decided before.
   * @param by who changes it: Cartona's staff unless told
   */
  change(record: OrderRecord, changes: OrderChange, by: Actor = 'cartona'): void {
    const { order } = record;
    if (changes.order_details) {
      this.#moveStock(order.order_details, changes.order_details);
      order.total_price = totalOf(changes.order_details);
    }
    Object.assign(order, changes);
    if (changes.status && releasesStock(changes.status)) this.#moveStock(order.order_details, []);
    record.version += 1;
    record.updatedAt = this.clock();
    // Re-inserted at the end: what changed last is listed last.
    this.#listed.delete(order.hashed_id);
    this.#listed.set(order.hashed_id, record);
    this.#watcher({ kind: 'changed', record, by });
  }

  #enter(order: ApiOrder, retailerOtp: string | null, updatedAt: Date): OrderRecord {
    const record: OrderRecord = { order, retailerOtp, version: 1, pulledVersion: 0, acknowledgedVersion: 0, updatedAt };
    this.#records.set(order.hashed_id, record);
    this.#listed.set(order.hashed_id, record);
    for (const line of order.order_details) this.#lastLineId = Math.max(this.#lastLineId, line.id);
    return record;
  }

  #moveStock(before: readonly ApiOrderLine[], after: readonly ApiOrderLine[]): void {
    for (const [supplierProductId, amount] of amountsGrown(before, after))
      this.catalogue.take(supplierProductId, amount);
  }
}
