import { reconcile, type Brake } from '../../catalog/reconcile.js';
import type { Change } from '../../catalog/difference.js';
import type { UnreadableEntry } from '../../catalog/doubt.js';
import type { Undelivered } from '../../catalog/deliver.js';
import type { FlowDefinition } from '../../catalog/flow.js';
import { priceDigits, priceFlow } from '../../catalog/prices.js';
import { stockFlow } from '../../catalog/stock.js';
import { noteShownStock, readListing, type Shown } from '../../catalog/observe-listing.js';
import { readIdentity, type Identity, type MappedVariant } from '../../mapping/identity.js';
import type { Session } from '../../session.js';
import { FlowQueue } from './flow-queue.js';
import { OpenDemandCache } from './open-demand-cache.js';
import { info, warn, type Log } from '../events.js';
import { ZeroStockLimit } from './zero-stock-limit.js';
import { productsOnOrders, readProductFlags } from '../changes/change-queries.js';
import { pause } from '../wakeable-sleep.js';
import { sweepPeriodMs } from '../../catalog/sweep-period.js';
import type { CatalogFlow } from '../../store/store.js';

/** A change of the mapping is looked for at most so often: reading it all costs Odoo something. */
const IDENTITY_PAUSE_MS = 2000;
/** The decimals of prices are a setting of Odoo that hardly anybody ever changes. */
const DIGITS_AGE_MS = 60_000;
/** How soon orders are pulled again when another pull was under way. */
const BUSY_PAUSE_MS = 500;
const SWEEP_PAGE = 500;
const LISTING_PAGE = 100;
const FULL_PAGE = 2000;
/** So many changed products at a time are a mass change. */
const MANY = 1000;
const AFTER_MANY_MS = 5000;

export interface CatalogWorkerOptions {
  /** One session for each flow and one for the sweep: they differ in the priority of their requests. */
  readonly sessions: Readonly<Record<CatalogFlow | 'sweep', Session>>;
  readonly log: Log;
  readonly onDelivered: (flow: CatalogFlow, noticedAt: number | undefined, at: number) => void;
  readonly onUndelivered: (flow: CatalogFlow, outcome: Undelivered) => void;
}

/** Prices and stock, kept equal as long as the service runs. */
export class CatalogWorker {
  readonly price: FlowQueue;
  readonly stock: FlowQueue;
  readonly demand: OpenDemandCache;
  readonly #falls: ZeroStockLimit;
  #digits: { readonly at: number; readonly digits: number } | undefined;
  #identity: Identity | undefined;
  #identityAt = -Infinity;
  #identityStale = false;
  #withdrawn = new Set<number>();
  /** What could not be read of the listing and was told, by entry and field. */
  readonly #unreadable = new Map<string, string>();
  /** Variants of which is to be read whether they are still mapped and for sale; by one reader at a time. */
  readonly #changedProducts = new Set<number>();
  #refreshingFlags = false;

  constructor(private readonly options: CatalogWorkerOptions) {
    const { sessions } = options;
    this.demand = new OpenDemandCache(sessions.stock);
    this.#falls = new ZeroStockLimit(sessions.stock.profile.brake.zeroStockSharePercent);
    this.price = this.#queue('price');
    this.stock = this.#queue('stock');
  }

  /** The mapping as last read. @throws Error before it was read */
  get identity(): Identity {
    if (!this.#identity) throw new Error('the mapping has not been read yet');
    return this.#identity;
  }

  /** Takes sale orders that Odoo has written to: quotations of Cartona's orders are taken off the stock. */
  async ordersChanged(orderIds: readonly number[]): Promise<void> {
    const session = this.options.sessions.stock;
    const ours = await session.store.inbox.list({ odooIds: orderIds, closed: false });
    if (ours.length === 0) return;
    this.demand.invalidate();
    this.stockChanged(
      await productsOnOrders(
        session,
        ours.flatMap((row) => row.odooId ?? []),
      ),
    );
  }

  /**
   * Takes variants that Odoo has written to: their prices are looked at, and whether they are still mapped and for
   * sale.
   */
  async productsChanged(odooIds: readonly number[]): Promise<void> {
    const { sessions } = this.options;
    const noticedAt = sessions.price.now();
    this.price.enqueue(
      odooIds.filter((odooId) => this.identity.find({ odooId })),
      noticedAt,
    );
    for (const id of odooIds) this.#changedProducts.add(id);
    if (this.#refreshingFlags) return;
    this.#refreshingFlags = true;
    try {
      // Of a mass change the values go first.
      if (this.#changedProducts.size > MANY) await new Promise((resolve) => setTimeout(resolve, AFTER_MANY_MS).unref());
      while (this.#changedProducts.size > 0) {
        const some = [...this.#changedProducts].slice(0, FULL_PAGE);
        for (const id of some) this.#changedProducts.delete(id);
        await this.#refreshFlags(some, noticedAt);
      }
    } finally {
      this.#refreshingFlags = false;
    }
  }

  /**
   * Takes variants whose stock moved: by a reservation perhaps, of what counts as ordered only until it is reserved.
   */
  stockChanged(odooIds: readonly number[]): void {
    if (this.demand.counts(odooIds.flatMap((odooId) => this.#identity?.find({ odooId })?.cartonaId ?? [])))
      this.demand.invalidate();
    this.enqueue('stock', odooIds);
  }

  /** Takes variants of which one value may have changed just now. */
  enqueue(flow: CatalogFlow, odooIds: readonly number[]): void {
    this[flow].enqueue(
      odooIds.filter((odooId) => this.#identity?.find({ odooId })),
      this.options.sessions[flow].now(),
    );
  }

  /** The mapped variants of a template, as Odoo ids. */
  variantsOf(templateId: number): readonly number[] {
    return this.#identity?.variantsOf(templateId) ?? [];
  }

  /** Takes variants whose change was looked at before: they may have changed once more without a trace. */
  enqueueRecheck(flow: CatalogFlow, odooIds: readonly number[]): void {
    this[flow].enqueue(odooIds.filter((odooId) => this.identity.find({ odooId })));
  }

  /** Reads the mapping anew; what is new in it is looked at. */
  async readMapping(): Promise<void> {
    const { sessions } = this.options;
    const before = this.#identity;
    const identity = await readIdentity(sessions.sweep);
    this.#identity = identity;
    this.#identityAt = sessions.sweep.now();
    this.#identityStale = false;
    if (!before) return;
    for (const page of identity.pages(FULL_PAGE)) {
      const fresh = page
        .filter((variant) => before.find({ odooId: variant.odooId })?.cartonaId !== variant.cartonaId)
        .map((variant) => variant.odooId);
      this.price.enqueue(fresh, this.#identityAt);
      this.stock.enqueue(fresh, this.#identityAt);
    }
  }

  /** Compares everything once, at full pace: at the start nobody knows what happened while the service was down. */
  async compareAll(): Promise<void> {
    await this.readMapping();
    await this.#readWithdrawn();
    for (const flow of ['stock', 'price'] as const) {
      const session = this.options.sessions[flow];
      const opened =
        flow === 'price'
          ? priceFlow(session, await this.#priceDigits())
          : this.#braked(await stockFlow(session, await this.demand.get()));
      const { unreadable } = await reconcile(
        session,
        opened,
        { size: this.identity.size, pages: () => this.identity.pages(FULL_PAGE) },
        {
          actor: 'serve',
          approve: async (brake) => {
            this.#logBrake(brake);
            return false;
          },
          onUndelivered: (outcome) => this.options.onUndelivered(flow, outcome),
          onDelivered: (changes) => this.#delivered(flow, changes, () => undefined),
        },
      );
      this.#logUnreadable(unreadable);
    }
    this.options.log(
      info('compared', `Compared ${this.identity.size} mapped products with Cartona.`, {
        products: this.identity.size,
      }),
    );
  }

  /**
   * Compares everything in small pages spread over the period: finds what the polls missed, and what was changed at
   * Cartona.
   * @param pullOrders brings what was ordered, or says that it cannot just now: what the listing shows of stock is
   * taken for a difference only then, or stock that was sold would be put back on sale
   */
  async sweep(signal: AbortSignal, pullOrders: () => Promise<boolean>): Promise<{ pages: number; variants: number }> {
    const { sessions } = this.options;
    await this.readMapping();
    await this.#readWithdrawn();
    const { size } = this.identity;
    const periodMs = sweepPeriodMs(sessions.sweep.profile.serve.sweepMinutes, size);
    const listingPause = periodMs / 2 / Math.max(1, Math.ceil(size / LISTING_PAGE));
    let pages = 0;
    const otherStock: Shown[] = [];
    const unreadable: UnreadableEntry[] = [];
    for await (const seen of readListing(
      sessions.sweep,
      (cartonaId) => this.identity.find({ cartonaId }) !== undefined,
      { onOtherStock: (shown) => otherStock.push(shown), onUnreadable: (entry) => unreadable.push(entry) },
    )) {
      sessions.sweep.progress("Reading Cartona's listing", seen);
      pages += 1;
      await pause(listingPause, signal);
      if (signal.aborted) return { pages, variants: 0 };
    }
    this.#logUnreadable(unreadable);
    // What was ordered until the listing was read has lowered the stock that it shows.
    while (!signal.aborted && !(await pullOrders())) await pause(BUSY_PAUSE_MS, signal);
    if (signal.aborted) return { pages, variants: 0 };
    for (const shown of otherStock) await noteShownStock(sessions.sweep, shown);
    const hintPause = periodMs / 2 / Math.max(1, Math.ceil(size / SWEEP_PAGE));
    let variants = 0;
    for (const page of this.identity.pages(SWEEP_PAGE)) {
      const odooIds = page.map((variant) => variant.odooId);
      this.stock.enqueue(odooIds);
      this.price.enqueue(odooIds);
      variants += page.length;
      await pause(hintPause, signal);
      if (signal.aborted) break;
    }
    if (size === 0) await pause(periodMs, signal);
    return { pages, variants };
  }

  #queue(flow: CatalogFlow): FlowQueue {
    return new FlowQueue({
      session: this.options.sessions[flow],
      flow,
      identity: () => this.identity,
      open: (variants) => this.#open(flow, variants),
      onDue: () => this.demand.invalidate(),
      onDelivered: (changes, noticedAt) => this.#delivered(flow, changes, noticedAt),
      onUndelivered: (outcome) => this.options.onUndelivered(flow, outcome),
      onBrake: (brake) => this.#logBrake(brake),
      onUnreadable: (entries) => this.#logUnreadable(entries),
    });
  }

  async #open(flow: CatalogFlow, variants: readonly MappedVariant[]): Promise<FlowDefinition> {
    const session = this.options.sessions[flow];
    return flow === 'price'
      ? priceFlow(session, await this.#priceDigits(), true)
      : this.#braked(await stockFlow(session, await this.demand.get(), variants));
  }

  /** Asked for now and then: whoever waits for one price feels each question to Odoo. */
  async #priceDigits(): Promise<number> {
    const session = this.options.sessions.price;
    const now = session.now();
    if (!this.#digits || now - this.#digits.at >= DIGITS_AGE_MS)
      this.#digits = { at: now, digits: await priceDigits(session) };
    return this.#digits.digits;
  }

  #braked(flow: FlowDefinition): FlowDefinition {
    return {
      ...flow,
      judgeFalls: (falls, size) =>
        this.#falls.judge(
          falls.map(({ cartonaId }) => cartonaId),
          size,
          this.options.sessions.stock.now(),
        ),
    };
  }

  #delivered(flow: CatalogFlow, changes: readonly Change[], noticedAt: (odooId: number) => number | undefined): void {
    const at = this.options.sessions[flow].now();
    for (const change of changes) {
      this.options.onDelivered(flow, noticedAt(change.odooId), at);
      this.options.log({
        level: 'info',
        direction: 'out',
        event: flow,
        message:
          change.from === change.value
            ? `${change.cartonaId}: ${change.value} once more, for Cartona may have another figure since an order came`
            : `${change.cartonaId}: ${change.from ?? 'unknown'} → ${change.value}`,
        details: { cartonaId: change.cartonaId, odooId: change.odooId, from: change.from ?? null, to: change.value },
      });
    }
  }

  /** Each is told once, and again when something else stands there. */
  #logUnreadable(entries: readonly UnreadableEntry[]): void {
    for (const { entry, field, value } of entries) {
      const name = `${entry} ${field}`;
      if (this.#unreadable.get(name) === value) continue;
      this.#unreadable.set(name, value);
      this.options.log(
        warn('listing', `Cartona's listing: ${field} of ${entry} is ${value}, which cannot be read.`, {
          entry,
          field,
          value,
        }),
      );
    }
  }

  /** What is held is told once. */
  #logBrake({ reason, changes, known }: Brake): void {
    if (changes.length > known)
      this.options.log(
        warn('brake', `${reason}; held until \`cartona approve\` says yes.`, { changes: changes.length }),
      );
  }

  async #refreshFlags(odooIds: readonly number[], noticedAt: number): Promise<void> {
    const flags = await readProductFlags(this.options.sessions.price, odooIds);
    for (const { odooId, cartonaId, active, forSale } of flags) {
      const known = this.identity.find({ odooId });
      if (known?.cartonaId !== cartonaId || (known && known.active !== active)) this.#identityStale = true;
      const withdrawn = !active || !forSale;
      if (withdrawn === this.#withdrawn.has(odooId)) continue;
      if (withdrawn) this.#withdrawn.add(odooId);
      else this.#withdrawn.delete(odooId);
      if (known) this.stock.enqueue([odooId], noticedAt);
    }
    const gone = odooIds.length > flags.length;
    if (this.#identityStale || gone) await this.#refreshIdentity();
  }

  async #refreshIdentity(): Promise<void> {
    if (this.options.sessions.price.now() - this.#identityAt >= IDENTITY_PAUSE_MS) await this.readMapping();
  }

  async #readWithdrawn(): Promise<void> {
    const withdrawn = new Set<number>();
    for (const page of this.identity.pages(FULL_PAGE)) {
      for (const { odooId, active, forSale } of await readProductFlags(
        this.options.sessions.sweep,
        page.map((variant) => variant.odooId),
      )) {
        if (!active || !forSale) withdrawn.add(odooId);
      }
    }
    this.#withdrawn = withdrawn;
  }
}
