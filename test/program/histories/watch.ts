import type { OrderBook, OrderRecord } from '../../../src/sandbox/marketplace/orders/order-book.js';
import { refuseStep } from '../../../src/sandbox/marketplace/orders/order-cycle.js';
import type { LoggedRequest } from '../../../src/sandbox/marketplace/routes/request-log.js';
import type { Marketplace } from '../../../src/sandbox/marketplace/server.js';
import type { SimulatedOdoo } from '../../../src/sandbox/odoo/odoo.js';
import type { OrderStatus } from '../../../src/sandbox/supplier/supplier-types.js';
import { linesAt, linesIn, saleOf } from './read.js';

/** Watches, from the first moment on, what Cartona is told, and what its orders were when. */
export class Watch {
  /** Every status that an order had, with the instant (ms) from which on. */
  readonly #statuses = new Map<string, { at: number; status: OrderStatus }[]>();
  /** Every version of its lines that an order had. */
  readonly #lines = new Map<string, string[]>();
  /** States that Cartona has taken from the supplier. */
  readonly #taken: { at: number; hashedId: string; status: OrderStatus }[] = [];
  readonly #faults: string[] = [];
  /** Orders whose lines somebody changed in Odoo. */
  readonly touched = new Set<string>();
  /**
   * Some product got another Cartona id: lines that were made of the id's former product are not told from those that a
   * person changed.
   */
  remapped = false;
  /** Orders that were deleted in Odoo. */
  readonly deleted = new Set<string>();
  /** Orders whose lines were changed at Cartona after they were placed. */
  readonly edited = new Set<string>();
  /**
   * Orders with an edit that was acknowledged before anybody had read it: the window that an acknowledgement without a
   * version leaves.
   */
  readonly vanished = new Set<string>();

  /**
   * @param severalReaders two services read Cartona's list: the acknowledgement of one version may be on its way while
   * the other reads the next
   */
  constructor(
    private readonly market: Marketplace,
    private readonly odoo: SimulatedOdoo,
    private readonly severalReaders: boolean,
  ) {
    const { orders } = market.state;
    for (const record of orders.all()) this.#note(record);
    const tell = market.webhooks.tell.bind(market.webhooks);
    market.webhooks.tell = (event) => {
      this.#note(event.record);
      if (event.by === 'supplier')
        this.#taken.push({ at: Date.now(), hashedId: event.record.order.hashed_id, status: event.record.order.status });
      tell(event);
    };
    const acknowledge: OrderBook['acknowledge'] = orders.acknowledge.bind(orders);
    orders.acknowledge = (record) => {
      this.#judgeAcknowledgement(record);
      acknowledge(record);
    };
  }

  #note({ order }: OrderRecord): void {
    const known = this.#statuses.get(order.hashed_id) ?? [];
    if (known.at(-1)?.status !== order.status) known.push({ at: Date.now(), status: order.status });
    this.#statuses.set(order.hashed_id, known);
    const versions = this.#lines.get(order.hashed_id) ?? [];
    const lines = linesAt(order).join('; ');
    if (versions.at(-1) !== lines) versions.push(lines);
    this.#lines.set(order.hashed_id, versions);
  }

  /** An acknowledgement may only follow when Odoo has the order, in what the supplier has read of it. */
  #judgeAcknowledgement(record: OrderRecord): void {
    const { order, version, pulledVersion } = record;
    const id = order.hashed_id;
    if (version > pulledVersion) {
      if (this.market.behaviour.ackMeaning === 'order') this.vanished.add(id);
      return;
    }
    const over = order.status.startsWith('cancelled') || order.status === 'returned';
    const sale = saleOf(this.odoo, id);
    if (over || this.deleted.has(id)) return;
    if (!sale) this.#faults.push(`${id} was acknowledged although Odoo does not have it`);
    else if (!this.touched.has(id) && sale.state !== 'cancel') {
      const lines = linesIn(this.odoo, sale.id).join('; ');
      const newest = this.#lines.get(id)?.slice(this.severalReaders ? -2 : -1) ?? [];
      if (!newest.includes(lines))
        this.#faults.push(`${id} was acknowledged as ${newest.at(-1)} while Odoo had ${lines}`);
    }
  }

  /** What must never have been told. */
  faults(): string[] {
    return [...this.#faults, ...this.#twice(), ...this.#illegal()];
  }

  /** A state that Cartona has taken is not told again: an answer that was lost is looked up. */
  #twice(): string[] {
    return this.#taken.flatMap(({ at, hashedId, status }) =>
      this.#told(hashedId)
        .filter(
          (request) =>
            statusIn(request) === status &&
            request.at.getTime() > at &&
            request.status !== null &&
            request.status >= 400 &&
            request.fault === null,
        )
        .map(() => `${hashedId} was told ${status} again after Cartona had taken it`),
    );
  }

  /**
   * A step that Cartona refused, though not in a race: no status that the order had since the supplier could last have
   * known allows it. What it could have known is what stood in the list at the last but one reading that was answered.
   */
  #illegal(): string[] {
    const readings = this.market.state.requests
      .list('pull-orders')
      .filter((request) => request.status === 200 && request.fault === null);
    const faults: string[] = [];
    for (const [hashedId, statuses] of this.#statuses) {
      if (this.vanished.has(hashedId)) continue;
      for (const request of this.#told(hashedId)) {
        if (request.status === null || request.status < 400 || request.fault !== null) continue;
        const at = request.at.getTime();
        const since =
          readings
            .filter((reading) => reading.at.getTime() < at)
            .at(-2)
            ?.at.getTime() ?? 0;
        const wish = statusIn(request);
        const { order } = this.market.state.orders.require(hashedId);
        const possible = statuses
          .filter(({ at: from }, place) => from <= at + 50 && (statuses[place + 1]?.at ?? Infinity) >= since)
          .map(({ status }) => status);
        if (possible.some((status) => refuseStep({ ...order, status }, wish, 'supplier') === undefined)) continue;
        faults.push(
          `${hashedId} was told ${wish}, which was refused and could not be right: it was ${possible.join(', ')} (${order.delivered_by})`,
        );
      }
    }
    return faults;
  }

  /** The requests for one state of one order; acknowledgements go another way. */
  #told(hashedId: string): LoggedRequest[] {
    return this.market.state.requests.list(`update-order-status/${hashedId}`);
  }
}

function statusIn(request: LoggedRequest): OrderStatus {
  const { body } = request;
  return typeof body === 'object' && body !== null && 'status' in body ? (body.status as OrderStatus) : 'pending';
}
