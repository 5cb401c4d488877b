import { z } from 'zod';
import type { CartonaOrder } from '../../cartona/schemas.js';
import { namesOf } from '../../odoo/names.js';
import type { Session } from '../../session.js';
import type { InboxOrder } from '../../store/store.js';
import { chunks } from '../../common/collections.js';
import { identityKey, identityOf } from '../customers/customer-match.js';
import { findCustomers, type Customer } from '../customers/customers.js';
import { PULL_JOB, hold, type ImportContext, type ImportResult, type ImportItem } from './context.js';
import type { Lines } from './three-way-merge.js';
import { orderExternalId } from '../../odoo/records/external-ids.js';
import { findByExternalId } from '../../odoo/records/external-lookup.js';
import { createAbsent } from '../../odoo/records/create-absent.js';
import { readPrecision, readSaleOrders } from '../../odoo/records/sale-orders.js';
import { wantedLines, type LineTerms } from './order-lines.js';
import { orderColumns, orderRecord } from './order-rows.js';
import { cartonaIdOf, orderOf, readPayload } from '../inbox/payload.js';
import { findLineProducts } from './products.js';
import { reconcileOrder } from './reconcile-order.js';
import { unlistedOverReason } from './webhook-waits.js';
import { isFinal } from '../order-cycle.js';

/** Orders that go to Odoo in one call: more gain little, and all of a call are lost together when the connection is. */
const AT_ONCE = 50;

/** Brings Odoo to what the kept orders say, as far as that can be done without a person; oldest orders first. */
export async function applyOrders(
  session: Session,
  rows: readonly InboxOrder[],
  actor = PULL_JOB,
): Promise<ImportResult[]> {
  const results: ImportResult[] = [];
  const items: ImportItem[] = [];
  for (const row of rows) {
    const read = readPayload(row.payload);
    if (read.kind === 'unreadable')
      results.push(
        await hold(
          session,
          row,
          `the order cannot be read (${read.reason}); it is kept as it came, see \`cartona orders show ${row.hashedId}\``,
        ),
      );
    else if (read.order.status === 'editing')
      results.push(await hold(session, row, 'the retailer is editing the order'));
    else if (!row.listed && row.odooId === undefined && isFinal(read.order.status))
      results.push(await hold(session, row, unlistedOverReason({ row, order: read.order })));
    else items.push({ row, order: read.order, created: false });
  }
  if (items.length === 0) return results;
  items.sort((a, b) => compareText(a.order.createdAt ?? '', b.order.createdAt ?? ''));
  const context: ImportContext = {
    session,
    actor,
    terms: await readTerms(
      session,
      items.flatMap((item) => [item.order, orderOf(item.row.appliedPayload)]),
    ),
  };
  const { ready, held } = await readyToCreate(
    context,
    items.filter((item) => item.row.odooId === undefined),
  );
  results.push(...held);
  const known = items.filter((item) => item.row.odooId !== undefined);
  let done = 0;
  for (const part of chunks(ready, AT_ONCE)) {
    results.push(...(await reconcileAll(context, ...(await create(context, part)))));
    session.progress('Writing orders to Odoo', (done += part.length), items.length);
  }
  for (const part of chunks(known, AT_ONCE)) {
    results.push(...(await reconcileAll(context, part, [])));
    session.progress('Writing orders to Odoo', (done += part.length), items.length);
  }
  return results;
}

/** Reads what decides how the lines of these orders look in Odoo. */
export async function readTerms(session: Session, orders: readonly (CartonaOrder | undefined)[]): Promise<LineTerms> {
  const { identifyBy } = session.profile.cartona;
  const cartonaIds = orders
    .flatMap((order) => order?.lines ?? [])
    .flatMap((line) => cartonaIdOf(line, identifyBy) ?? []);
  const [precision, products] = await Promise.all([readPrecision(session.odoo), findLineProducts(session, cartonaIds)]);
  return { identifyBy, taxes: session.profile.orders.taxes, precision, products };
}

interface Ready extends ImportItem {
  readonly partnerId: number;
  readonly lines: Lines;
}

/** The orders that can be created whole: every product and the customer known. */
async function readyToCreate(
  { session, actor, terms }: ImportContext,
  items: readonly ImportItem[],
): Promise<{ ready: Ready[]; held: ImportResult[] }> {
  const held: ImportResult[] = [];
  const whole: { item: ImportItem; lines: Lines }[] = [];
  const waits = async (item: ImportItem, reason: string): Promise<ImportResult> =>
    (await needless(session, item)) ?? (await hold(session, item.row, reason, await begun(session, item.row)));
  for (const item of items) {
    const wanted = wantedLines(item.order, terms);
    if (wanted.kind === 'held') held.push(await waits(item, wanted.reason));
    else whole.push({ item, lines: wanted.lines });
  }
  const customers = await findCustomers(
    session,
    whole.map(({ item }) => item.order.retailer),
    actor,
  );
  const ready: Ready[] = [];
  for (const { item, lines } of whole) {
    const customer = customerOf(item.order, customers);
    if (customer.kind === 'held') held.push(await waits(item, customer.reason));
    else ready.push({ ...item, partnerId: customer.partnerId, lines });
  }
  return { ready, held };
}

/**
 * Closes an order that was cancelled before any run began to create it: Odoo does not need it any more.
 */
async function needless(session: Session, { row, order }: ImportItem): Promise<ImportResult | undefined> {
  const cancelled = order.status === 'cancelled_by_retailer' || order.status === 'cancelled_by_supplier';
  if (!cancelled || row.appliedPayload !== undefined) return undefined;
  await session.store.inbox.update(row.hashedId, {
    phase: 'applied',
    appliedVersion: row.version,
    reason: undefined,
    shownReason: undefined,
  });
  return {
    kind: 'applied',
    row,
    applied: {
      hashedId: row.hashedId,
      odooName: '',
      status: order.status,
      done: [],
      cartonaTotal: order.totalPrice,
      odooTotal: '0',
      differences: [],
    },
  };
}

/** The sale order of an earlier run that ended before it could record it. */
async function begun(session: Session, row: InboxOrder): Promise<Partial<Pick<InboxOrder, 'odooId'>>> {
  const odooId =
    row.appliedPayload === undefined
      ? undefined
      : await findByExternalId(session.odoo, 'sale.order', orderExternalId(row.hashedId));
  return odooId === undefined ? {} : { odooId };
}

function customerOf(order: CartonaOrder, customers: ReadonlyMap<string, Customer>): Customer {
  const identity = identityOf(order.retailer);
  const customer = identity && customers.get(identityKey(identity));
  return (
    customer ?? {
      kind: 'held',
      reason: `the retailer ${order.retailer.name || 'without a name'} has neither a code nor a phone that can be read, so the customer cannot be told`,
    }
  );
}

/**
 * Creates orders that Odoo does not have. What each is created from is recorded first: should this run end here, the
 * next one can say whether a person made a difference that it finds.
 * @returns the orders with their ids in Odoo, and those that Odoo refused
 */
async function create(
  { session, actor, terms }: ImportContext,
  orders: readonly Ready[],
): Promise<[ImportItem[], ImportResult[]]> {
  const { inbox, audit } = session.store;
  for (const { row } of orders)
    if (row.appliedPayload === undefined) await inbox.update(row.hashedId, { appliedPayload: row.payload });
  const newest = await newestOrder(session);
  const started = session.now();
  const records = orders.map((one) => orderRecord(one.order, one.partnerId, one.lines, terms.taxes));
  const { loaded, rejected } = await createAbsent(
    session.odoo,
    'sale.order',
    orderColumns(namesOf(session.odoo.major), terms.taxes),
    records,
    session.signal,
  );
  const items: ImportItem[] = [];
  const results: ImportResult[] = [];
  const durationMs = Math.round((session.now() - started) / orders.length);
  for (const { row, order } of orders) {
    const id = loaded.get(row.hashedId);
    if (id === undefined) {
      await inbox.update(row.hashedId, { appliedPayload: row.appliedPayload });
      results.push(
        await hold(session, row, `Odoo refused the order: ${rejected.get(row.hashedId) ?? 'no reason given'}`),
      );
    } else {
      const created = id > newest;
      // What was found was not made of this payload; only an earlier run's note tells what it was made of.
      if (!created) await inbox.update(row.hashedId, { appliedPayload: row.appliedPayload });
      items.push({ row: { ...row, odooId: id }, order, created });
    }
  }
  await audit.write([
    ...items.flatMap(({ row, created }) =>
      created
        ? [
            {
              at: session.now(),
              actor,
              system: 'odoo' as const,
              action: 'create order',
              record: row.hashedId,
              to: String(row.odooId),
              outcome: 'done',
              durationMs,
            },
          ]
        : [],
    ),
    ...results.map(({ row }) => ({
      at: session.now(),
      actor,
      system: 'odoo' as const,
      action: 'create order',
      record: row.hashedId,
      outcome: 'refused',
      durationMs,
      detail: rejected.get(row.hashedId),
    })),
  ]);
  return [items, results];
}

/** The newest sale order's id: an order with a higher one was created after this look, not found. */
async function newestOrder(session: Session): Promise<number> {
  const ids = await session.odoo.call(
    'sale.order',
    'search',
    { domain: [], order: 'id desc', limit: 1 },
    z.array(z.number()),
  );
  return ids[0] ?? 0;
}

async function reconcileAll(
  context: ImportContext,
  items: readonly ImportItem[],
  before: readonly ImportResult[],
): Promise<ImportResult[]> {
  const orders = await readSaleOrders(
    context.session.odoo,
    items.flatMap((item) => item.row.odooId ?? []),
    context.terms.precision,
  );
  const results = [...before];
  for (const item of items) {
    const { odooId } = item.row;
    results.push(await reconcileOrder(context, item, odooId === undefined ? undefined : orders.get(odooId)));
  }
  return results;
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
