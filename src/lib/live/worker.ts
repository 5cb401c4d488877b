import type { Session } from '../session.js';
import { CatalogWorker } from './catalog/catalog-worker.js';
import { clampFutureTimestamps } from './clock.js';
import { warn, type Log } from './events.js';
import { recordLag, recordSweep } from '../operations/runtime-state.js';
import { recordSuccess } from '../store/successes.js';
import { HintedRecords } from './changes/hinted-records.js';
import { retryForever, retryUntilDone } from './retry-forever.js';
import type { Metrics } from './monitoring/metrics.js';
import { HintSchedule } from './changes/hint-schedule.js';
import type { Watched } from './changes/change-queries.js';
import { OrdersWorker } from './orders-worker.js';
import { WakeableSleep, pause } from './wakeable-sleep.js';
import { EventRate } from './changes/event-rate.js';
import type { Remotes } from './remotes/remotes.js';
import type { Hint } from './webhooks/hints.js';
import { Throttle } from './throttle.js';
import { ChangePoller } from './changes/change-poller.js';
import type { ScanResult } from './changes/overlap-window.js';
import type { CatalogFlow } from '../store/store.js';

/** Stock waits for the first reading of Cartona's orders, but not for ever. */
const FIRST_PULL_MS = 60_000;
/** Small facts that change with every value are written down at most so often. */
const NOTE_MS = 1000;
/** Webhooks a second from which on taking them goes before working them off. */
const BUSY_INTAKE = 100;
/** Failures that a side which is away makes of every request. */
const AWAY_KINDS: ReadonlySet<string> = new Set(['unreachable', 'credentials', 'outcome-unknown']);

export interface LiveWorkerOptions {
  readonly session: Session;
  readonly remotes: Remotes;
  readonly metrics: Metrics;
  readonly log: Log;
}

/**
 * Everything that goes on while the profile is live: orders, the listener, the two flows of the catalogue, the sweep.
 */
export class LiveWorker {
  readonly #catalog: CatalogWorker;
  readonly #orders: OrdersWorker;
  readonly #poller: ChangePoller;
  readonly #hintSchedule = new HintSchedule();
  readonly #webhookRate = new EventRate();
  readonly #hintedPrices = new HintedRecords((ids) => this.#enqueue('price', ids));
  readonly #hintedStock = new HintedRecords((ids) => this.#enqueue('stock', ids));
  readonly #pollSleep = new WakeableSleep();
  readonly #notes = new Throttle(NOTE_MS);
  readonly #logFailure: Log;
  #found = 0;

  /** @param signal raised when no new piece of work is to begin */
  constructor(
    private readonly options: LiveWorkerOptions,
    private readonly signal: AbortSignal,
  ) {
    const { remotes, log, metrics, session } = options;
    const sessions = remotes.sessions();
    this.#catalog = new CatalogWorker({
      sessions,
      log,
      onDelivered: (flow, noticedAt, at) => {
        metrics.delivered(flow, 1, noticedAt === undefined ? undefined : (at - noticedAt) / 1000);
        if (noticedAt === undefined) this.#found += 1;
        else this.#note(`lag.${flow}`, () => recordLag(session, flow, { at, ms: at - noticedAt }));
      },
      onUndelivered: (flow, outcome) => metrics.outcome(flow, outcome, 1),
    });
    this.#orders = new OrdersWorker({
      session: sessions.orders,
      log,
      usable: (remote) => remotes[remote].state.state === 'up',
      isIntakeBusy: () => this.#webhookRate.perSecond(session.now()) > BUSY_INTAKE,
      onOrdersChanged: () => {
        this.#catalog.demand.invalidate();
        this.#catalog.stock.wake();
      },
      onSuccess: (what, at) => this.#note(`success.${what}`, () => recordSuccess(session, what, at)),
      onStates: (delivered, rejected) => {
        metrics.delivered('order_state', delivered);
        metrics.outcome('order_state', 'rejected', rejected);
      },
    });
    // While a side is away that alone is told, and not by everything that needs it.
    this.#logFailure = (event) => {
      const away = [remotes.cartona, remotes.odoo].some((remote) => remote.state.state !== 'up');
      if (!away || !AWAY_KINDS.has(String(event.details?.['kind']))) log(event);
    };
    this.#poller = new ChangePoller(sessions.stock, (watched, looked) => this.#changed(watched, looked));
  }

  /** Works until the signal. What is under way then is finished. */
  async run(): Promise<void> {
    const { signal } = this;
    const log = this.#logFailure;
    await this.#untilDone('clock', () => clampFutureTimestamps(this.options.session));
    const ready = this.#untilDone('start', () => this.#catalog.readMapping());
    const stockMayStart = Promise.race([this.#orders.firstPull, pause(FIRST_PULL_MS, signal)]);
    const loop = (name: string, work: () => Promise<void>, after: Promise<unknown> = ready): Promise<void> =>
      Promise.all([ready, after]).then(() => retryForever(name, signal, log, work));
    await Promise.all([
      retryForever('orders', signal, log, () => this.#orders.step(signal)),
      loop('tail', () => this.#poll()),
      loop('stock', () => this.#pass('stock'), stockMayStart),
      loop('price', () => this.#pass('price')),
      loop(
        'sweep',
        () => this.#sweep(),
        stockMayStart.then(() => this.#untilDone('compare', () => this.#compareAll())),
      ),
    ]);
  }

  /** Webhook events are in the store. */
  eventsKept(): void {
    this.#webhookRate.note(this.options.session.now());
    this.#orders.eventsKept();
  }

  /** Odoo says that a record may have changed. */
  hinted({ model, id, productId }: Hint): void {
    const stock = model === 'stock.quant' && productId !== undefined ? [productId] : [];
    const prices =
      id === undefined
        ? []
        : model === 'product.product'
          ? [id]
          : model === 'product.template'
            ? this.#catalog.variantsOf(id)
            : [];
    this.#hintedStock.hint(stock);
    this.#hintedPrices.hint(prices);
    this.#hintSchedule.hint(model, this.options.session.now(), stock.length + prices.length > 0);
    this.#pollSleep.wake();
  }

  /** A side came back, or went. */
  remoteChanged(): void {
    this.#orders.wake();
  }

  /** This machine's clock was set ahead, or stood still while the machine slept. */
  clockSetAhead(): void {
    this.#poller.clockSet();
    this.#pollSleep.wake();
  }

  #enqueue(flow: CatalogFlow, odooIds: readonly number[]): void {
    if (!this.signal.aborted) this.#catalog.enqueue(flow, odooIds);
  }

  #changed(watched: Watched, { now, recheck }: ScanResult): void {
    const failed = (error: unknown): void =>
      this.options.log(warn('tail', error instanceof Error ? error.message : String(error)));
    if (watched === 'price') {
      this.#catalog.productsChanged(now).catch(failed);
      this.#catalog.enqueueRecheck('price', recheck);
    } else if (watched === 'stock') {
      this.#catalog.stockChanged(now);
      this.#catalog.enqueueRecheck('stock', recheck);
    } else {
      const ids = [...now, ...recheck];
      this.#orders.ordersChanged(ids);
      this.#catalog.ordersChanged(ids).catch(failed);
    }
  }

  async #poll(): Promise<void> {
    const { session, remotes } = this.options;
    await remotes.odoo.usable(this.signal);
    if (this.signal.aborted) return;
    let pollAt = session.now() + (await this.#timedPoll());
    this.#note('success.tail', () => recordSuccess(session, 'tail', session.now()));
    while (!this.signal.aborted && session.now() < pollAt) {
      await this.#pollSleep.wait(Math.min(pollAt, this.#hintSchedule.nextAt ?? Infinity) - session.now(), this.signal);
      const watched = this.#hintSchedule.take(session.now());
      if (watched && !this.signal.aborted) pollAt = Math.min(pollAt, session.now() + (await this.#timedPoll(watched)));
    }
  }

  async #timedPoll(only?: Watched): Promise<number> {
    const started = performance.now();
    const wait = await this.#poller.poll(only);
    this.options.metrics.polled((performance.now() - started) / 1000);
    return wait;
  }

  async #pass(flow: CatalogFlow): Promise<void> {
    const { session } = this.options;
    const loop = this.#catalog[flow];
    await loop.wait(this.signal);
    await this.#bothUsable();
    if (this.signal.aborted) return;
    await loop.pass();
    this.#note(`success.${flow}`, () => recordSuccess(session, flow, session.now()));
  }

  async #compareAll(): Promise<void> {
    await this.#bothUsable();
    if (this.signal.aborted) return;
    await this.#catalog.compareAll();
    const { session } = this.options;
    for (const flow of ['price', 'stock', 'sweep'] as const) await recordSuccess(session, flow, session.now());
  }

  async #sweep(): Promise<void> {
    const { session, metrics } = this.options;
    await this.#bothUsable();
    if (this.signal.aborted) return;
    const startedAt = session.now();
    this.#found = 0;
    const { pages, variants } = await this.#catalog.sweep(this.signal, () => this.#orders.pullNow());
    if (this.signal.aborted) return;
    const finishedAt = session.now();
    await recordSweep(session, { startedAt, finishedAt, pages, variants, found: this.#found });
    await recordSuccess(session, 'sweep', finishedAt);
    metrics.swept((finishedAt - startedAt) / 1000, variants, this.#found);
  }

  async #bothUsable(): Promise<void> {
    await this.options.remotes.odoo.usable(this.signal);
    await this.options.remotes.cartona.usable(this.signal);
  }

  #note(name: string, write: () => Promise<void>): void {
    if (!this.#notes.allow(name, this.options.session.now())) return;
    write().catch((error: unknown) =>
      this.options.log(warn('notes', error instanceof Error ? error.message : String(error))),
    );
  }

  #untilDone(name: string, work: () => Promise<void>): Promise<void> {
    return retryUntilDone(name, this.signal, this.#logFailure, work);
  }
}
