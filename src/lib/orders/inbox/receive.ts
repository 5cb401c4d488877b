import type { CartonaOrder } from '../../cartona/schemas.js';
import type { Session } from '../../session.js';
import type { InboxOrder, OrderSource } from '../../store/store.js';
import { cartonaIdOf, keepOrder, orderedUnits, UNREADABLE, type KeptOrder } from './payload.js';

/** What one reading of Cartona's list brought. */
export interface Received {
  /** The version in which each order stands in the list, by `hashed_id`. */
  readonly versions: ReadonlyMap<string, string>;
  /** How many orders are new or changed. */
  readonly changed: number;
  /** Orders without a `hashed_id` cannot be kept; why they cannot be read. */
  readonly nameless: readonly string[];
}

/**
 * Reads every page of new and changed orders and writes each down before anything else is done with it. What is read
 * again unchanged changes nothing.
 */
export async function receiveOrders(session: Session): Promise<Received> {
  const versions = new Map<string, string>();
  const nameless: string[] = [];
  let changed = 0;
  for await (const page of session.cartona.pullOrders()) {
    const kept = new Map<string, KeptOrder>();
    for (const received of page) {
      const { hashedId } = received;
      if (hashedId === undefined) nameless.push(received.kind === 'unreadable' ? received.reason : 'no hashed_id');
      else kept.set(hashedId, keepOrder({ ...received, hashedId }));
    }
    changed += await writeDown(session, [...kept.values()], 'list');
    for (const order of kept.values()) versions.set(order.hashedId, order.version);
    session.progress('Reading orders from Cartona', versions.size);
  }
  return { versions, changed, nameless };
}

/**
 * Writes orders down, and what follows from them: an order that came or changed moved the stock of its products at
 * Cartona, and a refusal of its state may no longer hold. What follows goes first or in the same step: were the order
 * written before it, a crash in between would make it look unchanged the next time.
 * @returns how many are new or changed
 */
export async function writeDown(session: Session, orders: readonly KeptOrder[], source: OrderSource): Promise<number> {
  const { inbox, deliveries } = session.store;
  const known = new Map(
    (await inbox.list({ hashedIds: orders.map((order) => order.hashedId) })).map((row) => [row.hashedId, row]),
  );
  const changed = orders.filter((order) => known.get(order.hashedId)?.version !== order.version);
  const at = session.now();
  const moved = [...new Set(changed.flatMap((order) => productsOf(session, order, known.get(order.hashedId))))];
  await tryRefusedAgain(
    session,
    changed.map((order) => order.hashedId),
    at,
  );
  // What a webhook alone tells of an order that the list has not shown is not yet Cartona's state.
  const statesSeen = orders.filter(
    (order) => order.status !== UNREADABLE && (source !== 'webhook' || known.get(order.hashedId)?.listed === true),
  );
  await deliveries.recordObserved(
    'order_state',
    statesSeen.map((order) => ({ key: order.hashedId, delivered: order.status })),
    at,
  );
  await inbox.receive(orders, session.now(), moved, source);
  // Another process that began to reckon while that was being written did not know the orders either.
  await deliveries.invalidate('stock', moved, session.now());
  return changed.length;
}

/** The products of an order, those that the last version had included. */
const productsOf = (session: Session, order: KeptOrder, before: InboxOrder | undefined): string[] =>
  [order.payload, ...(before ? [before.payload] : [])].flatMap((payload) =>
    orderedUnits(payload, session.profile.cartona.identifyBy).map(({ cartonaId }) => cartonaId),
  );

/** The Cartona ids of the products on an order. */
export const productsOn = (session: Session, order: CartonaOrder): string[] =>
  order.lines.flatMap((line) => cartonaIdOf(line, session.profile.cartona.identifyBy) ?? []);

/** @param at the instant of the reading: what it observes then is not older than this note */
async function tryRefusedAgain({ store }: Session, hashedIds: readonly string[], at: number): Promise<void> {
  const rows = [...(await store.deliveries.get('order_state', hashedIds)).values()].filter(
    (row) => row.outcome === 'rejected' || row.outcome === 'given_up',
  );
  await store.deliveries.record(
    'order_state',
    rows.map((row) => ({
      key: row.key,
      odooId: row.odooId,
      wanted: row.wanted,
      outcome: 'failed',
      reason: row.reason,
    })),
    at,
  );
}
