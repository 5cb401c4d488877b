import type { CartonaOrder, OrderStatus } from '../../cartona/schemas.js';
import { throwIfInterrupted } from '../../common/errors.js';
import { namesOf } from '../../odoo/names.js';
import type { Session } from '../../session.js';
import type { Delivery, DeliveryOutcome, InboxOrder } from '../../store/store.js';
import { recordSuccess } from '../../store/successes.js';
import { withLease } from '../../store/with-lease.js';
import { isFinal, type SettableStatus } from '../order-cycle.js';
import { planPush, wantedStatus, type PushPlan } from './cartona-states.js';
import { chunks } from '../../common/collections.js';
import { hold } from '../import/context.js';
import { needsOtp } from '../import/money-split.js';
import { readSaleOrders } from '../../odoo/records/sale-orders.js';
import { stepsTowards } from './odoo-states.js';
import { orderOf, orderVersion } from '../inbox/payload.js';
import { productsOn, receiveOrders } from '../inbox/receive.js';
import { deletedReason } from '../import/reconcile-order.js';
import { sendStatus } from './send-status.js';

const ACTOR = 'orders push';
const AT_ONCE = 500;

/** One order's state: what Cartona last reported, and what Odoo asks for. */
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
  /** Cannot be sent now: the retailer edits, an OTP is missing, the order is held, newer or over at Cartona. */
  readonly waiting: readonly (StateChange & { readonly reason: string })[];
}

export interface PushOptions {
  readonly dryRun: boolean;
  /** Only these orders, by `hashed_id`. */
  readonly orders?: readonly string[] | undefined;
  /**
   * Read Cartona's list first (the default). A service that keeps up with it by webhooks and pulls may leave that out.
   */
  readonly receive?: boolean | undefined;
}

/**
 * Sends Cartona the states that changed in Odoo, each through the single path, which alone reports a refusal. Cartona's
 * list is read first (nothing is acknowledged): changes there go first, and a state that an earlier run may have set is
 * seen before it is set again, whatever the options say.
 * @throws CartonaError `busy` while another push of this profile runs
 */
export async function pushStates(session: Session, options: PushOptions): Promise<PushResult> {
  return withLease(session.store.leases, ACTOR, session.signal, (signal) =>
    new Push({ ...session, signal }, options).run(),
  );
}

/** Why an order whose goods were handed over in Odoo is not delivered at Cartona. */
export const awaitingOtp = (hashedId: string): string =>
  `awaiting the retailer's OTP; \`cartona orders deliver ${hashedId} --otp CODE\` delivers it at Cartona`;

/** Outcomes after which only a person decides what happens next. */
const FOR_A_PERSON: ReadonlySet<DeliveryOutcome> = new Set(['rejected', 'given_up', 'discarded']);

/** Whether an earlier attempt may have reached Cartona without anybody knowing. */
const uncertain = (row: Delivery): boolean => row.deliveredAt === undefined && !FOR_A_PERSON.has(row.outcome);

interface OpenOrder {
  readonly row: InboxOrder;
  readonly order: CartonaOrder;
  readonly odooId: number;
  readonly odooName: string;
  readonly wanted: SettableStatus | undefined;
  readonly cartona: OrderStatus;
  readonly plan: PushPlan;
  readonly before: Delivery | undefined;
}

class Push {
  readonly #pushed: StateChange[] = [];
  readonly #waiting: (StateChange & { reason: string })[] = [];
  /** Sent, and not accepted as far as the response (or its absence) shows. */
  readonly #open = new Map<string, StateChange & { reason: string; outcome: 'rejected' | 'failed' }>();
  #stillRefused = 0;

  constructor(
    private readonly session: Session,
    private readonly options: PushOptions,
  ) {}

  get #dryRun(): boolean {
    return this.options.dryRun;
  }

  async run(): Promise<PushResult> {
    if (this.options.receive !== false || (await this.#anyUncertain())) await receiveOrders(this.session);
    const rows = (await this.#openRows()).reverse();
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
    if (!this.#dryRun && this.options.orders === undefined && left.length === 0)
      await recordSuccess(this.session, 'order_state', this.session.now());
    return {
      dryRun: this.#dryRun,
      open,
      pushed: this.#pushed,
      refused: left.flatMap(({ outcome, ...one }) => (outcome === 'rejected' ? [one] : [])),
      stillRefused: this.#stillRefused,
      unknown: left.flatMap(({ outcome, ...one }) => (outcome === 'failed' ? [one] : [])),
      waiting: this.#waiting,
    };
  }

  async #openRows(): Promise<InboxOrder[]> {
    const { orders } = this.options;
    const rows = await this.session.store.inbox.list({ closed: false, ...(orders ? { hashedIds: orders } : {}) });
    return rows.filter((row) => row.odooId !== undefined);
  }

  async #anyUncertain(): Promise<boolean> {
    const rows = await this.session.store.deliveries.get(
      'order_state',
      (await this.#openRows()).map((row) => row.hashedId),
    );
    return [...rows.values()].some(uncertain);
  }

  async #look(rows: readonly InboxOrder[]): Promise<OpenOrder[]> {
    const { session } = this;
    const [orders, delivered] = await Promise.all([
      readSaleOrders(
        session.odoo,
        rows.flatMap((row) => row.odooId ?? []),
        { quantity: undefined, price: undefined },
      ),
      session.store.deliveries.get(
        'order_state',
        rows.map((row) => row.hashedId),
      ),
    ]);
    const { doneIsState } = namesOf(session.odoo.major);
    const { toCartona, toOdoo } = session.profile.orders.states;
    const viaAssigned = toCartona.underWay === 'assigned_to_salesman';
    for (const row of rows) if (!orders.has(row.odooId ?? 0)) await this.#nameDeleted(row);
    return rows.flatMap((row) => {
      const odoo = orders.get(row.odooId ?? 0);
      const order = orderOf(row.payload);
      // Deleted in Odoo: named already. Unreadable: the pull holds and names it.
      if (!odoo || !order) return [];
      const before = delivered.get(row.hashedId);
      const cartona = (before?.delivered as OrderStatus | undefined) ?? order.status;
      const wanted = wantedStatus(odoo, { table: toCartona, doneIsState });
      const odooPlan = stepsTowards(cartona, odoo, toOdoo);
      const answered = odooPlan.kind === 'steps' && odooPlan.steps.length === 0;
      const plan = planPush({
        wanted,
        cartona,
        answered,
        deliveredBy: order.deliveredBy,
        needsOtp: needsOtp(order),
        viaAssigned,
      });
      return [
        {
          row,
          order,
          odooId: odoo.id,
          odooName: odoo.name,
          wanted,
          cartona,
          plan: afterThePull(row, order, wanted, plan),
          before,
        },
      ];
    });
  }

  /**
   * Names an order that was deleted in Odoo after it was brought over: nothing that Cartona does would show it to
   * anybody.
   */
  async #nameDeleted(row: InboxOrder): Promise<void> {
    const order = orderOf(row.payload);
    const reason = order && deletedReason(row, order);
    if (!order || reason === undefined) return;
    this.#waiting.push({
      hashedId: row.hashedId,
      odooName: row.odooName ?? '',
      from: order.status,
      to: order.status,
      reason,
    });
    if (!this.#dryRun && (row.phase === 'applied' || row.phase === 'acknowledged'))
      await hold(this.session, row, reason);
  }

  async #act(open: OpenOrder): Promise<void> {
    const { plan, before, wanted } = open;
    if (plan.kind === 'equal' || wanted === undefined) return this.#closeEqual(open);
    if (plan.kind === 'waits') return this.#wait(open, open.cartona, wanted, plan.reason);
    const known = before !== undefined && FOR_A_PERSON.has(before.outcome) && before.wanted === wanted;
    const onlyOtp = plan.kind === 'awaits_otp' && plan.steps.length === 0;
    if (known && !onlyOtp) {
      this.#stillRefused += 1;
      return;
    }
    if (plan.kind === 'illegal') return this.#leaveOpen(open, open.cartona, wanted, 'rejected', plan.reason);
    if (await this.#changedSince(open))
      return this.#wait(open, open.cartona, wanted, 'Cartona has changed it meanwhile');
    let from = open.cartona;
    for (const step of plan.steps) {
      if (!(await this.#send(open, from, step, wanted))) return;
      from = step;
    }
    if (plan.kind === 'awaits_otp') await this.#awaitOtp(open, from, wanted, known);
  }

  /** Sending many orders takes a while: Cartona may have changed this one since it was read. */
  async #changedSince({ row: { hashedId }, order, cartona }: OpenOrder): Promise<boolean> {
    const now = (await this.session.store.deliveries.get('order_state', [hashedId])).get(hashedId);
    return (now?.delivered ?? order.status) !== cartona;
  }

  #wait(open: OpenOrder, from: string, to: string, reason: string): void {
    this.#waiting.push({ ...change(open, from, to), reason });
  }

  /** Records once, for whoever looks at the order, that the OTP is missing. */
  async #awaitOtp(open: OpenOrder, from: string, wanted: SettableStatus, noted: boolean): Promise<void> {
    const { hashedId } = open.row;
    this.#wait(open, from, wanted, awaitingOtp(hashedId));
    if (this.#dryRun || noted) return;
    await this.session.store.deliveries.record(
      'order_state',
      [{ key: hashedId, odooId: open.odooId, wanted, outcome: 'rejected', reason: awaitingOtp(hashedId) }],
      this.session.now(),
    );
  }

  /** @returns whether the next step may follow */
  async #send(open: OpenOrder, from: OrderStatus, step: SettableStatus, wanted: SettableStatus): Promise<boolean> {
    if (this.#dryRun) {
      this.#pushed.push(change(open, from, step));
      return true;
    }
    const reason = step === 'cancelled_by_supplier' ? this.session.profile.orders.cancellationReason : undefined;
    const response = await sendStatus(this.session, ACTOR, {
      hashedId: open.row.hashedId,
      odooId: open.odooId,
      from,
      to: step,
      reason,
    });
    if (response.kind === 'accepted') {
      this.#pushed.push(change(open, from, step));
      // Cartona puts the goods of a cancelled order back on sale by itself.
      if (step === 'cancelled_by_supplier')
        await this.session.store.deliveries.invalidate(
          'stock',
          productsOn(this.session, open.order),
          this.session.now(),
        );
    } else if (response.kind === 'taken')
      this.#wait(open, from, step, 'another process is telling Cartona of this order');
    else
      await this.#leaveOpen(
        open,
        from,
        step,
        response.kind === 'refused' ? 'rejected' : 'failed',
        response.reason,
        wanted,
      );
    return response.kind === 'accepted';
  }

  async #leaveOpen(
    open: OpenOrder,
    from: string,
    to: SettableStatus,
    outcome: 'rejected' | 'failed',
    reason: string,
    wanted = to,
  ): Promise<void> {
    this.#open.set(open.row.hashedId, { ...change(open, from, to), reason, outcome });
    if (this.#dryRun) return;
    await this.session.store.deliveries.record(
      'order_state',
      [{ key: open.row.hashedId, odooId: open.odooId, wanted, outcome, reason }],
      this.session.now(),
    );
  }

  /**
   * A state that was refused or got no answer may be set all the same: Cartona lists an order again when its state
   * changes. Where the order is over there, as when the retailer's cancellation crossed our approval, Cartona's state
   * counts, and Odoo follows.
   */
  async #lookAgain(): Promise<void> {
    if (this.#open.size === 0 || this.#dryRun) return;
    await receiveOrders(this.session);
    const rows = await this.session.store.deliveries.get('order_state', [...this.#open.keys()]);
    for (const [hashedId, { odooName, from, to }] of this.#open) {
      const cartona = rows.get(hashedId)?.delivered as OrderStatus | undefined;
      if (cartona === undefined || (cartona !== to && (cartona === from || !isFinal(cartona)))) continue;
      if (cartona === to) this.#pushed.push({ hashedId, odooName, from, to });
      else
        this.#waiting.push({
          hashedId,
          odooName,
          from,
          to,
          reason: `Cartona has it as ${cartona}; the next pull brings Odoo along`,
        });
      this.#open.delete(hashedId);
    }
  }

  /**
   * Both sides agree: what an earlier run could not send is no longer due, and an order that is over on both sides is
   * closed.
   */
  async #closeEqual({ row, odooId, cartona, before }: OpenOrder): Promise<void> {
    if (this.#dryRun) return;
    const { store, now } = this.session;
    if (before && before.outcome !== 'delivered')
      await store.deliveries.record(
        'order_state',
        [{ key: row.hashedId, odooId, wanted: cartona, outcome: 'delivered' }],
        now(),
      );
    if (isFinal(cartona) && row.phase === 'acknowledged') await store.inbox.update(row.hashedId, { closed: true });
  }
}

/**
 * What the pull still has to do goes first: a newer version at Cartona, or a held order. A cancellation in Odoo is
 * sent all the same: it needs neither.
 */
function afterThePull(
  row: InboxOrder,
  order: CartonaOrder,
  wanted: SettableStatus | undefined,
  plan: PushPlan,
): PushPlan {
  if (plan.kind === 'equal' || plan.kind === 'waits' || (wanted === 'cancelled_by_supplier' && plan.kind === 'steps'))
    return plan;
  if (row.phase === 'held')
    return { kind: 'waits', reason: `the order is held: ${row.reason ?? 'see `cartona orders show`'}` };
  if (row.phase === 'received' && (plan.kind === 'illegal' || !onlyStateChanged(row, order)))
    return { kind: 'waits', reason: 'Cartona has a newer version, which the next pull brings first' };
  return plan;
}

function onlyStateChanged(row: InboxOrder, order: CartonaOrder): boolean {
  const base = orderOf(row.appliedPayload);
  return base !== undefined && orderVersion({ ...order, status: base.status }) === orderVersion(base);
}

const change = (open: OpenOrder, from: string, to: string): StateChange => ({
  hashedId: open.row.hashedId,
  odooName: open.odooName,
  from,
  to,
});
