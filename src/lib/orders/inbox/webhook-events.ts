import { z } from 'zod';
import { readOrder } from '../../cartona/client.js';
import { ORDER_STATUSES } from '../../cartona/schemas.js';
import type { Session } from '../../session.js';
import type { Delivery, InboxOrder } from '../../store/store.js';
import { withLease } from '../../store/with-lease.js';
import { PULL_JOB, type ImportResult } from '../import/context.js';
import { applyOrders } from '../import/import-orders.js';
import { eventTime, eventOrder, timeOfSame, withEventTime, type EventOrder } from './event-order.js';
import { keepOrder, orderOf, readPayload, type KeptOrder } from './payload.js';
import { writeDown } from './receive.js';
import { dropUnverified } from './verify.js';
import { countsAtOnce } from './webhook-trust.js';

/** A webhook's message about one order: a whole order, or a status event; `payload` is its JSON. */
export interface OrderEvent {
  readonly kind: 'order' | 'status';
  readonly hashedId: string;
  readonly payload: string;
}

/** What a batch of events made known. */
export interface AppliedEvents {
  /** Orders that are new or changed: what is to be brought to Odoo. */
  readonly changed: readonly string[];
  /**
   * Some event could not be judged, is of an order that nobody knows or that the list has not shown, or does not count
   * before it has: only Cartona's list tells.
   */
  readonly pull: boolean;
}

/** What a status event may say beside the status. */
const CARRIED = [
  'cancellation_reason',
  'return_reason',
  'delivery_day',
  'estimated_delivery_day',
  'retailer_preferred_delivery_date',
  'pickup_date',
  'delivered_by',
  'edited_by_admin',
] as const;

const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    context.addIssue({ code: 'custom', message: 'no JSON' });
    return z.NEVER;
  }
});
const bodySchema = json.pipe(z.record(z.string(), z.unknown()));
const statusSchema = z.enum(ORDER_STATUSES);

type Body = z.output<typeof bodySchema>;

/** An order as it is known, and when it became so (see `OrderVersion`). */
interface KnownOrder extends KeptOrder {
  readonly at: number | undefined;
}

/** What is known of one order of a batch: as it counts, and what a webhook told that the list must show first. */
interface OrderWord {
  readonly row: InboxOrder | undefined;
  counts: KnownOrder | undefined;
  unverified: KnownOrder | undefined;
}

export interface EventsResult extends AppliedEvents {
  readonly results: readonly ImportResult[];
}

/**
 * Applies webhook events and brings the orders that they changed to Odoo at once, with those that an earlier attempt
 * wrote down and could not bring over. Nothing is acknowledged here: the next pull does that, once it has seen the
 * orders in Cartona's own list.
 * @throws CartonaError `busy` while a pull of this profile runs
 */
export async function receiveEvents(session: Session, events: readonly OrderEvent[]): Promise<EventsResult> {
  return withLease(session.store.leases, PULL_JOB, session.signal, async (signal) => {
    const own = { ...session, signal };
    const taken = await applyWebhookEvents(own, events);
    const rows = await own.store.inbox.list({
      hashedIds: [...new Set(events.map((event) => event.hashedId))],
      phases: ['received'],
    });
    return { ...taken, results: await applyOrders(own, rows.reverse(), 'serve') };
  });
}

/**
 * Applies events to the inbox, in the order in which they came: what is newer than what is known is written down, what
 * is older or known is passed over, and what cannot be judged asks for a pull. What would cost money on a webhook's word
 * is written down beside the order until Cartona's list has shown it. One bad event never stops the others. Orders are
 * compared here and written in one go at the end: two runs at a time may write each other's older version, which the
 * next pull mends; the caller keeps them apart.
 */
export async function applyWebhookEvents(session: Session, events: readonly OrderEvent[]): Promise<AppliedEvents> {
  const orders = await readKnown(session, [...new Set(events.map((event) => event.hashedId))]);
  let pull = false;
  for (const event of events) {
    const known = orders.get(event.hashedId) ?? { row: undefined, counts: undefined, unverified: undefined };
    orders.set(event.hashedId, known);
    if (applyEvent(known, event) === 'undecided') pull = true;
  }
  const written = [...orders.values()].flatMap(({ row, counts }) =>
    counts && row?.payload !== counts.payload ? [{ row, counts }] : [],
  );
  await writeDown(
    session,
    written.map(({ counts: { at: _, ...kept } }) => kept),
    'webhook',
  );
  const unverified = await writeUnverified(session, orders);
  return {
    changed: written.flatMap(({ row, counts }) => (row?.version === counts.version ? [] : [counts.hashedId])),
    pull: pull || unverified || written.some(({ row }) => row?.listed !== true),
  };
}

async function readKnown(session: Session, hashedIds: readonly string[]): Promise<Map<string, OrderWord>> {
  const { inbox, deliveries } = session.store;
  const rows = await inbox.list({ hashedIds });
  const states = await deliveries.get('order_state', hashedIds);
  return new Map(
    rows.map((row) => [
      row.hashedId,
      { row, counts: withAcceptedState(knownOf(row), states.get(row.hashedId)), unverified: unverifiedOf(row) },
    ]),
  );
}

function applyEvent(known: OrderWord, event: OrderEvent): EventOrder {
  const { row, counts, unverified } = known;
  const incoming = incomingOf(event, counts);
  if (!incoming) return 'undecided';
  const order = eventOrder(counts, incoming);
  if (order === 'same' && counts) known.counts = withTime(counts, timeOfSame(counts.at, incoming.at));
  else if (order === 'newer') {
    if (row?.listed !== true || mayCountAtOnce(counts, incoming)) known.counts = incoming;
    else if (!includes(unverified, incoming)) known.unverified = incoming;
  }
  return order;
}

function mayCountAtOnce(counts: KnownOrder | undefined, incoming: KnownOrder): boolean {
  const [before, after] = [orderOf(counts?.payload), orderOf(incoming.payload)];
  return before !== undefined && after !== undefined && countsAtOnce(before, after);
}

/** Whether an order is known in that version already, or in one after it. */
function includes(known: KnownOrder | undefined, version: KnownOrder): boolean {
  const order = eventOrder(known, version);
  return order === 'same' || order === 'older';
}

/** @returns whether Cartona's list is to be read for any of them */
async function writeUnverified(session: Session, orders: ReadonlyMap<string, OrderWord>): Promise<boolean> {
  let any = false;
  for (const [hashedId, { row, counts, unverified }] of orders) {
    if (!unverified) continue;
    if (includes(counts, unverified)) await dropUnverified(session, hashedId);
    else if (row?.unverifiedPayload !== unverified.payload) {
      any = true;
      await session.store.inbox.update(hashedId, {
        unverifiedPayload: unverified.payload,
        verifyAt: session.now(),
        verifyMisses: 0,
      });
    }
  }
  return any;
}

function unverifiedOf(row: InboxOrder): KnownOrder | undefined {
  if (row.unverifiedPayload === undefined) return undefined;
  const body = bodySchema.parse(row.unverifiedPayload);
  return judged({ ...readOrder(body), hashedId: row.hashedId }, body);
}

function knownOf({ hashedId, payload, version, status, cartonaTotal }: InboxOrder): KnownOrder {
  return { hashedId, payload, version, status, cartonaTotal, at: eventTime(bodySchema.parse(payload)) };
}

/**
 * The order in the state that Cartona has accepted from us since the order was kept: an echo of that state, or of one
 * before it, is not new.
 */
function withAcceptedState(known: KnownOrder, state: Delivery | undefined): KnownOrder {
  if (state?.delivered === undefined || state.deliveredAt === undefined || state.delivered === known.status)
    return known;
  return withStatus(known, { status: state.delivered }) ?? known;
}

/** The order as an event shows it; `undefined` where the event shows none that can be judged. */
function incomingOf(event: OrderEvent, known: KnownOrder | undefined): KnownOrder | undefined {
  const body = bodySchema.safeParse(event.payload);
  if (!body.success) return undefined;
  // Somebody acknowledged the order, which says nothing of its state.
  if (body.data['status'] === 'synced') return known;
  const whole = readOrder(body.data);
  if (whole.kind === 'read' || (event.kind === 'order' && body.data['order_details'] !== undefined)) {
    return whole.hashedId === event.hashedId ? judged({ ...whole, hashedId: event.hashedId }, body.data) : undefined;
  }
  return known && withStatus(known, body.data);
}

/** The known order with the changes that a status event brings. */
function withStatus(known: KnownOrder, body: Body): KnownOrder | undefined {
  const status = statusSchema.safeParse(body['status']);
  if (!status.success || readPayload(known.payload).kind === 'unreadable') return undefined;
  const carried = Object.fromEntries(
    CARRIED.flatMap((field) => (body[field] === undefined ? [] : [[field, body[field]]])),
  );
  const raw = withEventTime({ ...bodySchema.parse(known.payload), ...carried, status: status.data }, eventTime(body));
  const read = readOrder(raw);
  return read.kind === 'read' ? judged(read, raw) : undefined;
}

const judged = (received: Parameters<typeof keepOrder>[0], body: Body): KnownOrder => ({
  ...keepOrder(received),
  at: eventTime(body),
});

/** The same order, known to have been so at another time. */
function withTime(known: KnownOrder, at: number | undefined): KnownOrder {
  if (known.at === at) return known;
  return { ...known, payload: JSON.stringify(withEventTime(bodySchema.parse(known.payload), at)), at };
}
