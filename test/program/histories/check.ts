import { Decimal } from 'decimal.js';
import type { ApiOrder, MarketplaceProduct } from '../../../src/sandbox/supplier/supplier-types.js';
import type { Delivery, Flow, InboxOrder } from '../../../src/lib/store/store.js';
import type { Ground } from './ground.js';
import { goodsOf, lineRows, linesAt, linesIn, salesOf, type Sale } from './read.js';
import type { Steps } from './steps.js';

type Row = Record<string, unknown>;

const over = (order: ApiOrder): boolean => order.status.startsWith('cancelled') || order.status === 'returned';

/** What both sides hold at one moment, compared by a reckoning that shares nothing with the product's. */
export class Check {
  readonly problems: string[] = [];
  /** What waits for a person, named as it must be. */
  readonly waiting: string[] = [];
  #products: readonly Row[] = [];
  #rows = new Map<Flow, Map<string, Delivery>>();
  #inbox = new Map<string, InboxOrder>();

  /**
   * @param approved a person has let everything go that the brake held, and had everything tried again that was refused
   */
  constructor(
    private readonly ground: Ground,
    private readonly steps: Steps,
    private readonly approved: boolean,
  ) {}

  async run(): Promise<this> {
    const { store, odoo } = this.ground;
    for (const flow of ['price', 'stock', 'order_state'] as const)
      this.#rows.set(flow, new Map((await store.deliveries.undelivered(flow)).map((row) => [row.key, row])));
    this.#inbox = new Map((await store.inbox.list({})).map((row) => [row.hashedId, row]));
    this.#products = odoo.store.records('product.product').filter((row) => typeof row['x_cartona_id'] === 'string');
    const backlog = await store.events.backlog();
    if (backlog.count > 0) this.problems.push(`${backlog.count} webhook events wait`);
    this.#checkValues();
    for (const { order } of this.ground.market.state.orders.all()) this.#checkOrder(order);
    this.#checkCustomers();
    return this;
  }

  #checkValues(): void {
    const held = new Map<string, number>();
    for (const row of this.#products)
      held.set(String(row['x_cartona_id']), (held.get(String(row['x_cartona_id'])) ?? 0) + 1);
    const demand = this.#demand();
    const free = this.#freeStock();
    for (const row of this.#products) {
      const id = String(row['x_cartona_id']);
      if (held.get(id) !== 1) continue;
      const product = this.ground.market.state.products.byInternalProductId(id);
      const price = new Decimal(Number(row['lst_price'])).toDecimalPlaces(2, Decimal.ROUND_HALF_UP);
      if (row['active'] === true && price.greaterThan(0)) this.#checkPrice(id, price, product);
      const tracked = this.ground.version >= 18 ? row['is_storable'] === true : row['detailed_type'] === 'product';
      if (!tracked) continue;
      const sold = row['active'] === true && row['sale_ok'] === true;
      const left = (free.get(Number(row['id'])) ?? new Decimal(0)).minus(demand.get(id) ?? 0);
      this.#checkStock(id, sold ? Math.max(0, left.floor().toNumber()) : 0, product);
    }
  }

  #checkPrice(id: string, wanted: Decimal, product: MarketplaceProduct | undefined): void {
    if (product && wanted.equals(product.sellingPrice)) return;
    const row = this.#rows.get('price')?.get(id);
    const what = `price of ${id} is ${product?.sellingPrice ?? 'unknown'} at Cartona and ${wanted.toFixed()} in Odoo`;
    const jumps = product && wanted.minus(product.sellingPrice).abs().div(product.sellingPrice).greaterThan(0.5);
    this.#named(what, row, wanted.toFixed(), {
      braked: jumps === true && !this.approved,
      rejected: !product || (this.steps.refused.has(id) && !this.approved),
    });
  }

  #checkStock(id: string, wanted: number, product: MarketplaceProduct | undefined): void {
    if (product?.stock === wanted) return;
    const row = this.#rows.get('stock')?.get(id);
    const what = `stock of ${id} is ${product?.stock ?? 'unknown'} at Cartona and should be ${wanted}`;
    this.#named(what, row, String(wanted), {
      braked: wanted === 0 && !this.approved,
      rejected: !product || (this.steps.refused.has(id) && !this.approved),
    });
  }

  /** A difference is no fault where the product names it, for a reason that is true. */
  #named(
    what: string,
    row: Delivery | undefined,
    wanted: string,
    may: { readonly braked: boolean; readonly rejected: boolean },
  ): void {
    const said = row && `${row.outcome}: ${row.wanted}, ${row.reason ?? 'no reason'}`;
    const known =
      row?.wanted === wanted &&
      ((row.outcome === 'braked' && may.braked) || (row.outcome === 'rejected' && may.rejected));
    (known ? this.waiting : this.problems).push(`${what} (${said ?? 'not named'})`);
  }

  /** What lies in the company's warehouses and is not reserved, by variant. */
  #freeStock(): Map<number, Decimal> {
    const { store } = this.ground.odoo;
    const parents = new Map(
      store.records('stock.location').map((row) => [Number(row['id']), Number(row['location_id'])]),
    );
    const roots = new Set(store.records('stock.warehouse').map((row) => Number(row['view_location_id'])));
    const inside = (location: number): boolean =>
      roots.has(location) || (parents.get(location) ? inside(parents.get(location) ?? 0) : false);
    const free = new Map<number, Decimal>();
    for (const quant of store.records('stock.quant')) {
      if (!inside(Number(quant['location_id']))) continue;
      const product = Number(quant['product_id']);
      free.set(
        product,
        (free.get(product) ?? new Decimal(0)).plus(Number(quant['quantity'])).minus(Number(quant['reserved_quantity'])),
      );
    }
    return free;
  }

  /** What retailers have ordered and Odoo does not reserve, by Cartona id. */
  #demand(): Map<string, Decimal> {
    const { odoo, market } = this.ground;
    const idOf = new Map(this.#products.map((row) => [Number(row['id']), String(row['x_cartona_id'])]));
    const demand = new Map<string, Decimal>();
    const add = (id: string | null | undefined, amount: number): void => {
      if (id) demand.set(id, (demand.get(id) ?? new Decimal(0)).plus(amount));
    };
    for (const { order } of market.state.orders.all()) {
      if (over(order)) continue;
      const [sale] = salesOf(odoo, order.hashed_id);
      if (!sale) for (const line of order.order_details) add(line.internal_product_id, line.amount);
      else if (sale.state === 'draft' || sale.state === 'sent')
        for (const line of lineRows(odoo, sale.id))
          add(idOf.get(Number(line['product_id'])), Number(line['product_uom_qty']));
    }
    return demand;
  }

  #checkOrder(order: ApiOrder): void {
    const { odoo, watch } = this.ground;
    const id = order.hashed_id;
    const sales = salesOf(odoo, id);
    const row = this.#inbox.get(id);
    const problem = (text: string): void => {
      this.problems.push(
        `${id} (${order.status}, ${sales[0]?.name ?? 'not in Odoo'} ${sales[0]?.state ?? ''}): ${text}; inbox ${row?.phase ?? 'none'}${row?.reason === undefined ? '' : `: ${row.reason}`}`,
      );
    };
    if (sales.length > 1) problem(`${sales.length} times in Odoo`);
    for (const line of sales[0] ? lineRows(odoo, sales[0].id) : []) {
      const quantity = this.steps.byHand.get(Number(line['id']));
      if (quantity !== undefined && Number(line['product_uom_qty']) !== quantity)
        problem(
          `line ${String(line['id'])} was set to ${quantity} by a person and is ${String(line['product_uom_qty'])}`,
        );
    }
    if (watch.vanished.has(id)) return;
    if (row?.phase === 'held') {
      const untrue = this.#untrue(order, sales[0], row.reason ?? '');
      if (untrue === undefined) this.waiting.push(`${id}: ${row.reason ?? ''}`);
      else problem(`held for a reason that is not true (${untrue})`);
      return;
    }
    if (!row) return problem('not received');
    if (row.version !== row.appliedVersion || row.phase !== 'acknowledged')
      problem(`not brought over and acknowledged`);
    // What we have told Cartona ourselves makes it list the order again, without an event.
    if (!this.ground.eventsAlone && this.ground.market.state.orders.isListed(id)) problem('still listed by Cartona');
    const [sale] = sales;
    if (!sale) {
      if (!over(order)) problem('missing in Odoo');
      return;
    }
    if (!over(order) && sale.state !== 'cancel' && !watch.touched.has(id)) {
      if (linesIn(odoo, sale.id).join() !== linesAt(order).join())
        problem(`lines ${linesIn(odoo, sale.id).join('; ')} instead of ${linesAt(order).join('; ')}`);
      if (!new Decimal(sale.total).equals(order.total_price))
        problem(`total ${sale.total} instead of ${order.total_price}`);
    }
    this.#checkState(order, sale, problem);
  }

  /** A retailer is one customer, however many orders come at once. */
  #checkCustomers(): void {
    const codes = [...this.ground.market.state.orders.all()].flatMap(({ order }) => order.retailer.retailer_code ?? []);
    const customers = this.ground.odoo.store.records('res.partner').map((row) => row['ref']);
    for (const code of new Set(codes)) {
      const times = customers.filter((ref) => ref === code).length;
      if (times > 1) this.problems.push(`retailer ${code} is ${times} customers`);
    }
  }

  #checkState(order: ApiOrder, sale: Sale, problem: (text: string) => void): void {
    const { odoo, version } = this.ground;
    const goods = goodsOf(odoo, sale.id);
    const delivered = goods === 'all' && (version >= 18 || sale.state === 'done');
    const stage =
      sale.state === 'cancel'
        ? 'cancelled'
        : sale.state === 'draft' || sale.state === 'sent'
          ? 'quotation'
          : delivered
            ? 'delivered'
            : 'confirmed';
    const fits = {
      cancelled: over(order),
      quotation: order.status === 'pending',
      delivered: order.status === 'delivered',
      confirmed: order.status === 'approved' || order.status === 'assigned_to_salesman',
    }[stage];
    if (fits) return;
    const row = this.#rows.get('order_state')?.get(order.hashed_id);
    const what = `${order.hashed_id} is ${order.status} at Cartona and ${stage} in Odoo`;
    if (
      order.delivered_by === 'delivered_by_cartona' &&
      !over(order) &&
      stage !== 'cancelled' &&
      stage !== 'quotation'
    ) {
      this.waiting.push(`${what}: Cartona delivers it`);
      return;
    }
    const refused = row?.outcome === 'rejected' ? (row.reason ?? '') : '';
    const otp =
      order.installment_cost > 0 && stage === 'delivered' && order.status === 'approved' && refused.includes('OTP');
    const final = stage === 'cancelled' && order.status === 'delivered' && refused.includes('cannot be cancelled');
    if (otp || final) this.waiting.push(`${what}: ${refused}`);
    else problem(`${stage} in Odoo (goods ${goods}); ${row ? `${row.outcome}: ${row.reason ?? ''}` : 'not named'}`);
  }

  /** Why a reason for holding an order is not true, if so. */
  #untrue(order: ApiOrder, sale: Sale | undefined, reason: string): string | undefined {
    const { odoo, watch } = this.ground;
    const id = order.hashed_id;
    const unless = (truth: boolean, text: string): string | undefined => (truth ? undefined : text);
    if (/was deleted in Odoo/.test(reason)) return unless(watch.deleted.has(id), 'nobody deleted it');
    if (/goods of .* have left/.test(reason))
      return unless(
        over(order) && sale !== undefined && ['some', 'all'].includes(goodsOf(odoo, sale.id)),
        'nothing has left',
      );
    if (/came back to Cartona as returned/.test(reason)) return unless(order.status === 'returned', 'it did not');
    if (/says delivered, but .* is cancelled in Odoo/.test(reason))
      return unless(order.status === 'delivered' && sale?.state === 'cancel', 'it is not');
    if (/is confirmed in Odoo and Cartona changed it since/.test(reason))
      return unless(
        sale !== undefined && ['sale', 'done'].includes(sale.state) && watch.edited.has(id),
        'it is not, or Cartona did not',
      );
    if (/was changed in Odoo and at Cartona/.test(reason))
      return unless((watch.touched.has(id) || watch.remapped) && watch.edited.has(id), 'not on both sides');
    if (/no product in Odoo has|is on several products|is archived in Odoo|has no internal_product_id/.test(reason))
      return unless(
        order.order_details.some((line) => !this.#sellable(line.internal_product_id)),
        'every line has its product',
      );
    return 'unexpected';
  }

  #sellable(cartonaId: string | null | undefined): boolean {
    const holders = this.#products.filter((row) => row['x_cartona_id'] === cartonaId);
    return holders.length === 1 && holders[0]?.['active'] === true;
  }
}
