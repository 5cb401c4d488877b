import { z } from 'zod';
import type { CancellationReason, CartonaOrder, OrderStatus } from '../../cartona/schemas.js';
import { readOrder } from '../../cartona/client.js';
import { CartonaError, isCartonaError, throwIfInterrupted } from '../../common/errors.js';
import type { Session } from '../../session.js';
import { profileSchema } from '../../settings/profile.js';
import type { InboxOrder } from '../../store/store.js';
import { applyOrders } from '../import/import-orders.js';
import { isFinal, supplierSteps, type SupplierStatus } from '../order-cycle.js';
import { planPush } from './cartona-states.js';
import { withEventTime } from '../inbox/event-order.js';
import { needsOtp } from '../import/money-split.js';
import { readSaleOrders } from '../../odoo/records/sale-orders.js';
import { stepsTowards } from './odoo-states.js';
import { findOrder } from '../overview.js';
import { withOrdersLock } from '../orders-lock.js';
import { keepOrder, orderOf } from '../inbox/payload.js';
import { receiveOrders, writeDown } from '../inbox/receive.js';
import { dropUnverified } from '../inbox/verify.js';
import { sendStatus } from './send-status.js';

/** A state that a person wants an order to have. */
export interface StateRequest {
  readonly status: SupplierStatus;
  /** For a cancellation; the settings' otherwise. */
  readonly reason?: CancellationReason | undefined;
  /** Asked for the retailer's OTP where the order needs it; its answer goes to Cartona and nowhere else. */
  readonly otp?: (() => Promise<string>) | undefined;
}

/** How a requested step ended. */
export interface StateSet {
  readonly hashedId: string;
  readonly odooName: string | undefined;
  /** Cartona's status before. */
  readonly from: string;
  /** What Cartona was told, in order; empty where it stood so already. */
  readonly told: readonly SupplierStatus[];
  /** What was done in Odoo: `confirm`, `deliver`, `lock`, …. */
  readonly done: readonly string[];
  /** Why Odoo does not follow by itself. */
  readonly waits: string | undefined;
}

/** What the design asks of Odoo: a step against it is refused, even where the settings leave Odoo alone. */
const DESIGN = profileSchema.shape.orders.parse({}).states.toOdoo;

export interface CurrentOrder {
  readonly row: InboxOrder;
  readonly order: CartonaOrder;
  readonly cartona: OrderStatus;
  /** What Cartona had changed was brought to Odoo just now. */
  readonly touchedOdoo: boolean;
}

/**
 * Sets an order's state as a person wishes: Cartona is asked first, through the single path, and only what it accepts
 * is done in Odoo. Its list is read before, so that an answer that got lost the last time is seen before anything is
 * repeated.
 * @param actor who the audit trail says it was
 * @param id Cartona's `hashed_id`, or the name of the sale order in Odoo
 * @throws CartonaError `usage` for an unknown order or a missing OTP; `refused` where the order's cycle, Odoo or
 * Cartona says no, with the reason and Odoo as it was; `outcome-unknown` where nobody knows
 */
export async function setState(session: Session, actor: string, id: string, request: StateRequest): Promise<StateSet> {
  const { hashedId } = await findOrder(session, id);
  const otp = await askedOtp(session, hashedId, request);
  return withOrdersLock(session, async (own) => {
    await receiveOrders(own);
    const before = await upToDate(own, actor, hashedId);
    const told = before.cartona === request.status ? [] : await tell(own, actor, before, request, otp);
    const followed = await follow(own, actor, hashedId, request);
    return {
      hashedId,
      odooName: followed.odooName,
      from: before.cartona,
      told,
      done: followed.done,
      waits: followed.waits,
    };
  });
}

/**
 * The retailer's OTP where it will be needed. Nothing is done before it is known, and nobody holds the orders' lock
 * while somebody looks for it.
 */
async function askedOtp(session: Session, hashedId: string, request: StateRequest): Promise<string | undefined> {
  if (request.status !== 'delivered' || request.otp === undefined) return undefined;
  const needed = await withOrdersLock(session, async (own) => {
    await receiveOrders(own);
    const current = await readCurrent(own, hashedId);
    if (current.cartona === request.status) return false;
    stepsOf(own, current, request.status);
    return needsOtp(current.order);
  });
  return needed ? request.otp() : undefined;
}

/** The order as both sides have it now; what Cartona changed is brought to Odoo first. */
export async function upToDate(session: Session, actor: string, hashedId: string): Promise<CurrentOrder> {
  const listed = await findOrder(session, hashedId);
  if (listed.phase !== 'received' && listed.phase !== 'held') return readCurrent(session, hashedId);
  const [result] = await applyOrders(session, [listed], actor);
  return { ...(await readCurrent(session, hashedId)), touchedOdoo: result?.kind === 'applied' };
}

async function readCurrent(session: Session, hashedId: string): Promise<CurrentOrder> {
  const row = await findOrder(session, hashedId);
  const order = orderOf(row.payload);
  if (!order)
    throw new CartonaError(
      'refused',
      `Order ${hashedId} cannot be read, so its state cannot be judged; \`cartona orders show ${hashedId}\` tells more.`,
    );
  const known = (await session.store.deliveries.get('order_state', [hashedId])).get(hashedId)?.delivered;
  return { row, order, cartona: (known as OrderStatus | undefined) ?? order.status, touchedOdoo: false };
}

/** @returns the states that Cartona accepted, the last of them the wanted one */
async function tell(
  session: Session,
  actor: string,
  current: CurrentOrder,
  request: StateRequest,
  otp: string | undefined,
): Promise<SupplierStatus[]> {
  const { row, order } = current;
  const steps = stepsOf(session, current, request.status);
  await refuseAgainstOdoo(session, current, request.status);
  if (request.status === 'delivered' && needsOtp(order) && !otp)
    throw new CartonaError(
      'usage',
      `Order ${row.hashedId} becomes delivered only with the retailer's OTP: \`cartona orders deliver ${row.hashedId} --otp CODE\`.`,
    );
  const accepted: SupplierStatus[] = [];
  let from = current.cartona;
  for (const to of steps) {
    throwIfInterrupted(session.signal);
    const reason =
      to === 'cancelled_by_supplier' ? (request.reason ?? session.profile.orders.cancellationReason) : undefined;
    try {
      await tellOne(session, actor, {
        hashedId: row.hashedId,
        odooId: row.odooId ?? 0,
        from,
        to,
        reason,
        otp: to === 'delivered' ? otp : undefined,
      });
    } catch (error) {
      throw await withWhatWasDone(session, actor, current, accepted, error);
    }
    accepted.push(to);
    from = to === 'returned' ? from : to;
  }
  return accepted;
}

/** Brings Odoo to the last state on the way that Cartona did accept, and adds to the error what was done. */
async function withWhatWasDone(
  session: Session,
  actor: string,
  { row, touchedOdoo }: CurrentOrder,
  accepted: readonly SupplierStatus[],
  error: unknown,
): Promise<unknown> {
  if (!isCartonaError(error)) return error;
  const last = accepted.at(-1);
  const add = (sentence: string): CartonaError =>
    new CartonaError(error.kind, `${error.message} ${sentence}`, error.detail, { cause: error });
  if (last === undefined) return touchedOdoo ? error : add('Odoo was left as it was.');
  const { odooName, done, waits } = await follow(session, actor, row.hashedId, { status: last });
  const odoo = waits === undefined ? done.join(', ') || 'nothing to do' : `waits (${waits})`;
  return add(`Before that Cartona set it to ${accepted.join(', then ')}; ${odooName ?? 'it'} in Odoo: ${odoo}.`);
}

/**
 * The states on the way, each a legal step of Cartona's cycle. @throws CartonaError `refused` with the reason where
 * there is no way
 */
function stepsOf(session: Session, { row, order, cartona }: CurrentOrder, wanted: SupplierStatus): SupplierStatus[] {
  const refuse = (reason: string): CartonaError =>
    new CartonaError('refused', `Order ${row.hashedId} cannot be set to ${wanted}: ${reason}.`);
  if (wanted === 'returned') {
    if (!supplierSteps(cartona).includes('returned'))
      throw refuse(`Cartona has it as ${cartona}, and only one that is assigned_to_salesman can come back`);
    if (order.deliveredBy === 'delivered_by_cartona')
      throw refuse('Cartona delivers it and sets its state itself; the supplier may only cancel it');
    return ['returned'];
  }
  const viaAssigned = session.profile.orders.states.toCartona.underWay === 'assigned_to_salesman';
  const plan = planPush({
    wanted,
    cartona,
    answered: false,
    deliveredBy: order.deliveredBy,
    needsOtp: false,
    viaAssigned,
  });
  if (plan.kind === 'waits' || plan.kind === 'illegal') throw refuse(plan.reason);
  if (plan.kind === 'equal') throw refuse(`Cartona has it as ${cartona} already`);
  return [...plan.steps];
}

/**
 * What Odoo could not follow is not told. Only a cancellation may be of an order that Odoo does not have, or holds
 * back.
 */
async function refuseAgainstOdoo(session: Session, { row }: CurrentOrder, wanted: SupplierStatus): Promise<void> {
  const refuse = (reason: string): CartonaError =>
    new CartonaError('refused', `Order ${row.hashedId} was not set to ${wanted}: ${reason}.`);
  const cancels = wanted === 'cancelled_by_supplier';
  if (!cancels && (row.phase === 'held' || row.odooId === undefined))
    throw refuse(
      row.reason === undefined
        ? 'it is not in Odoo yet; run `cartona orders pull` first'
        : `it is held (${row.reason})`,
    );
  if (row.odooId === undefined) return;
  const odoo = (await readSaleOrders(session.odoo, [row.odooId], { quantity: undefined, price: undefined })).get(
    row.odooId,
  );
  if (cancels && !odoo) return;
  if (!odoo) throw refuse(`${row.odooName ?? 'its sale order'} was deleted in Odoo`);
  if (!cancels && odoo.state === 'cancel') throw refuse(`${odoo.name} is cancelled in Odoo`);
  const plan = stepsTowards(wanted, odoo, DESIGN);
  // That an order came back is said by the person who then takes the goods back in Odoo.
  if (plan.kind === 'person' && wanted !== 'returned')
    throw refuse(cancels ? `goods of ${odoo.name} have left; take them back with a return in Odoo first` : plan.reason);
}

/** @throws CartonaError unless Cartona accepted it, or its list tells that it is so */
async function tellOne(session: Session, actor: string, step: Parameters<typeof sendStatus>[2]): Promise<void> {
  const { hashedId, odooId, to } = step;
  const response = await sendStatus(session, actor, step);
  if (response.kind === 'accepted') return;
  if (response.kind === 'taken')
    throw new CartonaError(
      'busy',
      `Another process is telling Cartona of order ${hashedId} right now; run the command again.`,
    );
  const outcome = response.kind === 'refused' ? 'rejected' : 'failed';
  await session.store.deliveries.record(
    'order_state',
    [{ key: hashedId, odooId, wanted: to, outcome, reason: response.reason }],
    session.now(),
  );
  await receiveOrders(session);
  const cartona = (await session.store.deliveries.get('order_state', [hashedId])).get(hashedId)?.delivered;
  if (cartona === to) return;
  if (response.kind === 'unknown')
    throw new CartonaError(
      'outcome-unknown',
      `It is not known whether Cartona set order ${hashedId} to ${to} (${response.reason}), and its list does not tell. Run the command again: it looks first.`,
    );
  const over =
    cartona !== undefined && isFinal(cartona)
      ? ` Cartona has it as ${cartona}: \`cartona orders pull\` brings Odoo along.`
      : '';
  throw new CartonaError('refused', `Cartona did not set order ${hashedId} to ${to}: ${response.reason}.${over}`);
}

interface Followed {
  readonly odooName: string | undefined;
  readonly done: readonly string[];
  readonly waits: string | undefined;
}

/**
 * Brings Odoo to the state that Cartona has accepted: written down as if its list had told it, which it will. Where the
 * order has that state already, a person says so against what a webhook alone tells.
 */
async function follow(session: Session, actor: string, hashedId: string, request: StateRequest): Promise<Followed> {
  const kept = await findOrder(session, hashedId);
  if (kept.status !== request.status) {
    const fields = z.record(z.string(), z.unknown()).parse(JSON.parse(kept.payload));
    const reason =
      request.status === 'cancelled_by_supplier'
        ? { cancellation_reason: request.reason ?? session.profile.orders.cancellationReason }
        : {};
    const read = readOrder(withEventTime({ ...fields, ...reason, status: request.status }, undefined));
    if (read.kind === 'read') await writeDown(session, [keepOrder(read)], kept.listed ? 'list' : 'webhook');
  } else if (kept.unverifiedPayload !== undefined) await dropUnverified(session, hashedId);
  const now = await findOrder(session, hashedId);
  if (now.phase !== 'received' && now.phase !== 'held') return { odooName: now.odooName, done: [], waits: undefined };
  const [result] = await applyOrders(session, [now], actor);
  const odooName = result?.row.odooName ?? now.odooName;
  if (result?.kind === 'applied') return { odooName, done: result.applied.done, waits: undefined };
  return { odooName, done: [], waits: result?.reason };
}
