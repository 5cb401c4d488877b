import { CartonaError, isCartonaError } from '../common/errors.js';
import { productNames } from '../mapping/describe.js';
import { findOrder } from '../orders/overview.js';
import { orderOf } from '../orders/inbox/payload.js';
import { awaitingOtp } from '../orders/states/push.js';
import type { Session } from '../session.js';
import type { AuditEntry, Delivery, Flow, InboxOrder } from '../store/store.js';
import { readRuntimeState } from './runtime-state.js';
import { ofProducts } from './product-filter.js';

export const FAILURE_KINDS = ['price', 'stock', 'order_state', 'order'] as const;
export type FailureKind = (typeof FAILURE_KINDS)[number];

/**
 * - `retrying`: it is tried again by itself
 * - `rejected`, `given_up`: waits for a person, or for another value
 * - `awaiting_otp`: waits for the retailer's code
 * - `held`: an order that cannot be brought to Odoo now
 * - `discarded`: a person did not want it
 */
export type FailureState = 'retrying' | 'rejected' | 'given_up' | 'awaiting_otp' | 'held' | 'discarded';

/** One thing that did not get through. Instants are UTC ms. */
export interface Failure {
  /** As a person types it: `price:CARTONA_ID`, `order:HASHED_ID`. */
  readonly id: string;
  readonly kind: FailureKind;
  readonly key: string;
  /** The Odoo id of the product or sale order, as far as there is one. */
  readonly odooId: number | undefined;
  readonly state: FailureState;
  /** What Cartona last confirmed, and what was to be sent. */
  readonly from: string | undefined;
  readonly wanted: string | undefined;
  readonly reason: string | undefined;
  readonly since: number | undefined;
  readonly attempts: number | undefined;
  /** When it is tried again by itself. */
  readonly nextAt: number | undefined;
}

export interface FailureFilter {
  readonly kind?: FailureKind | undefined;
  /** Cartona id, Odoo id, internal reference or barcode. */
  readonly products?: readonly string[] | undefined;
  /** `hashed_id`, or the name of the sale order in Odoo. */
  readonly orders?: readonly string[] | undefined;
  /** Only those that began before, UTC ms. */
  readonly before?: number | undefined;
  /** Also those that a person discarded. */
  readonly discarded?: boolean | undefined;
}

/**
 * What did not get through, oldest first; what the brake holds is not among it. @throws CartonaError `usage` for a
 * product or order that nobody knows
 */
export async function listFailures(session: Session, filter: FailureFilter = {}): Promise<Failure[]> {
  const { deliveries, inbox } = session.store;
  const of = async (flow: Flow): Promise<Failure[]> => {
    let rows = (await deliveries.undelivered(flow)).filter((row) => isFailure(row, filter.discarded ?? false));
    if (filter.products && flow !== 'order_state') rows = await ofProducts(session, rows, filter.products);
    return rows.map((row) => failed(flow, row));
  };
  const orders =
    filter.orders &&
    new Set(await Promise.all(filter.orders.map(async (id) => (await findOrder(session, id)).hashedId)));
  const kinds = FAILURE_KINDS.filter((kind) => {
    if (filter.kind !== undefined && kind !== filter.kind) return false;
    const ofProduct = kind === 'price' || kind === 'stock';
    return ofProduct ? orders === undefined : filter.products === undefined;
  });
  const found: Failure[] = [];
  for (const kind of kinds)
    found.push(
      ...(kind === 'order'
        ? (await inbox.list({ phases: ['held'] })).filter((row) => row.status !== 'editing').map(heldOrder)
        : await of(kind)),
    );
  return found
    .filter(
      (one) =>
        (orders === undefined || orders.has(one.key)) &&
        (filter.before === undefined || (one.since ?? 0) <= filter.before),
    )
    .sort((a, b) => (a.since ?? 0) - (b.since ?? 0));
}

/**
 * A row that was taken, or only noted as unknown to Cartona, has not failed yet; one that is due again has. `status`
 * counts the same rows.
 */
const isFailure = (row: Delivery, discarded: boolean): boolean =>
  row.outcome === 'rejected' ||
  row.outcome === 'given_up' ||
  (row.outcome === 'failed' && row.failingSince !== undefined) ||
  (discarded && row.outcome === 'discarded');

function failed(kind: Flow, row: Delivery): Failure {
  return {
    id: `${kind}:${row.key}`,
    kind,
    key: row.key,
    odooId: row.odooId === 0 ? undefined : row.odooId,
    state: stateOf(kind, row),
    from: row.delivered,
    wanted: row.wanted,
    reason: row.reason,
    since: row.failingSince ?? row.attemptedAt,
    attempts: row.attempts,
    nextAt: row.dueAt,
  };
}

function stateOf(kind: Flow, row: Delivery): FailureState {
  if (row.outcome === 'given_up' || row.outcome === 'discarded') return row.outcome;
  if (row.outcome !== 'rejected') return 'retrying';
  return kind === 'order_state' && row.reason === awaitingOtp(row.key) ? 'awaiting_otp' : 'rejected';
}

const heldOrder = (row: InboxOrder): Failure => ({
  id: `order:${row.hashedId}`,
  kind: 'order',
  key: row.hashedId,
  odooId: row.odooId,
  state: 'held',
  from: undefined,
  wanted: undefined,
  reason: row.reason,
  since: row.receivedAt,
  attempts: undefined,
  nextAt: undefined,
});

/**
 * The failures that a person names, discarded ones included.
 * @throws CartonaError `usage` when one of them is none
 */
export async function chosenFailures(session: Session, ids: readonly string[]): Promise<Failure[]> {
  const all = await listFailures(session, { discarded: true });
  return ids.map((id) => {
    const [one, ...others] = all.filter((failure) => failure.id === id || failure.key === id);
    if (one && others.length === 0) return one;
    if (one)
      throw new CartonaError(
        'usage',
        `${id} is more than one failure (${[one, ...others].map((failure) => failure.id).join(', ')}); name the one you mean so.`,
      );
    throw new CartonaError(
      'usage',
      `There is no failure ${id}; \`cartona failures\` lists those there are, and \`cartona approve\` what the brake holds.`,
    );
  });
}

/** What was done with the record of a failure, newest first. */
export const historyOf = (session: Session, failure: Failure, limit: number): Promise<AuditEntry[]> =>
  session.store.audit.list({ record: failure.key, limit });

/** Everything of it is tried again at once, with its patience anew. A running service does so by itself. */
export async function retryFailures(session: Session, failures: readonly Failure[], by: string): Promise<void> {
  const { deliveries, inbox } = session.store;
  const at = session.now();
  for (const flow of ['price', 'stock', 'order_state'] as const) {
    const keys = keysOf(failures, flow);
    if (keys.length > 0) await deliveries.retry(flow, keys, at);
  }
  const held = await inbox.list({ hashedIds: keysOf(failures, 'order'), phases: ['held'] });
  for (const { hashedId } of held) await inbox.update(hashedId, { phase: 'received' });
  await audit(session, failures, 'retry', by);
}

/**
 * Nobody wants these values to be sent any more; another value of the same product or order is.
 * @throws CartonaError `usage` before anything was discarded, when an order is among them: Cartona goes on showing it
 * @returns how many were still wanted
 */
export async function discardFailures(session: Session, failures: readonly Failure[], by: string): Promise<number> {
  const order = failures.find((failure) => failure.kind === 'order');
  if (order) {
    throw new CartonaError(
      'usage',
      `An order cannot be discarded: ${order.key} stands at Cartona and its retailer waits for it. Mend what holds it (${order.reason ?? 'see `cartona orders show`'}), or cancel it with \`cartona orders status ${order.key} cancelled_by_supplier\`.`,
    );
  }
  let count = 0;
  for (const flow of ['price', 'stock', 'order_state'] as const) {
    const values = failures.flatMap(({ kind, key, wanted }) =>
      kind === flow && wanted !== undefined ? [{ key, wanted }] : [],
    );
    if (values.length > 0) count += await session.store.deliveries.discard(flow, values, `${by} did not want it`);
  }
  await audit(session, failures, 'discard', by);
  return count;
}

const keysOf = (failures: readonly Failure[], kind: FailureKind): string[] =>
  failures.filter((failure) => failure.kind === kind).map((failure) => failure.key);

async function audit(
  session: Session,
  failures: readonly Failure[],
  action: 'retry' | 'discard',
  by: string,
): Promise<void> {
  const at = session.now();
  await session.store.audit.write(
    failures.map((one): AuditEntry => ({
      at,
      actor: 'failures',
      system: 'cartona',
      action: `${action} ${one.kind}`,
      record: one.key,
      from: one.from,
      to: one.wanted,
      outcome: action === 'retry' ? 'due' : 'discarded',
      detail: `by ${by}`,
    })),
  );
}

/**
 * What a person who reads of these orders knows them by: the retailer, and the name in Odoo where there is one. By
 * `hashed_id`.
 */
async function orderLabels(session: Session, hashedIds: readonly string[]): Promise<Map<string, string>> {
  if (hashedIds.length === 0) return new Map();
  const rows = await session.store.inbox.list({ hashedIds: [...new Set(hashedIds)] });
  return new Map(
    rows.map((row) => [row.hashedId, [orderOf(row.payload)?.retailer.name, row.odooName].filter(Boolean).join(', ')]),
  );
}

/** How failures are named to a person, by their ids: products and orders that nobody can name now are absent. */
export async function failureNames(session: Session, failures: readonly Failure[]): Promise<Map<string, string>> {
  const products = failures.filter(({ kind }) => kind === 'price' || kind === 'stock');
  const orders = failures.filter(({ kind }) => kind === 'order' || kind === 'order_state');
  const [names, labels] = await Promise.all([
    namesIfReachable(
      session,
      products.flatMap(({ odooId }) => odooId ?? []),
    ),
    orderLabels(
      session,
      orders.map(({ key }) => key),
    ),
  ]);
  return new Map(
    failures.flatMap(({ id, kind, key, odooId }) => {
      const name =
        kind === 'order' || kind === 'order_state'
          ? labels.get(key)
          : odooId === undefined
            ? undefined
            : names.get(odooId);
      return name ? [[id, name] as const] : [];
    }),
  );
}

/** The names of products; none while Odoo cannot be asked, for what failed is to be seen all the same. */
export async function namesIfReachable(session: Session, odooIds: readonly number[]): Promise<Map<number, string>> {
  // A side that is known to be away is not waited for.
  if (odooIds.length === 0 || ((await readRuntimeState(session)).remote.odoo?.state ?? 'up') !== 'up') return new Map();
  try {
    return await productNames(session, odooIds);
  } catch (error) {
    if (isCartonaError(error) && error.kind !== 'interrupted') return new Map();
    throw error;
  }
}
