import type { Session } from '../session.js';
import { withLease } from '../store/with-lease.js';
import { CatalogSide } from './catalog-side.js';
import { info, type Tell } from './events.js';
import { BEAT_MS, liveSince, noteLag, noteRemote, noteService, noteServiceEnded, noteSuccess, noteSweep } from './facts.js';
import { keepGoing } from './keep-going.js';
import { Nudges } from './nudges.js';
import type { Watched } from './odoo-changes.js';
import { OrdersLoop } from './orders-loop.js';
import { Alarm, pause } from './pace.js';
import { startReceiver, type Receiver, type ReceiverSecrets } from './receiver/receiver.js';
import { Remotes, type Clients } from './remotes.js';
import { Tail } from './tail.js';

const LIVE_CHECK_MS = 1000;
const CREDENTIALS_CHECK_MS = 5000;
/** Stock waits for the first reading of Cartona's orders, but not for ever. */
const FIRST_PULL_MS = 60_000;
const SWEEP_FIRST_PAUSE_MS = 1000;

export interface ServeOptions {
  /** Opened with `hardStop.signal`. */
  readonly session: Session;
  readonly host: string;
  readonly port: number;
  readonly version: string;
  readonly webhookSecrets: ReceiverSecrets;
  /** Several services on one state, on purpose. */
  readonly shared: boolean;
  readonly tell: Tell;
  readonly onReady: (url: string, live: boolean) => void;
  /** The clients of credentials that were replaced since; `undefined` while they are the same. */
  readonly newClients: () => Promise<Clients | undefined>;
  /** Raised by the service when what is under way takes longer than it may after it was asked to stop. */
  readonly hardStop: AbortController;
}

/**
 * Keeps both sides equal until it is asked to stop: takes webhooks, notices changes in Odoo, sweeps. It sends nothing until
 * somebody said yes (`cartona go-live`), and stops sending when that is taken back.
 * @param stopping raised to stop: intake ends, what is under way is finished within the set time
 * @throws CartonaError `busy` when another service runs on this state; `local` when it cannot listen
 */
export async function serve(options: ServeOptions, stopping: AbortSignal): Promise<void> {
  if (options.shared) return new Service(options, stopping).run();
  return withLease(options.session.store.leases, 'serve', undefined, () => new Service(options, stopping).run());
}

class Service {
  readonly #remotes: Remotes;
  readonly #nudges = new Nudges();
  readonly #tailAlarm = new Alarm();
  #orders: OrdersLoop | undefined;

  constructor(
    private readonly options: ServeOptions,
    private readonly stopping: AbortSignal,
  ) {
    const { session, tell } = options;
    this.#remotes = new Remotes({
      session,
      tell,
      onChange: (remote, standing) => {
        void noteRemote(session, remote, { ...standing }).catch(() => undefined);
        this.#orders?.wake();
      },
      onError: () => undefined,
    });
  }

  async run(): Promise<void> {
    const { session } = this.options;
    const receiver = await this.#startReceiver();
    try {
      await this.#beat(receiver);
      this.options.onReady(receiver.url, (await liveSince(session)) !== undefined);
      const deadline = this.#deadline();
      await Promise.all([
        this.#closeReceiver(receiver),
        this.#remotes.cartona.watch(this.stopping),
        this.#remotes.odoo.watch(this.stopping),
        this.#keepBeating(receiver),
        this.#watchCredentials(),
        this.#work(),
      ]).finally(() => clearTimeout(deadline.timer));
    } finally {
      await receiver.close(0);
      await noteServiceEnded(session);
    }
  }

  #startReceiver(): Promise<Receiver> {
    const { session, host, port, webhookSecrets, tell } = this.options;
    return startReceiver({
      host,
      port,
      ...webhookSecrets,
      settings: session.profile.webhooks,
      keep: (events) => session.store.events.keep(events, session.now()),
      onKept: () => this.#orders?.eventsKept(),
      hintSecret: session.profile.odoo.push?.secret,
      onHint: ({ model }) => {
        this.#nudges.nudge(model, session.now());
        this.#tailAlarm.ring();
      },
      log: (event) => {
        if (event.what === 'received') {
          const names = event.hashedIds.length > 3 ? `${event.hashedIds.length} orders` : event.hashedIds.join(', ');
          tell({ level: 'info', direction: 'in', event: 'webhook', message: `${event.kind} ${names}${event.repeats > 0 ? ` (${event.repeats} known already)` : ''}` });
        } else if (event.what === 'refused') {
          tell({ level: 'warn', direction: 'in', event: 'webhook', message: `refused with ${event.status} from ${event.address}: ${event.message}`, facts: { status: event.status, reason: event.reason } });
        } else {
          const text = event.error instanceof Error ? event.error.message : String(event.error);
          tell({ level: 'error', direction: 'in', event: 'webhook', message: event.what === 'fault' ? `a fault: ${text}` : `not kept: ${text}` });
        }
      },
      now: session.now,
    });
  }

  /** Once asked to stop, work has so long to end by itself. */
  #deadline(): { timer: NodeJS.Timeout | undefined } {
    const deadline: { timer: NodeJS.Timeout | undefined } = { timer: undefined };
    const start = (): void => {
      deadline.timer = setTimeout(() => this.options.hardStop.abort(), this.options.session.profile.serve.drainSeconds * 1000);
    };
    if (this.stopping.aborted) start();
    else this.stopping.addEventListener('abort', start, { once: true });
    return deadline;
  }

  async #closeReceiver(receiver: Receiver): Promise<void> {
    await untilAborted(this.stopping);
    this.options.tell(info('stop', 'Stopping: no more webhooks are taken; what is under way is finished.'));
    await receiver.close((this.options.session.profile.serve.drainSeconds * 1000) / 2);
  }

  async #beat(receiver: Receiver): Promise<void> {
    const { session, version } = this.options;
    const { hostname } = await import('node:os');
    await noteService(session, { pid: process.pid, host: hostname(), url: receiver.url, since: this.#since, beatAt: session.now(), version });
  }

  readonly #since = Date.now();

  async #keepBeating(receiver: Receiver): Promise<void> {
    await keepGoing('beat', this.stopping, this.options.tell, async () => {
      await pause(BEAT_MS, this.stopping);
      if (!this.stopping.aborted) await this.#beat(receiver);
    });
  }

  /** Replaced credentials are taken up without a restart. */
  async #watchCredentials(): Promise<void> {
    await keepGoing('credentials', this.stopping, this.options.tell, async () => {
      await pause(CREDENTIALS_CHECK_MS, this.stopping);
      const refused = [this.#remotes.cartona, this.#remotes.odoo].some((remote) => remote.standing.state === 'refused');
      const clients = refused && !this.stopping.aborted ? await this.options.newClients() : undefined;
      if (clients) await this.#remotes.replace(clients);
    });
  }

  /** Works while the profile is live, and waits while it is not. */
  async #work(): Promise<void> {
    const { session, tell } = this.options;
    while (!this.stopping.aborted) {
      if ((await liveSince(session)) === undefined) {
        await pause(LIVE_CHECK_MS, this.stopping);
        continue;
      }
      const end = new AbortController();
      const endWork = (): void => end.abort();
      this.stopping.addEventListener('abort', endWork, { once: true });
      await Promise.all([this.#drive(end.signal), this.#watchLive(end)]);
      this.stopping.removeEventListener('abort', endWork);
      if (!this.stopping.aborted) tell(info('live', 'No longer live: nothing is sent until `cartona go-live`.'));
    }
  }

  async #watchLive(end: AbortController): Promise<void> {
    await keepGoing('live', end.signal, this.options.tell, async () => {
      await pause(LIVE_CHECK_MS, end.signal);
      if ((await liveSince(this.options.session)) === undefined) end.abort();
    });
  }

  async #drive(signal: AbortSignal): Promise<void> {
    const { session, tell } = this.options;
    const sessions = this.#remotes.sessions();
    const catalog = new CatalogSide({
      sessions,
      tell,
      onDelivered: (flow, noticedAt, at) => {
        if (noticedAt !== undefined) this.#lag.set(flow, at - noticedAt);
      },
      onOutcome: () => undefined,
    });
    const orders = new OrdersLoop({
      session: sessions.orders,
      tell,
      usable: (remote) => this.#remotes[remote].standing.state === 'up',
      onOrdersChanged: () => {
        catalog.demand.invalidate();
        catalog.stock.wake();
      },
      onSuccess: (what, at) => void noteSuccess(session, what, at).catch(() => undefined),
      onOutcome: () => undefined,
    });
    this.#orders = orders;
    const ready = this.#untilDone('start', signal, () => catalog.readMapping());
    const loop = (name: string, work: () => Promise<void>): Promise<void> => ready.then(() => keepGoing(name, signal, tell, work));
    const both = async (): Promise<void> => {
      await this.#remotes.odoo.usable(signal);
      await this.#remotes.cartona.usable(signal);
    };
    const stockMayStart = Promise.race([orders.firstPull, pause(FIRST_PULL_MS, signal)]);
    const catalogLoop = (flow: 'price' | 'stock') => async (): Promise<void> => {
      if (flow === 'stock') await stockMayStart;
      await catalog[flow].wait(signal);
      await both();
      if (signal.aborted) return;
      await catalog[flow].pass();
      await noteSuccess(session, flow, session.now());
      const lag = this.#lag.get(flow);
      if (lag !== undefined) await noteLag(session, flow, { at: session.now(), ms: lag });
    };
    const tail = new Tail(sessions.price, (watched, ids) => this.#changed(watched, ids, catalog, orders));
    await Promise.all([
      keepGoing('orders', signal, tell, () => orders.step(signal)),
      loop('tail', () => this.#poll(tail, signal)),
      loop('stock', catalogLoop('stock')),
      loop('price', catalogLoop('price')),
      ready.then(() => stockMayStart).then(() => this.#sweep(catalog, orders, both, signal)),
    ]);
    this.#orders = undefined;
  }

  readonly #lag = new Map<'price' | 'stock', number>();

  #changed(watched: Watched, ids: readonly number[], catalog: CatalogSide, orders: OrdersLoop): void {
    const failed = (error: unknown): void => this.options.tell({ level: 'warn', event: 'tail', message: error instanceof Error ? error.message : String(error) });
    if (watched === 'price') catalog.productsChanged(ids).catch(failed);
    else if (watched === 'stock') catalog.stockChanged(ids);
    else {
      orders.ordersChanged(ids);
      catalog.ordersChanged(ids).catch(failed);
    }
  }

  async #poll(tail: Tail, signal: AbortSignal): Promise<void> {
    const { session } = this.options;
    await this.#remotes.odoo.usable(signal);
    if (signal.aborted) return;
    let pollAt = session.now() + (await tail.poll());
    await noteSuccess(session, 'tail', session.now());
    while (!signal.aborted && session.now() < pollAt) {
      const nudgeAt = this.#nudges.nextAt ?? Infinity;
      await this.#tailAlarm.wait(Math.min(pollAt, nudgeAt) - session.now(), signal);
      const watched = this.#nudges.take(session.now());
      if (watched && !signal.aborted) pollAt = Math.min(pollAt, session.now() + (await tail.poll(watched)));
    }
  }

  /** Everything once at the start, then again and again in small pages. */
  async #sweep(catalog: CatalogSide, orders: OrdersLoop, both: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const { session, tell } = this.options;
    await this.#untilDone('compare', signal, async () => {
      await both();
      if (!signal.aborted) await catalog.compareAll();
    });
    await keepGoing('sweep', signal, tell, async () => {
      await both();
      await pause(SWEEP_FIRST_PAUSE_MS, signal);
      if (signal.aborted) return;
      const startedAt = session.now();
      const { pages, variants } = await catalog.sweep(signal, () => orders.pullNow());
      if (signal.aborted) return;
      await noteSweep(session, { startedAt, finishedAt: session.now(), pages, variants, found: 0 });
      await noteSuccess(session, 'sweep', session.now());
    });
  }

  /** Tries until it is done once. */
  async #untilDone(name: string, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    const done = new AbortController();
    const stop = (): void => done.abort();
    signal.addEventListener('abort', stop, { once: true });
    await keepGoing(name, done.signal, this.options.tell, async () => {
      await work();
      done.abort();
    });
    signal.removeEventListener('abort', stop);
  }
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
