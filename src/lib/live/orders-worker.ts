import { isCartonaError } from '../common/errors.js';
import { receiveEvents } from '../orders/inbox/webhook-events.js';
import { pullOrders } from '../orders/inbox/pull.js';
import { pushStates, type PushResult } from '../orders/states/push.js';
import type { AppliedOrder } from '../orders/import/context.js';
import type { Session } from '../session.js';
import { info, warn, type Log } from './events.js';
import { WakeableSleep, pause } from './wakeable-sleep.js';

/** Events that are worked off at once: one call to Odoo creates their orders. */
const EVENTS = 100;
/**
 * Reading the list takes a tenth of the time at most, however long it is; so does comparing the states of all open
 * orders where nothing is to be told.
 */
const SHARE = 10;
const RETRY_MS = 5000;
const BUSY_MS = 500;
/** What other programs leave to be done is found within this time. */
const OTHERS_MS = 2000;
/**
 * While webhooks pour in, so many times what a step takes is left to taking them: what is in the store can wait a
 * little, a sender that is not answered cannot.
 */
const BUSY_SHARE = 4;
const LONGEST_REST_MS = 5000;

export interface OrdersWorkerOptions {
  readonly session: Session;
  readonly log: Log;
  /** Whether that side is there as far as is known. */
  readonly usable: (remote: 'cartona' | 'odoo') => boolean;
  /** Whether so many webhooks come that taking them needs this process more than working them off does. */
  readonly isIntakeBusy: () => boolean;
  /** Orders came, changed or moved on: what they take from the stock is to be reckoned anew. */
  readonly onOrdersChanged: () => void;
  readonly onSuccess: (what: 'orders_pull' | 'order_state', at: number) => void;
  /** States that Cartona took, and that it refused. */
  readonly onStates: (delivered: number, rejected: number) => void;
}

/**
 * Orders in both directions, one step at a time: what came by webhook, what changed in Odoo, Cartona's whole list now
 * and then. Each step may be cut off and repeated.
 */
export class OrdersWorker {
  readonly #sleep = new WakeableSleep();
  /** Orders that Odoo has written to. */
  readonly #changedInOdoo = new Set<number>();
  #pullAt = 0;
  #pullAllowedAt = 0;
  /** When Cartona's list is to be read for what only webhooks told. */
  #verifyAt: number | undefined;
  #pushAllAt: number | undefined;
  #pushAllAllowedAt = 0;
  #acknowledgedAll = true;
  #eventsWait = true;
  #turn = 0;
  #checkedOthersAt = -Infinity;
  #pulled: () => void = () => undefined;
  /** Resolves when Cartona's list was read for the first time. */
  readonly firstPull = new Promise<void>((resolve) => {
    this.#pulled = resolve;
  });

  constructor(private readonly options: OrdersWorkerOptions) {}

  /** Webhook events are in the store. */
  eventsKept(): void {
    this.#eventsWait = true;
    this.#sleep.wake();
  }

  /** Sale orders that Odoo has written to, whoever's they are. */
  ordersChanged(odooIds: readonly number[]): void {
    for (const id of odooIds) this.#changedInOdoo.add(id);
    this.#sleep.wake();
  }

  /** Cartona's list is to be read soon. */
  pullSoon(ms = 0): void {
    this.#pullAt = Math.min(this.#pullAt, this.options.session.now() + ms);
    this.#sleep.wake();
  }

  /** The other sides came back, or something else may have become possible. */
  wake(): void {
    this.#sleep.wake();
  }

  /**
   * Does the next thing that is to be done, in turn, or waits until there is one. @throws what either side fails with
   */
  async step(signal: AbortSignal): Promise<void> {
    const { session, usable } = this.options;
    const now = session.now();
    const pullAt = Math.max(Math.min(this.#pullAt, this.#verifyAt ?? Infinity), this.#pullAllowedAt);
    const pushAllAt = Math.max(this.#pushAllAt ?? Infinity, this.#pushAllAllowedAt);
    const both = usable('odoo') && usable('cartona');
    const tasks: readonly (readonly [due: boolean, work: () => Promise<void>])[] = [
      [this.#eventsWait && usable('odoo'), () => this.#takeEvents()],
      [this.#changedInOdoo.size > 0 && both, () => this.#pushChanged()],
      [now >= pullAt && both, () => this.#pull()],
      [now >= pushAllAt && both, () => this.#pushAll()],
    ];
    const turns = tasks.map((_, at) => (this.#turn + at) % tasks.length);
    const next = turns.find((at) => tasks[at]?.[0]);
    if (next === undefined) {
      if (both && (await this.#foundOthersWork(now))) return;
      const at = both ? Math.min(pullAt, pushAllAt) : Infinity;
      return this.#sleep.wait(Math.max(10, Math.min(at - now, OTHERS_MS)), signal);
    }
    this.#turn = next + 1;
    try {
      await tasks[next]?.[1]();
    } catch (error) {
      if (!isCartonaError(error, 'busy')) throw error;
      // A command is at it: it does the same work.
      await this.#sleep.wait(BUSY_MS, signal);
    }
    if (this.options.isIntakeBusy()) await pause(Math.min((session.now() - now) * BUSY_SHARE, LONGEST_REST_MS), signal);
  }

  /**
   * Looks now and then for what others leave to be done: orders that were written down and not brought over, states
   * that are due. A person wants another try of them, or whoever had them is gone.
   */
  async #foundOthersWork(now: number): Promise<boolean> {
    if (now - this.#checkedOthersAt < OTHERS_MS) return false;
    this.#checkedOthersAt = now;
    const { deliveries, inbox } = this.options.session.store;
    const received = await inbox.list({ phases: ['received'], limit: 1 });
    const due = await deliveries.takeDue('order_state', now, 1000);
    if (received.length > 0) this.#pullAt = Math.min(this.#pullAt, now);
    if (due.length > 0) this.#pushAllAt = now;
    return received.length > 0 || due.length > 0;
  }

  /**
   * Reads Cartona's list at once, apart from the steps.
   * @returns false while another pull runs, which may have read the list before
   */
  async pullNow(): Promise<boolean> {
    try {
      await this.#pull();
      return true;
    } catch (error) {
      if (!isCartonaError(error, 'busy')) throw error;
      return false;
    }
  }

  async #takeEvents(): Promise<void> {
    const { session } = this.options;
    const events = await session.store.events.waiting(EVENTS);
    if (events.length === 0) {
      this.#eventsWait = false;
      return;
    }
    const { changed, pull, results: settled } = await receiveEvents(session, events);
    await session.store.events.done(
      events.map((event) => event.id),
      session.now(),
    );
    for (const one of settled) {
      if (one.kind === 'applied') this.#logApplied(one.applied);
      else
        this.options.log({
          level: one.row.verifyAt === undefined ? 'warn' : 'info',
          direction: 'in',
          event: 'order',
          message: `${one.row.hashedId} is held: ${one.reason}`,
          details: { hashedId: one.row.hashedId },
        });
    }
    if (changed.length > 0) this.options.onOrdersChanged();
    // Only what stands in Cartona's list counts, and can be acknowledged.
    if (pull || settled.length > 0) this.pullSoon();
    this.#verifyAt = await session.store.inbox.nextVerifyAt();
  }

  async #pull(): Promise<void> {
    const { session } = this.options;
    let readingMs = 0;
    const timed = {
      ...session.cartona,
      pullOrders: () => timedPages(session.cartona.pullOrders(), session.now, (ms) => (readingMs += ms)),
    };
    const due = this.#pullAt;
    // Who wants a pull from here on may want what this one has not seen.
    this.#pullAt = Infinity;
    const result = await pullOrders({ ...session, cartona: timed }).catch((error: unknown) => {
      this.#pullAt = Math.min(this.#pullAt, due);
      throw error;
    });
    this.#verifyAt = await session.store.inbox.nextVerifyAt();
    const ended = session.now();
    const periodMs = session.profile.serve.pullMinutes * 60_000;
    this.#pullAt = Math.min(this.#pullAt, ended + periodMs);
    this.#pullAllowedAt = ended + Math.min(readingMs * SHARE, periodMs);
    this.#pushAllAt = ended;
    // An acknowledgement that crossed a change of the order is soon told again, once; one that Cartona does not take
    // has time.
    if (result.unacknowledged.length > 0 && this.#acknowledgedAll) this.pullSoon(RETRY_MS);
    this.#acknowledgedAll = result.unacknowledged.length === 0;
    for (const order of result.applied) this.#logApplied(order);
    for (const order of result.held)
      this.options.log({
        level: 'warn',
        direction: 'in',
        event: 'order',
        message: `${order.hashedId} is held: ${order.reason}`,
        details: { hashedId: order.hashedId },
      });
    for (const hashedId of result.unacknowledged)
      this.options.log(
        warn('order', `Cartona does not take the acknowledgement of ${hashedId}; it is told again.`, { hashedId }),
      );
    for (const reason of result.nameless)
      this.options.log(warn('order', `Cartona listed an order without a hashed_id (${reason}).`));
    if (result.acknowledged > 0)
      this.options.log(
        info('acknowledge', `${result.acknowledged} orders acknowledged.`, { orders: result.acknowledged }),
      );
    if (result.changed > 0 || result.applied.length > 0) this.options.onOrdersChanged();
    this.#pulled();
    this.options.onSuccess('orders_pull', ended);
  }

  async #pushChanged(): Promise<void> {
    const { session } = this.options;
    const odooIds = [...this.#changedInOdoo];
    this.#changedInOdoo.clear();
    try {
      const ours = await session.store.inbox.list({ odooIds, closed: false });
      if (ours.length > 0) await this.#push(ours.map((row) => row.hashedId));
    } catch (error) {
      for (const id of odooIds) this.#changedInOdoo.add(id);
      throw error;
    }
  }

  async #pushAll(): Promise<void> {
    const { session } = this.options;
    const due = this.#pushAllAt;
    this.#pushAllAt = undefined;
    const started = session.now();
    try {
      const found = await this.#push(undefined);
      if (!found) this.#pushAllAllowedAt = session.now() + (session.now() - started) * SHARE;
    } catch (error) {
      this.#pushAllAt ??= due;
      throw error;
    }
  }

  /** @returns whether there was anything to tell */
  async #push(hashedIds: readonly string[] | undefined): Promise<boolean> {
    const { session } = this.options;
    const result = await pushStates(session, {
      dryRun: false,
      receive: false,
      ...(hashedIds ? { orders: hashedIds } : {}),
    });
    this.#logPushed(result);
    const open = result.refused.length + result.unknown.length;
    // Whatever was refused, Cartona's list says how the order really stands.
    if (result.refused.length > 0) this.pullSoon();
    if (result.unknown.length > 0) this.#pushAllAt = session.now() + RETRY_MS;
    this.options.onStates(result.pushed.length, result.refused.length);
    if (open === 0) this.options.onSuccess('order_state', session.now());
    return result.pushed.length + open > 0;
  }

  #logApplied(order: AppliedOrder): void {
    if (order.done.length === 0 && order.differences.length === 0) return;
    const more = order.differences.length > 0 ? `; ${order.differences.join('; ')}` : '';
    this.options.log({
      level: 'info',
      direction: 'in',
      event: 'order',
      message: `${order.hashedId} (${order.status}): ${order.odooName || 'not in Odoo'} ${order.done.join(', ')}${more}`,
      details: { hashedId: order.hashedId, odooName: order.odooName, status: order.status },
    });
  }

  #logPushed(result: PushResult): void {
    for (const one of result.pushed) {
      this.options.log({
        level: 'info',
        direction: 'out',
        event: 'state',
        message: `${one.hashedId} (${one.odooName}): ${one.from} → ${one.to}`,
        details: { hashedId: one.hashedId, from: one.from, to: one.to },
      });
    }
    for (const one of [...result.refused, ...result.unknown])
      this.options.log(
        warn('state', `${one.hashedId} (${one.odooName}) could not be set to ${one.to}: ${one.reason}`, {
          hashedId: one.hashedId,
          to: one.to,
        }),
      );
  }
}

/** The pages, telling how long each was waited for; what is done between them does not count. */
async function* timedPages<T>(
  pages: AsyncIterable<T>,
  now: () => number,
  onRead: (ms: number) => void,
): AsyncGenerator<T> {
  let asked = now();
  for await (const page of pages) {
    onRead(now() - asked);
    yield page;
    asked = now();
  }
  onRead(now() - asked);
}
