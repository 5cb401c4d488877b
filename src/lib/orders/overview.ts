import type { CartonaOrder } from '../cartona/schemas.js';
import { CartonaError } from '../common/errors.js';
import type { Session } from '../session.js';
import type { AuditEntry, Delivery, InboxOrder, InboxPhase } from '../store/store.js';
import { moneySplit, needsOtp, type MoneySplit } from './import/money-split.js';
import { cartonaIdOf, orderOf, UNREADABLE } from './inbox/payload.js';

/** An order as a list shows it. Totals are EGP (Odoo's: the order's own currency); instants are UTC milliseconds. */
export interface OrderSummary {
  readonly hashedId: string;
  readonly phase: InboxPhase;
  /** Cartona's newest known status: as it was received, or as it accepted it from us. */
  readonly status: string;
  readonly retailer: string | undefined;
  readonly odooName: string | undefined;
  readonly cartonaTotal: string | undefined;
  readonly odooTotal: string | undefined;
  /** Why it waits: held on its way to Odoo, or a state that Cartona did not take. */
  readonly reason: string | undefined;
  /** When its newest version was received; when the order first came is not kept. */
  readonly receivedAt: number;
  readonly acknowledgedAt: number | undefined;
  /** Handed over in Odoo; Cartona needs the retailer's OTP before it is delivered there. */
  readonly awaitingOtp: boolean;
  /** Over on both sides. */
  readonly closed: boolean;
}

export interface OrderFilter {
  readonly held?: boolean | undefined;
  readonly status?: string | undefined;
  readonly limit?: number | undefined;
}

/** What is known of the orders, newest first. Asks neither side. */
export async function listOrders(session: Session, filter: OrderFilter): Promise<OrderSummary[]> {
  const phases: InboxPhase[] | undefined = filter.held ? ['held'] : undefined;
  const rows = await session.store.inbox.list({
    ...(phases ? { phases } : {}),
    ...(filter.status === undefined && filter.limit !== undefined ? { limit: filter.limit } : {}),
  });
  const states = await session.store.deliveries.get(
    'order_state',
    rows.map((row) => row.hashedId),
  );
  return rows
    .filter((row) => filter.status === undefined || newestStatus(row, states.get(row.hashedId)) === filter.status)
    .slice(0, filter.limit ?? rows.length)
    .map((row) => summary(row, states.get(row.hashedId)));
}

const newestStatus = (row: InboxOrder, state: Delivery | undefined): string =>
  row.status === UNREADABLE ? row.status : (state?.delivered ?? row.status);

function summary(row: InboxOrder, state: Delivery | undefined): OrderSummary {
  const order = orderOf(row.payload);
  const untold = state !== undefined && state.outcome !== 'delivered';
  return {
    hashedId: row.hashedId,
    phase: row.phase,
    status: newestStatus(row, state),
    retailer: order?.retailer.name,
    odooName: row.odooName,
    cartonaTotal: row.cartonaTotal,
    odooTotal: row.odooTotal,
    reason: row.reason ?? (untold ? state.reason : undefined),
    receivedAt: row.receivedAt,
    acknowledgedAt: row.acknowledgedAt,
    awaitingOtp: untold && state.wanted === 'delivered' && order !== undefined && needsOtp(order),
    closed: row.closed,
  };
}

/** A line as it was received; money is EGP per piece after discounts. */
export interface ShownLine {
  readonly id: string;
  readonly cartonaId: string | undefined;
  readonly product: string;
  readonly amount: string;
  readonly price: string;
  readonly supplierDiscount: string;
  readonly cartonaDiscount: string;
  readonly comment: string | undefined;
}

/** What only a webhook told of an order. */
export type WebhookWord =
  /** The order itself: Cartona's list has not shown it. */
  | { readonly kind: 'order'; readonly nextLookAt: number | undefined }
  /** A version that does not count before Cartona's list has shown it, or a person has decided. */
  | { readonly kind: 'unverified'; readonly status: string; readonly nextLookAt: number | undefined }
  /** Its state, which was applied all the same because the list did not show it. */
  | { readonly kind: 'applied' };

/** Everything that is known of one order. */
export interface OrderDetails extends OrderSummary {
  readonly odooId: number | undefined;
  readonly retailerDetails: CartonaOrder['retailer'] | undefined;
  readonly delivery:
    | {
        readonly by: string;
        readonly day: string | undefined;
        readonly pickup: string | undefined;
        readonly route: string | undefined;
      }
    | undefined;
  readonly note: string | undefined;
  /** When the retailer placed it, as Cartona tells. */
  readonly placedAt: string | undefined;
  readonly money: MoneySplit | undefined;
  readonly lines: readonly ShownLine[];
  /** The state that Cartona last confirmed, and how the last attempt to tell it another one ended. */
  readonly state:
    | {
        readonly confirmed: string | undefined;
        readonly wanted: string;
        readonly outcome: string;
        readonly reason: string | undefined;
      }
    | undefined;
  /** What of it only a webhook told. */
  readonly webhook: WebhookWord | undefined;
  /** What was done, oldest first. */
  readonly history: readonly AuditEntry[];
}

/**
 * Shows one order. Asks neither side.
 * @param id Cartona's `hashed_id`, or the name of the sale order in Odoo
 * @throws CartonaError `usage` when no such order was received
 */
export async function showOrder(session: Session, id: string): Promise<OrderDetails> {
  const { deliveries, audit } = session.store;
  const row = await findOrder(session, id);
  const order = orderOf(row.payload);
  const delivery = (await deliveries.get('order_state', [row.hashedId])).get(row.hashedId);
  const history = await audit.list({ record: row.hashedId });
  return {
    ...summary(row, delivery),
    odooId: row.odooId,
    retailerDetails: order?.retailer,
    delivery: order && {
      by: order.deliveredBy,
      day: order.deliveryDay,
      pickup: order.pickupDate,
      route: order.routeCode,
    },
    note: order?.note,
    placedAt: order?.createdAt,
    money: order && moneySplit(order),
    lines: (order?.lines ?? []).map((line) => ({
      id: line.id,
      cartonaId: cartonaIdOf(line, session.profile.cartona.identifyBy),
      product: line.productName,
      amount: line.amount,
      price: line.sellingPrice,
      supplierDiscount: line.supplierDiscount,
      cartonaDiscount: line.cartonaDiscount,
      comment: line.comment,
    })),
    state: delivery && {
      confirmed: delivery.delivered,
      wanted: delivery.wanted,
      outcome: delivery.outcome,
      reason: delivery.reason,
    },
    webhook: webhookWord(row),
    history: history.reverse(),
  };
}

function webhookWord(row: InboxOrder): WebhookWord | undefined {
  const nextLookAt = row.verifyAt;
  if (row.unverifiedPayload !== undefined) {
    const status = orderOf(row.unverifiedPayload)?.status ?? UNREADABLE;
    return { kind: 'unverified', status, nextLookAt };
  }
  if (!row.listed) return { kind: 'order', nextLookAt };
  return row.webhookAlone ? { kind: 'applied' } : undefined;
}

/**
 * The row of an order.
 * @param id Cartona's `hashed_id`, or the name of the sale order in Odoo
 * @throws CartonaError `usage` when no such order was received
 */
export async function findOrder(session: Session, id: string): Promise<InboxOrder> {
  const { inbox } = session.store;
  const row = (await inbox.list({ hashedIds: [id] }))[0] ?? (await inbox.list({ odooNames: [id], limit: 1 }))[0];
  if (!row)
    throw new CartonaError(
      'usage',
      `No order ${id} was received; \`cartona orders list\` shows those that were, \`cartona orders pull\` fetches new ones.`,
    );
  return row;
}
