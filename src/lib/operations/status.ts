import { awaitingOtp } from '../orders/states/push.js';
import type { Session } from '../session.js';
import type { DeliveryOutcome, Flow, InboxPhase } from '../store/store.js';
import { readRuntimeState, serviceState, type RuntimeState, type ServiceState } from './runtime-state.js';

/** How many, and since when (UTC ms) the oldest of them. */
export interface Waiting {
  readonly count: number;
  readonly oldest: number | undefined;
}

/** How the sync of a profile stands, as its rows tell it; nobody is asked. */
export interface SyncStatus {
  readonly now: number;
  readonly runtime: RuntimeState;
  readonly service: ServiceState;
  readonly deliveries: Readonly<Record<Flow, Readonly<Partial<Record<DeliveryOutcome, Waiting>>>>>;
  /** Of the rejected order states: handed over in Odoo, and waiting for the retailer's code. */
  readonly awaitingOtp: number;
  /** Webhook events that were not worked off yet. */
  readonly events: Waiting;
  readonly orders: Readonly<Partial<Record<InboxPhase, Waiting>>>;
  /** What could not be read of Cartona's listing when it was last read, by Cartona id. */
  readonly unreadable: readonly { readonly cartonaId: string; readonly field: string; readonly value: string }[];
}

export async function readStatus(session: Session): Promise<SyncStatus> {
  const { deliveries, inbox, events, listing } = session.store;
  const now = session.now();
  const runtime = await readRuntimeState(session);
  const table: Record<Flow, Partial<Record<DeliveryOutcome, Waiting>>> = { price: {}, stock: {}, order_state: {} };
  for (const { flow, outcome, count, oldest } of await deliveries.summary()) table[flow][outcome] = { count, oldest };
  const orders = Object.fromEntries(
    (await inbox.summary()).map(({ phase, count, oldest }) => [phase, { count, oldest }]),
  );
  const rejected = table.order_state.rejected === undefined ? [] : await deliveries.undelivered('order_state');
  return {
    now,
    runtime,
    service: serviceState(runtime.service, now),
    deliveries: table,
    awaitingOtp: rejected.filter((row) => row.outcome === 'rejected' && row.reason === awaitingOtp(row.key)).length,
    events: await events.backlog(),
    orders,
    unreadable: (await listing.unreadable()).flatMap(({ key, unreadable }) =>
      unreadable.map((field) => ({ ...field, cartonaId: key ?? '' })),
    ),
  };
}
