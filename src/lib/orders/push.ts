import type { CartonaOrder, OrderStatus } from '../cartona/schemas.js';
import { isCartonaError, throwIfInterrupted } from '../common/errors.js';
import { namesOf } from '../odoo/names.js';
import type { Session } from '../session.js';
import type { Delivery, InboxOrder } from '../store/store.js';
import { withLease } from '../store/with-lease.js';
import { FINAL, planPush, wantedStatus, type PushPlan, type SettableStatus } from './cartona-states.js';
import { chunks } from './collections.js';
import { needsOtp } from './money-split.js';
import { readSaleOrders } from './odoo-order.js';
import { orderOf, orderVersion } from './payload.js';
import { receiveOrders } from './receive.js';

const ACTOR = 'orders push';
const AT_ONCE = 500;

/** One order's state as Odoo wants it and Cartona last told it. */
export interface StateChange {
  readonly hashedId: string;
  readonly odooName: string;
  readonly from: string;
  readonly to: string;
}

export interface PushResult {
  readonly dryRun: boolean;
  /** Orders that are open on either side. */
  readonly open: number;
  /** Sent and accepted; with `dryRun`: what would be sent, every state on the way. */
  readonly pushed: readonly StateChange[];
  /** Refused by Cartona or by its order cycle, now; not sent again until something changes. */
  readonly refused: readonly (StateChange & { readonly reason: string })[];
  /** Refused by an earlier run, and nothing changed since. */
  readonly stillRefused: number;
  /** Nobody knows whether Cartona took them; the next run looks. */
  readonly unknown: readonly (StateChange & { readonly reason: string })[];
  /** Cannot be told now: the retailer edits, an OTP is missing, the order is held or newer at Cartona. */
  readonly waiting: readonly (StateChange & { readonly reason: string })[];
}

/**
 * Tells Cartona the states that changed in Odoo, each through the single path, which alone reports a refusal. Cartona's
 * list is read first (nothing is acknowledged): what changed there goes first, and a state that an earlier run may have
 * set is seen before it is set again.
 * @throws CartonaError `busy` while another push of this profile runs
 */
export async function pushStates(session: Session, options: { dryRun: boolean }): Promise<PushResult> {
  return withLease(session.store.leases, ACTOR, session.signal, (signal) => new Push({ ...session, signal }, options.dryRun).run());
}

interface OpenOrder {
  readonly row: InboxOrder;
  readonly order: CartonaOrder;
  readonly odooId: number;
  readonly odooName: string;
  readonly wanted: SettableStatus;
  readonly cartona: OrderStatus;
  readonly plan: PushPlan;
  readonly before: Delivery | undefined;
}

class Push {
  readonly #pushed: StateChange[] = [];
  readonly #waiting: (StateChange & { reason: string })[] = [];
  /** Sent, and not accepted as far as the answer (or its absence) tells. */
  readonly #open = new Map<string, StateChange & { reason: string; outcome: 'rejected' | 'failed' }>();
  #stillRefused = 0;

  constructor(
    private readonly session: Session,
    private readonly dryRun: boolean,
  ) {}

  async run(): Promise<PushResult> {
    await receiveOrders(this.session);
    const rows = (await this.session.store.inbox.list({ closed: false })).filter((row) => row.odooId !== undefined).reverse();
    let open = 0;
    for (const part of chunks(rows, AT_ONCE)) {
      for (const order of await this.#look(part)) {
        throwIfInterrupted(this.session.signal);
        open += 1;
        await this.#act(order);
        this.session.progress('Comparing order states', open, rows.length);
      }
    }
    await this.#lookAgain();
    const left = [...this.#open.values()];
    return {
      dryRun: this.dryRun,
      open,
      pushed: this.#pushed,
      refused: left.flatMap(({ outcome, ...one }) => (outcome === 'rejected' ? [one] : [])),
      stillRefused: this.#stillRefused,
      unknown: left.flatMap(({ outcome, ...one }) => (outcome === 'failed' ? [one] : [])),
      waiting: this.#waiting,
    };
  }

  async #look(rows: readonly InboxOrder[]): Promise<OpenOrder[]> {
    const { session } = this;
    const [orders, delivered] = await Promise.all([
      readSaleOrders(session, rows.flatMap((row) => row.odooId ?? []), { quantity: undefined, price: undefined }),
      session.store.deliveries.get('order_state', rows.map((row) => row.hashedId)),
    ]);
    const { doneIsState } = namesOf(session.odoo.major);
    const { pushAssigned } = session.profile.orders;
    return rows.flatMap((row) => {
      const odoo = orders.get(row.odooId ?? 0);
      const order = orderOf(row.payload);
      // Deleted in Odoo, or unreadable: the pull holds and names it.
      if (!odoo || !order) return [];
      const before = delivered.get(row.hashedId);
      const cartona = (before?.delivered as OrderStatus | undefined) ?? order.status;
      const wanted = wantedStatus(odoo, { pushAssigned, doneIsState });
      const plan = planPush({ wanted, cartona, deliveredBy: order.deliveredBy, needsOtp: needsOtp(order), viaAssigned: pushAssigned });
      return [{ row, order, odooId: odoo.id, odooName: odoo.name, wanted, cartona, plan: afterThePull(row, order, wanted, plan), before }];
    });
  }

  async #act(open: OpenOrder): Promise<void> {
    const { plan, before, wanted } = open;
    if (plan.kind === 'equal') return this.#settleEqual(open);
    if (plan.kind === 'waits') {
      this.#waiting.push({ ...change(open, open.cartona, wanted), reason: plan.reason });
      return;
    }
    if (before?.outcome === 'rejected' && before.wanted === wanted) {
      this.#stillRefused += 1;
      return;
    }
    if (plan.kind === 'illegal') return this.#refuse(open, open.cartona, wanted, plan.reason);
    if (plan.waits !== undefined) this.#waiting.push({ ...change(open, open.cartona, wanted), reason: plan.waits });
    let from: string = open.cartona;
    for (const step of plan.steps) {
      if (!(await this.#tell(open, from, step))) return;
      from = step;
    }
  }

  /** @returns whether the next step may follow */
  async #tell(open: OpenOrder, from: string, step: SettableStatus): Promise<boolean> {
    if (this.dryRun) {
      this.#pushed.push(change(open, from, step));
      return true;
    }
    const { hashedId } = open.row;
    const { cartona, now } = this.session;
    const started = now();
    try {
      const said = await cartona.setStatus({ hashedId, status: step, ...(step === 'cancelled_by_supplier' ? { cancellationReason: this.session.profile.orders.cancellationReason } : {}) });
      await this.#audit(open, from, step, said.accepted ? 'accepted' : 'refused', now() - started, said.accepted ? undefined : said.reason);
      if (!said.accepted) {
        await this.#refuse(open, from, step, said.reason);
        return false;
      }
    } catch (error) {
      // An answer that makes no sense says as little as none.
      if (!isCartonaError(error, 'outcome-unknown', 'answer')) throw error;
      await this.#audit(open, from, step, 'unknown', now() - started, error.message);
      await this.#leaveOpen(open, from, step, 'failed', error.message);
      return false;
    }
    await this.session.store.deliveries.record('order_state', [{ key: hashedId, odooId: open.odooId, wanted: step, outcome: 'delivered' }], now());
    this.#pushed.push(change(open, from, step));
    return true;
  }

  async #refuse(open: OpenOrder, from: string, to: SettableStatus, reason: string): Promise<void> {
    await this.#leaveOpen(open, from, to, 'rejected', reason);
  }

  async #leaveOpen(open: OpenOrder, from: string, to: SettableStatus, outcome: 'rejected' | 'failed', reason: string): Promise<void> {
    this.#open.set(open.row.hashedId, { ...change(open, from, to), reason, outcome });
    if (this.dryRun) return;
    await this.session.store.deliveries.record('order_state', [{ key: open.row.hashedId, odooId: open.odooId, wanted: open.wanted, outcome, reason }], this.session.now());
  }

  /** What was refused or got no answer may be so all the same: Cartona lists an order again when its state changes. */
  async #lookAgain(): Promise<void> {
    if (this.#open.size === 0 || this.dryRun) return;
    await receiveOrders(this.session);
    const rows = await this.session.store.deliveries.get('order_state', [...this.#open.keys()]);
    for (const [hashedId, { odooName, from, to }] of this.#open) {
      if (rows.get(hashedId)?.delivered !== to) continue;
      this.#pushed.push({ hashedId, odooName, from, to });
      this.#open.delete(hashedId);
    }
  }

  /** Both tell the same story: what an earlier run could not tell is past, and an order that is over on both sides is closed. */
  async #settleEqual({ row, odooId, cartona, before }: OpenOrder): Promise<void> {
    if (this.dryRun) return;
    const { store, now } = this.session;
    if (before && before.outcome !== 'delivered') await store.deliveries.record('order_state', [{ key: row.hashedId, odooId, wanted: cartona, outcome: 'delivered' }], now());
    if (FINAL.has(cartona) && row.phase === 'acknowledged') await store.inbox.update(row.hashedId, { closed: true });
  }

  async #audit(open: OpenOrder, from: string, to: string, outcome: string, durationMs: number, detail: string | undefined): Promise<void> {
    await this.session.store.audit.write([{ at: this.session.now(), actor: ACTOR, system: 'cartona', action: 'state', record: open.row.hashedId, from, to, outcome, durationMs, detail }]);
  }
}

/**
 * What the pull has still to do goes first: a newer version at Cartona, or a person who must look. A cancellation in Odoo
 * is told all the same, for it needs nothing of them.
 */
function afterThePull(row: InboxOrder, order: CartonaOrder, wanted: SettableStatus, plan: PushPlan): PushPlan {
  if (plan.kind === 'equal' || plan.kind === 'waits' || (wanted === 'cancelled_by_supplier' && plan.kind === 'steps')) return plan;
  if (row.phase === 'held') return { kind: 'waits', reason: `the order is held: ${row.reason ?? 'see `cartona orders show`'}` };
  if (row.phase === 'received' && (plan.kind === 'illegal' || !onlyStateChanged(row, order))) return { kind: 'waits', reason: 'Cartona has a newer version; run `cartona orders pull` first' };
  return plan;
}

function onlyStateChanged(row: InboxOrder, order: CartonaOrder): boolean {
  const base = orderOf(row.appliedPayload);
  return base !== undefined && orderVersion({ ...order, status: base.status }) === orderVersion(base);
}

const change = (open: OpenOrder, from: string, to: string): StateChange => ({ hashedId: open.row.hashedId, odooName: open.odooName, from, to });
