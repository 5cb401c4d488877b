import { z } from 'zod';
import { readOrder } from '../../cartona/client.js';
import { ORDER_STATUSES } from '../../cartona/schemas.js';
import type { Session } from '../../session.js';
import type { Delivery, InboxOrder } from '../../store/store.js';
import { eventTime, eventOrder, timeOfSame, withEventTime, type OrderVersion } from './event-order.js';
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

interface Known {
  readonly kept: KeptOrder;
  readonly standing: OrderVersion;
}

/**
 * Takes events, in the order in which they came, into the inbox: what is newer than what is known is written down, what
 * is older or known is passed over, and what cannot be judged asks for a pull. One bad event never stops the others.
 * Orders are compared here and written in one go at the end: two runs at a time may write each other's older version,
 * which the next pull mends; the caller keeps them apart.
 */
export async function applyWebhookEvents(session: Session, events: readonly OrderEvent[]): Promise<AppliedEvents> {
  const hashedIds = [...new Set(events.map((event) => event.hashedId))];
  const before = new Map((await session.store.inbox.list({ hashedIds })).map((row) => [row.hashedId, knownOf(row)]));
  const told = await session.store.deliveries.get('order_state', hashedIds);
  const after = new Map(
    [...before].map(([hashedId, known]) => [hashedId, advanced(known, hashedId, told.get(hashedId))]),
  );
  let pull = false;
  for (const event of events) {
    const known = after.get(event.hashedId);
    const incoming = incomingOf(event, known);
    const said = incoming ? eventOrder(known?.standing, incoming.standing) : 'undecided';
    if (incoming && said === 'newer') after.set(event.hashedId, incoming);
    else if (known && incoming && said === 'same')
      after.set(event.hashedId, at(known, timeOfSame(known.standing.at, incoming.standing.at)));
    else if (said === 'undecided') pull = true;
  }
  const written = [...after]
    .filter(([hashedId, known]) => before.get(hashedId)?.kept.payload !== known.kept.payload)
    .map(([, known]) => known);
  await writeDown(
    session,
    written.map((known) => known.kept),
  );
  return {
    changed: written.flatMap(({ kept }) =>
      before.get(kept.hashedId)?.standing.version === kept.version ? [] : [kept.hashedId],
    ),
    pull,
  };
}

function knownOf(row: InboxOrder): Known {
  const { hashedId, payload, version, status, cartonaTotal } = row;
  return {
    kept: { hashedId, payload, version, status, cartonaTotal },
    standing: { status, version, at: eventTime(bodySchema.parse(payload)) },
  };
}

/**
 * The order in the state that Cartona has accepted from us since it was kept: an echo of that, or of what came before
 * it, is no news.
 */
function advanced(known: Known, hashedId: string, told: Delivery | undefined): Known {
  if (told?.delivered === undefined || told.deliveredAt === undefined || told.delivered === known.standing.status)
    return known;
  return withStatus(known, hashedId, { status: told.delivered }) ?? known;
}

/** The order that an event tells; `undefined` where it tells none that can be judged. */
function incomingOf(event: OrderEvent, known: Known | undefined): Known | undefined {
  const body = bodySchema.safeParse(event.payload);
  if (!body.success) return undefined;
  // Somebody acknowledged it, which says nothing of where it stands.
  if (body.data['status'] === 'synced') return known;
  const whole = readOrder(body.data);
  if ('order' in whole || (event.kind === 'order' && body.data['order_details'] !== undefined)) {
    return whole.hashedId === event.hashedId ? judged({ ...whole, hashedId: event.hashedId }, body.data) : undefined;
  }
  return known && withStatus(known, event.hashedId, body.data);
}

/** The known order as a status event makes it. */
function withStatus(known: Known, hashedId: string, body: Body): Known | undefined {
  const status = statusSchema.safeParse(body['status']);
  if (!status.success || 'unreadable' in readPayload(known.kept.payload)) return undefined;
  const carried = Object.fromEntries(
    CARRIED.flatMap((field) => (body[field] === undefined ? [] : [[field, body[field]]])),
  );
  const raw = withEventTime(
    { ...bodySchema.parse(known.kept.payload), ...carried, status: status.data },
    eventTime(body),
  );
  const read = readOrder(raw);
  return 'order' in read ? judged({ ...read, hashedId }, raw) : undefined;
}

function judged(received: Parameters<typeof keepOrder>[0], body: Body): Known {
  const kept = keepOrder(received);
  return { kept, standing: { status: kept.status, version: kept.version, at: eventTime(body) } };
}

/** The same order, known to have been so at another time. */
function at(known: Known, time: number | undefined): Known {
  if (known.standing.at === time) return known;
  const payload = JSON.stringify(withEventTime(bodySchema.parse(known.kept.payload), time));
  return { kept: { ...known.kept, payload }, standing: { ...known.standing, at: time } };
}
