import { z } from 'zod';
import { readOrder } from '../../cartona/client.js';
import { ORDER_STATUSES } from '../../cartona/schemas.js';
import type { Session } from '../../session.js';
import type { Delivery, InboxOrder } from '../../store/store.js';
import { eventTime, eventOrder, timeOfSame, withEventTime } from './event-order.js';
import { keepOrder, readPayload, type KeptOrder } from './payload.js';
import { writeDown } from './receive.js';

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
  /** Some event could not be judged, or is of an order that nobody knows: only Cartona's list tells. */
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

/**
 * Applies events to the inbox, in the order in which they came: what is newer than what is known is written down, what
 * is older or known is passed over, and what cannot be judged asks for a pull. One bad event never stops the others.
 * Orders are compared here and written in one go at the end: two runs at a time may write each other's older version,
 * which the next pull mends; the caller keeps them apart.
 */
export async function applyWebhookEvents(session: Session, events: readonly OrderEvent[]): Promise<AppliedEvents> {
  const hashedIds = [...new Set(events.map((event) => event.hashedId))];
  const before = new Map((await session.store.inbox.list({ hashedIds })).map((row) => [row.hashedId, knownOf(row)]));
  const states = await session.store.deliveries.get('order_state', hashedIds);
  const after = new Map(
    [...before].map(([hashedId, known]) => [hashedId, withAcceptedState(known, states.get(hashedId))]),
  );
  let pull = false;
  for (const event of events) {
    const known = after.get(event.hashedId);
    const incoming = incomingOf(event, known);
    const order = incoming ? eventOrder(known, incoming) : 'undecided';
    if (incoming && order === 'newer') after.set(event.hashedId, incoming);
    else if (known && incoming && order === 'same')
      after.set(event.hashedId, withTime(known, timeOfSame(known.at, incoming.at)));
    else if (order === 'undecided') pull = true;
  }
  const written = [...after.values()].filter((known) => before.get(known.hashedId)?.payload !== known.payload);
  await writeDown(
    session,
    written.map(({ at: _, ...kept }) => kept),
  );
  return {
    changed: written.flatMap(({ hashedId, version }) => (before.get(hashedId)?.version === version ? [] : [hashedId])),
    pull,
  };
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
