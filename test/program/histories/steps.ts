import { setTimeout as sleep } from 'node:timers/promises';
import type { OrderRecord } from '../../../src/sandbox/marketplace/orders/order-book.js';
import { makeRandom } from '../../../src/sandbox/random.js';
import { Refusal } from '../../../src/sandbox/marketplace/refusal.js';
import type { Fault, FaultKind } from '../../../src/sandbox/marketplace/routes/faults.js';
import type { OdooFaultKind, OpenTransaction } from '../../../src/sandbox/odoo/odoo.js';
import type { Env } from '../../../src/sandbox/odoo/orm/types.js';
import type { ApiOrder, OrderStatus } from '../../../src/sandbox/supplier/supplier-types.js';
import type { Ground } from './ground.js';
import { goodsOf, lineRows, pickingsOf, salesOf, saleOf, type Sale } from './read.js';

/** What nobody is told of, or what makes the service look at everything. */
const WITHOUT_EVENT: ReadonlySet<string> = new Set([
  'values at Cartona',
  'delete in Odoo',
  'long transaction',
  'service killed',
  'service killed at work',
  'service stopped',
  'command',
]);

type Act = () => string | undefined | Promise<string | undefined>;
type WeightedAct = readonly [weight: number, name: string, act: Act];

/** Long enough that an answer is waited for, short enough that a history stays short. */
const MOMENT = [100, 700] as const;

/** What people, machines and networks do in one history. */
export class Steps {
  /** Lines in Odoo that a salesperson set, and to what: quantities that no retailer orders. */
  readonly byHand = new Map<number, number>();
  /** Cartona ids whose values Cartona was made to refuse. */
  readonly refused = new Set<string>();
  readonly #originalIds: ReadonlyMap<number, string>;
  #held: { readonly transaction: OpenTransaction; readonly template: number } | undefined;
  #quantity = 20;
  #taken = 0;
  /** Comings and goings of both sides, one after the other. */
  #outages: Promise<unknown> = Promise.resolve();
  readonly #acts: readonly WeightedAct[];

  constructor(private readonly ground: Ground) {
    this.#originalIds = new Map(
      this.#variants().flatMap((row) =>
        typeof row['x_cartona_id'] === 'string' ? [[Number(row['id']), row['x_cartona_id']] as const] : [],
      ),
    );
    const [values, orders, trouble] = ground.random.pick([
      [1, 1, 1],
      [1, 4, 1],
      [3, 1, 1],
      [1, 3, 2],
    ] as const);
    const all: readonly WeightedAct[] = [
      [8 * values, 'price in Odoo', () => this.#price()],
      [2 * values, 'extra price in Odoo', () => this.#extra()],
      [8 * values, 'count in Odoo', () => this.#count()],
      [2 * values, 'archive in Odoo', () => this.#archive()],
      [2 * values, 'for sale in Odoo', () => this.#forSale()],
      [3 * values, 'mapping in Odoo', () => this.#mapping()],
      [2 * values, 'long transaction', () => this.#hold()],
      [6 * orders, 'confirm in Odoo', () => this.#onSale((sale) => this.#confirm(sale))],
      [3 * orders, 'edit in Odoo', () => this.#onSale((sale, order) => this.#editLine(sale, order))],
      [4 * orders, 'deliver in Odoo', () => this.#onSale((sale) => this.#deliver(sale))],
      [2 * orders, 'cancel in Odoo', () => this.#onSale((sale) => this.#cancel(sale))],
      [1 * orders, 'delete in Odoo', () => this.#onSale((sale, order) => this.#delete(sale, order))],
      [7 * orders, 'order at Cartona', () => this.#place()],
      [5 * orders, 'edit at Cartona', () => this.#edit()],
      [
        3 * orders,
        'cancel at Cartona',
        () =>
          this.#onOrder(['pending', 'approved'], (order) =>
            this.ground.market.retailers.cancel(order.hashed_id, 'delayed_order'),
          ),
      ],
      [3 * orders, 'staff at Cartona', () => this.#staff()],
      [3 * values, 'values at Cartona', () => this.#staffValues()],
      [3 * trouble, 'webhooks', () => this.#webhooks()],
      [8 * trouble, 'fault at Cartona', () => this.#marketFault()],
      [6 * trouble, 'fault in Odoo', () => this.#odooFault()],
      [2 * trouble, 'Cartona away', () => this.#marketAway()],
      [2 * trouble, 'Odoo away', () => this.#odooAway()],
      [3 * trouble, 'service killed', () => this.#kill()],
      [3 * trouble, 'service killed at work', () => this.#killAtWork()],
      [1 * trouble, 'service stopped', () => this.#stop()],
      [3 * trouble, 'command', () => this.#command()],
    ];
    this.#acts = ground.eventsAlone ? all.filter(([, name]) => !WITHOUT_EVENT.has(name)) : all;
  }

  /** Takes one step. */
  async take(): Promise<void> {
    const { ground } = this;
    this.#taken += 1;
    ground.random = makeRandom(ground.seed * 1000 + this.#taken);
    let left = ground.random.int(
      1,
      this.#acts.reduce((sum, [weight]) => sum + weight, 0),
    );
    const [, name, act] = this.#acts.find(([weight]) => (left -= weight) <= 0) ??
      this.#acts[0] ?? [0, '', () => undefined];
    try {
      const what = await act();
      if (what !== undefined) ground.note(`${name}: ${what}`);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      ground.note(`${name}: refused (${error.message})`);
    }
    await sleep(ground.random.pick([0, 0, 50, 150, 300]));
  }

  /** Nobody does anything any more, and everything works again. */
  async rest(): Promise<void> {
    const { ground } = this;
    const { market, odoo } = ground;
    market.faults.clear();
    odoo.faults.clear();
    await this.#letGo();
    for (const { order } of [...market.state.orders.all()])
      if (order.status === 'editing') market.retailers.finishEditing(order.hashed_id);
    Object.assign(market.behaviour.webhooks, { loss: 0, repeat: 0, reorder: 0 });
    // Whoever still waits for an answer that never comes loses the connection.
    await this.#outage(() => Promise.all([market.presence.restart(), odoo.restart()]));
    await market.webhooks.quiet();
    ground.note('everything works and nobody does anything any more');
    await ground.commandsEnded();
  }

  #variants(): Record<string, unknown>[] {
    return this.ground.odoo.store.records('product.product');
  }

  /** A variant that has, or once had, a Cartona id; not one that is in a transaction that stays open. */
  #variant(): Record<string, unknown> {
    return this.ground.random.pick(
      this.#variants().filter(
        (row) => this.#originalIds.has(Number(row['id'])) && row['product_tmpl_id'] !== this.#held?.template,
      ),
    );
  }

  /** Does something in Odoo, all or nothing. */
  #inOdoo<T>(work: (env: Env) => T): T {
    return this.ground.odoo.store.change((env) => {
      const before = env.tx.savepoint();
      try {
        return work(env);
      } catch (error) {
        env.tx.rollbackTo(before);
        throw error instanceof Error ? new Refusal(error.message) : error;
      }
    });
  }

  #price(): string {
    const { random } = this.ground;
    const variant = this.#variant();
    const before = Number(variant['list_price']);
    const after = Number(
      (before * (random.chance(0.1) ? 2.5 : 0.8 + random.next() * 0.4)).toFixed(random.chance(0.1) ? 3 : 2),
    );
    this.#inOdoo((env) => env.write('product.template', [Number(variant['product_tmpl_id'])], { list_price: after }));
    return `${named(variant)} from ${before} to ${after}`;
  }

  #extra(): string | undefined {
    const { random, odoo } = this.ground;
    const values = odoo.store.records('product.template.attribute.value');
    if (values.length === 0) return undefined;
    const value = random.pick(values);
    const after = random.int(0, 12) / 2;
    this.#inOdoo((env) => env.write('product.template.attribute.value', [Number(value['id'])], { price_extra: after }));
    return `value ${String(value['id'])} to ${after}`;
  }

  #count(): string {
    const { random, odoo } = this.ground;
    const variant = this.#variant();
    const [warehouse] = odoo.store.records('stock.warehouse');
    const quantity = random.chance(0.2) ? 0 : random.int(1, 60);
    this.#inOdoo((env) => {
      const counting = env.with({ inventory_mode: true });
      const quant = counting.create('stock.quant', {
        product_id: variant['id'],
        location_id: warehouse?.['lot_stock_id'],
        inventory_quantity: quantity,
      });
      call(counting, 'stock.quant', 'action_apply_inventory', [quant.id]);
    });
    return `${named(variant)} to ${quantity}`;
  }

  #archive(): string {
    const variant = this.#variant();
    const active = variant['active'] !== true;
    this.#inOdoo((env) => env.write('product.product', [Number(variant['id'])], { active }));
    return `${named(variant)} ${active ? 'restored' : 'archived'}`;
  }

  #forSale(): string {
    const variant = this.#variant();
    const forSale = variant['sale_ok'] !== true;
    this.#inOdoo((env) => env.write('product.template', [Number(variant['product_tmpl_id'])], { sale_ok: forSale }));
    return `${named(variant)} ${forSale ? 'for sale' : 'not for sale'}`;
  }

  #mapping(): string {
    const { random } = this.ground;
    const variant = this.#variant();
    const id = Number(variant['id']);
    const own = this.#originalIds.get(id) ?? false;
    const is = variant['x_cartona_id'];
    if (is !== own) {
      this.#inOdoo((env) => env.write('product.product', [id], { x_cartona_id: own }));
      return `${named(variant)} has ${String(own)} again`;
    }
    this.ground.watch.remapped = true;
    const other = this.#variant();
    if (random.chance(0.5) || Number(other['id']) === id) {
      this.#inOdoo((env) => env.write('product.product', [id], { x_cartona_id: false }));
      return `${named(variant)} has none`;
    }
    this.#inOdoo((env) => {
      env.write('product.product', [id], { x_cartona_id: other['x_cartona_id'] });
      env.write('product.product', [Number(other['id'])], { x_cartona_id: is });
    });
    return `${named(variant)} and ${named(other)} swapped`;
  }

  async #hold(): Promise<string> {
    if (this.#held) return (await this.#letGo()) ?? '';
    const variant = this.#variant();
    const template = Number(variant['product_tmpl_id']);
    const transaction = this.ground.odoo.store.open();
    const after = Number((Number(variant['list_price']) * 1.1).toFixed(2));
    transaction.change((env) => env.write('product.template', [template], { list_price: after }));
    this.#held = { transaction, template };
    return `${named(variant)} to ${after}, not committed`;
  }

  async #letGo(): Promise<string | undefined> {
    this.#held?.transaction.commit();
    this.#held = undefined;
    return 'committed';
  }

  /** Mostly one of the newest: much happens to few orders, or little to each. */
  #favourite(orders: readonly OrderRecord[]): OrderRecord {
    const { random } = this.ground;
    return random.pick(random.chance(0.7) ? orders.slice(-2) : orders);
  }

  #onSale(act: (sale: Sale, order: ApiOrder) => string | undefined): string | undefined {
    const { market, odoo } = this.ground;
    const inOdoo = [...market.state.orders.all()].filter(({ order }) => salesOf(odoo, order.hashed_id).length > 0);
    if (inOdoo.length === 0) return undefined;
    const { order } = this.#favourite(inOdoo);
    const sale = saleOf(odoo, order.hashed_id);
    const said = sale && act(sale, order);
    return said === undefined ? undefined : `${order.hashed_id} (${sale?.name}, ${order.status} at Cartona) ${said}`;
  }

  #confirm(sale: Sale): string | undefined {
    if (sale.state !== 'draft' && sale.state !== 'sent') return undefined;
    this.#inOdoo((env) => call(env, 'sale.order', 'action_confirm', [sale.id]));
    return 'confirmed';
  }

  #editLine(sale: Sale, order: ApiOrder): string | undefined {
    const lines = lineRows(this.ground.odoo, sale.id);
    if (sale.locked || sale.state === 'cancel' || lines.length === 0 || goodsOf(this.ground.odoo, sale.id) === 'all')
      return undefined;
    const line = this.ground.random.pick(lines);
    const quantity = (this.#quantity += 1);
    this.#inOdoo((env) =>
      env.write('sale.order.line', [Number(line['id'])], { product_uom_qty: quantity, price_unit: line['price_unit'] }),
    );
    this.byHand.set(Number(line['id']), quantity);
    this.ground.watch.touched.add(order.hashed_id);
    return `line ${String(line['id'])} from ${String(line['product_uom_qty'])} to ${quantity}`;
  }

  #deliver(sale: Sale): string | undefined {
    const { odoo, random, version } = this.ground;
    const open = pickingsOf(odoo, sale.id)
      .filter((row) => row['state'] !== 'done' && row['state'] !== 'cancel')
      .map((row) => Number(row['id']));
    if (open.length === 0) return undefined;
    const done = version >= 18 ? 'quantity' : 'quantity_done';
    const half = random.chance(0.25);
    this.#inOdoo((env) => {
      call(env, 'stock.picking', 'action_assign', open);
      for (const id of open.flatMap((picking) => [...env.table('stock.move').lookup('picking_id', picking)])) {
        const move = env.row('stock.move', id);
        if (move.state !== 'done' && move.state !== 'cancel')
          env.write('stock.move', [id], {
            [done]: half ? Math.ceil(Number(move.product_uom_qty) / 2) : move.product_uom_qty,
            ...(version >= 18 ? { picked: true } : {}),
          });
      }
      call(env, 'stock.picking', 'button_validate', open, {
        skip_sms: true,
        skip_backorder: true,
        skip_immediate: true,
      });
      if (version < 18 && !half) call(env, 'sale.order', 'action_done', [sale.id]);
    });
    return half ? 'delivered in part' : 'delivered';
  }

  #cancel(sale: Sale): string | undefined {
    if (sale.state === 'cancel' || sale.locked || goodsOf(this.ground.odoo, sale.id) === 'all') return undefined;
    this.#inOdoo((env) => call(env, 'sale.order', 'action_cancel', [sale.id], { disable_cancel_warning: true }));
    return 'cancelled';
  }

  #delete(sale: Sale, order: ApiOrder): string | undefined {
    if (sale.state !== 'draft') return undefined;
    this.#inOdoo((env) => env.unlink('sale.order', [sale.id]));
    this.ground.watch.deleted.add(order.hashed_id);
    return 'deleted';
  }

  #place(): string {
    const { random, market } = this.ground;
    const onSale = market.state.products
      .all()
      .filter((product) => product.isPublished && product.internalProductId !== null && product.stock >= 1);
    const lines = Array.from({ length: random.int(1, 3) }, () => {
      const product = random.pick(onSale);
      return {
        supplier_product_id: String(product.supplierProductId),
        amount: random.int(1, Math.min(5, product.stock)),
      };
    });
    const special = random.int(0, 9);
    const known = [...market.state.orders.all()].slice(-4).map(({ order }) => order.retailer);
    const { order } = market.retailers.place({
      lines,
      ...(known.length > 0 && random.chance(0.5) ? { retailer: random.pick(known) } : {}),
      ...(special === 0 ? { installment_cost: 10 } : {}),
      ...(special === 1 ? { delivered_by: 'delivered_by_cartona' as const } : {}),
      ...(special === 2 ? { note_message: 'برجاء الاتصال' } : {}),
    });
    return `${order.hashed_id}: ${order.order_details.map((line) => `${line.amount} × ${line.internal_product_id}`).join(', ')}${special < 2 ? ` (${special === 0 ? 'needs an OTP' : 'Cartona delivers'})` : ''}`;
  }

  #onOrder(statuses: readonly OrderStatus[], act: (order: ApiOrder) => string | void): string | undefined {
    const fitting = [...this.ground.market.state.orders.all()].filter(({ order }) => statuses.includes(order.status));
    if (fitting.length === 0) return undefined;
    const { order } = this.#favourite(fitting);
    const before = order.status;
    const said = act(order);
    return `${order.hashed_id} ${before} → ${order.status}${said ? ` (${said})` : ''}`;
  }

  #edit(): string | undefined {
    const { market } = this.ground;
    const editing = this.#onOrder(['editing'], (order) => {
      const said = this.#edits(order);
      market.retailers.finishEditing(order.hashed_id, said.edits);
      return said.text;
    });
    return editing ?? this.#onOrder(['pending'], (order) => market.retailers.startEditing(order.hashed_id));
  }

  #edits(order: ApiOrder): {
    edits: { id?: number; amount?: number; cancelled?: boolean; supplier_product_id?: string }[];
    text: string;
  } {
    const { random, market } = this.ground;
    const line = random.pick(order.order_details);
    const kind = random.int(0, 5);
    if (kind === 0) return { edits: [], text: 'as it was' };
    this.ground.watch.edited.add(order.hashed_id);
    if (kind === 1 && order.order_details.length > 1)
      return { edits: [{ id: line.id, cancelled: true }], text: `line ${line.id} taken off` };
    if (kind === 2) {
      const product = random.pick(market.state.products.all().filter((one) => one.internalProductId !== null));
      return {
        edits: [{ supplier_product_id: String(product.supplierProductId), amount: random.int(1, 4) }],
        text: `${product.internalProductId} added`,
      };
    }
    const amount = random.int(1, 9);
    return { edits: [{ id: line.id, amount }], text: `line ${line.id} from ${line.amount} to ${amount}` };
  }

  #staff(): string | undefined {
    const { random, market } = this.ground;
    if (random.chance(0.25)) {
      return this.#onOrder(['pending', 'approved', 'assigned_to_salesman'], (order) => {
        const { edits, text } = this.#edits(order);
        market.retailers.editByAdmin(order.hashed_id, edits);
        return `staff: ${text}`;
      });
    }
    const own = [...market.state.orders.all()].filter(({ order }) => order.delivered_by === 'delivered_by_cartona');
    if (own.length === 0 || random.chance(0.3)) {
      return this.#onOrder(['pending', 'approved', 'assigned_to_salesman'], (order) =>
        market.retailers.setStatus(order.hashed_id, 'cancelled_by_supplier', 'out_of_stock'),
      );
    }
    const { order } = random.pick(own);
    const before = order.status;
    market.retailers.setStatus(
      order.hashed_id,
      random.pick(['approved', 'assigned_to_salesman', 'delivered', 'returned']),
    );
    return `${order.hashed_id} ${before} → ${order.status}`;
  }

  #staffValues(): string {
    const { random, market } = this.ground;
    const product = random.pick(market.state.products.all().filter((one) => one.internalProductId !== null));
    const id = String(product.supplierProductId);
    if (random.chance(0.5))
      market.state.products.update([
        {
          supplier_product_id: id,
          selling_price: Number((Number(product.sellingPrice) * (0.9 + random.next() * 0.2)).toFixed(2)) || 1,
        },
      ]);
    else market.state.products.update([{ supplier_product_id: id, available_stock_quantity: random.int(0, 50) }]);
    return `${product.internalProductId}: ${product.sellingPrice}, ${product.stock} pieces`;
  }

  #webhooks(): string {
    const { random, market } = this.ground;
    const { webhooks } = market.behaviour;
    // Of a change of lines a status alone tells nothing.
    const [loss, statusBody] = this.ground.eventsAlone
      ? [0, 'order']
      : [random.pick([0, 0, 0.3, 1]), random.pick(['status', 'order'])];
    Object.assign(webhooks, {
      loss,
      statusBody,
      repeat: random.pick([0, 0.5]),
      reorder: random.pick([0, 0.5]),
      updatedAt: random.chance(0.5),
      echo: random.chance(0.5),
      ordersAs: random.pick(['object', 'array']),
      concurrency: random.pick([1, 3]),
    });
    return JSON.stringify(webhooks);
  }

  #marketFault(): string {
    const { random, market } = this.ground;
    const kinds: FaultKind[] = [
      '429',
      '500',
      '502-html',
      'drop-before',
      'drop-after',
      'malformed-json',
      'html',
      'latency',
      'item-error',
      'timeout',
    ];
    const kind = random.pick(kinds);
    const path = random.pick([
      '/',
      'update-order-status',
      'update-order-status/',
      'pull-orders',
      'bulk-update',
      'product',
    ]);
    const products = market.state.products.all().flatMap((product) => product.internalProductId ?? []);
    const items = kind === 'item-error' ? [random.pick(products)] : undefined;
    for (const item of items ?? []) this.refused.add(item);
    const fault: Fault = {
      kind,
      ...(kind === 'item-error' ? { items: items ?? [], match: { path: 'bulk-update' } } : { match: { path } }),
      ...(kind === '429' ? { retryAfter: 0.3 } : {}),
      ...(kind === 'latency' ? { latencyMs: 400 } : {}),
      times: random.int(1, 4),
    };
    market.faults.add(fault);
    // The answer is lost, and nobody can look at once.
    if (kind === 'drop-after' && random.chance(0.5))
      market.faults.add({ kind: '500', match: { path: 'pull-orders' }, times: random.int(2, 6) });
    if (kind === 'timeout') void this.#outage(() => sleep(900).then(() => market.presence.restart()));
    return JSON.stringify(fault);
  }

  #odooFault(): string {
    const { random, odoo } = this.ground;
    const kinds: OdooFaultKind[] = [
      '500',
      '502-html',
      'drop-before',
      'drop-after',
      '504-after',
      'malformed',
      'serialization',
      'latency',
      'timeout',
    ];
    const kind = random.pick(kinds);
    const match = random.pick([
      {},
      { method: 'load' },
      { model: 'sale.order' },
      { model: 'product.product' },
      { method: 'action_confirm' },
      { model: 'stock.quant' },
      { method: 'button_validate' },
    ]);
    const fault = { kind, match, ...(kind === 'latency' ? { latencyMs: 300 } : {}), times: random.int(1, 3) };
    odoo.faults.add(fault);
    if (kind === 'timeout') void this.#outage(() => sleep(900).then(() => odoo.restart()));
    return JSON.stringify(fault);
  }

  #outage(work: () => Promise<unknown>): Promise<unknown> {
    this.#outages = this.#outages.then(work);
    return this.#outages;
  }

  async #marketAway(): Promise<string> {
    const { random, market } = this.ground;
    const ms = random.int(...MOMENT);
    if (random.chance(0.5)) {
      await this.#outage(() => market.presence.restart({ downMs: ms }));
      return `down for ${ms} ms`;
    }
    await this.#outage(async () => {
      market.presence.pause();
      await sleep(ms);
      await market.presence.resume();
    });
    return `silent for ${ms} ms`;
  }

  async #odooAway(): Promise<string> {
    const { random, odoo } = this.ground;
    const ms = random.int(...MOMENT);
    if (random.chance(0.5)) {
      await this.#outage(() => odoo.restart({ downMs: ms }));
      return `restarted within ${ms} ms`;
    }
    const resume = odoo.pause();
    await sleep(ms);
    resume();
    return `silent for ${ms} ms`;
  }

  async #kill(): Promise<string> {
    const { random, services } = this.ground;
    const service = random.pick(services);
    await service.kill();
    await sleep(random.pick([0, 100, 500]));
    await service.start();
    return 'kill -9, and started again';
  }

  /** Killed while a request is under way that will have been carried out. */
  async #killAtWork(): Promise<string> {
    const { random, market, odoo, services } = this.ground;
    const [slow, done] = random.pick([
      ['update-order-status/', (): string | undefined => this.#onSale((sale) => this.#confirm(sale))],
      ['bulk-update', (): string | undefined => (random.chance(0.5) ? this.#price() : this.#count())],
      ['load', (): string | undefined => this.#place()],
    ] as const);
    const was = market.state.requests.list(slow).length;
    const ms = random.int(150, 400);
    if (slow === 'load') odoo.faults.add({ kind: 'latency', match: { method: 'load' }, latencyMs: ms, times: 2 });
    else market.faults.add({ kind: 'latency', match: { path: slow }, latencyMs: ms, times: 2 });
    const what = done();
    for (
      const until = Date.now() + 1000;
      Date.now() < until && (slow === 'load' || market.state.requests.list(slow).length === was);
    )
      await sleep(10);
    // Where the answer is to get lost and nobody can look at once, the next one has to look before it tells again.
    const blind = random.chance(0.5);
    if (blind) market.faults.add({ kind: '500', match: { path: 'pull-orders' }, times: 4 });
    const service = random.pick(services);
    await service.kill();
    await service.start();
    return `${what ?? 'nothing'}; kill -9 during ${slow}${blind ? ', then no list' : ''}, and started again`;
  }

  async #stop(): Promise<string> {
    const service = this.ground.random.pick(this.ground.services);
    const code = await service.stop();
    await service.start();
    return `SIGTERM (ended with ${code}), and started again`;
  }

  #command(): string {
    const { random } = this.ground;
    const args = random.pick([
      ['sync', 'prices'],
      ['sync', 'stock'],
      ['orders', 'pull'],
      ['orders', 'push'],
    ]);
    this.ground.command(args);
    return `\`${args.join(' ')}\` begins`;
  }
}

const named = (variant: Record<string, unknown>): string =>
  `variant ${String(variant['id'])} (${String(variant['x_cartona_id'])})`;

function call(
  env: Env,
  model: string,
  method: string,
  ids: readonly number[],
  context: Record<string, unknown> = {},
): void {
  const own = env.with({ ...env.context, ...context });
  const found = own.model(model).methods.get(method);
  if (!found) throw new Error(`${model} has no ${method}`);
  found.run(own, own.model(model), ids, {});
}
