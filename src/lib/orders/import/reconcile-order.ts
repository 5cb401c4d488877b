import { z } from 'zod';
import type { CartonaOrder } from '../../cartona/schemas.js';
import { isCartonaError, throwIfInterrupted } from '../../common/errors.js';
import { amount, formatAmount } from '../../common/money.js';
import type { Session } from '../../session.js';
import type { InboxOrder } from '../../store/store.js';
import { isOver } from '../order-cycle.js';
import { reconcileContent } from './reconcile-content.js';
import { auditOdoo, hold, type Held, type ImportContext, type ImportResult, type ImportItem } from './context.js';
import { sameContent } from './three-way-merge.js';
import { readSaleOrders, type SaleOrder } from '../../odoo/records/sale-orders.js';
import { stepsTowards } from '../states/odoo-states.js';
import { takeStep } from '../states/odoo-steps.js';
import { wantedLines } from './order-lines.js';
import { unlistedReason, unverifiedReason } from './webhook-waits.js';
import { orderOf } from '../inbox/payload.js';

/**
 * Brings one order in Odoo to Cartona's version: content first, then state. Where a person is needed, this order is
 * held, and no other.
 */
export async function reconcileOrder(
  context: ImportContext,
  item: ImportItem,
  odoo: SaleOrder | undefined,
): Promise<ImportResult> {
  const { session } = context;
  throwIfInterrupted(session.signal);
  if (!odoo) return acceptDeletion(context, item);
  const known = { odooId: odoo.id, odooName: odoo.name };
  try {
    const result = await bring(context, item, odoo);
    if (result.kind === 'held') return await hold(session, item.row, result.reason, known);
    return await recordApplied(context, item, result);
  } catch (error) {
    // Odoo refused this order, or the user lacks a right that it needs. A failure of the connection or the login
    // concerns every order.
    if (!isCartonaError(error, 'refused', 'credentials')) throw error;
    if (error.kind === 'credentials') await readSaleOrders(session.odoo, [odoo.id], context.terms.precision);
    await auditOdoo(context, item.row.hashedId, 'apply', { outcome: 'refused', detail: error.message });
    return hold(session, item.row, error.message, known);
  }
}

const saleName = (row: InboxOrder): string => row.odooName ?? `the sale order ${row.odooId ?? ''}`;

const isCancelled = (order: CartonaOrder): boolean =>
  order.status === 'cancelled_by_retailer' || order.status === 'cancelled_by_supplier';

/**
 * Why an order that a person deleted in Odoo waits; `undefined` where Cartona has cancelled it, so that nothing is
 * missing.
 */
export const deletedReason = (row: InboxOrder, order: CartonaOrder): string | undefined =>
  isCancelled(order)
    ? undefined
    : `${saleName(row)} was deleted in Odoo, but the order is ${order.status} at Cartona; cancel it there, or settle it with Cartona`;

/** An order that a person deleted in Odoo is not created again behind their back. */
async function acceptDeletion({ session }: ImportContext, { row, order }: ImportItem): Promise<ImportResult> {
  const reason = deletedReason(row, order);
  if (reason !== undefined) return hold(session, row, reason);
  await session.store.inbox.update(row.hashedId, {
    phase: 'applied',
    appliedVersion: row.version,
    appliedPayload: row.payload,
    reason: undefined,
    shownReason: undefined,
  });
  return {
    kind: 'applied',
    row,
    applied: {
      hashedId: row.hashedId,
      odooName: saleName(row),
      status: order.status,
      done: [],
      cartonaTotal: order.totalPrice,
      odooTotal: row.odooTotal ?? '0',
      differences: [],
    },
  };
}

interface Brought {
  readonly kind: 'brought';
  readonly order: SaleOrder;
  readonly done: readonly string[];
  /** What Odoo's content was last brought to. */
  readonly base: string | undefined;
}

async function bring(context: ImportContext, item: ImportItem, odoo: SaleOrder): Promise<Brought | Held> {
  const { session } = context;
  const done = item.created ? ['created'] : [];
  // A cancelled order stays as it is; should a person reopen it, what it was last brought to still says what changed
  // since.
  const leaveContent = odoo.state === 'cancel';
  let order = odoo;
  if (!leaveContent) {
    const content = await reconcileContent(context, item, odoo);
    if (content.kind === 'held') return content;
    if (content.changed) done.push('changed');
    order = content.order;
    await session.store.inbox.update(item.row.hashedId, {
      odooId: order.id,
      odooName: order.name,
      appliedPayload: item.row.payload,
    });
  }
  const { toOdoo } = session.profile.orders.states;
  const plan = stepsTowards(item.order.status, order, toOdoo);
  const unlisted = unlistedReason(item, order, plan.kind === 'person' || plan.steps.length > 0);
  if (unlisted !== undefined) return { kind: 'held', reason: unlisted };
  if (plan.kind === 'person') return { kind: 'held', reason: plan.reason };
  for (const step of plan.steps) {
    const started = session.now();
    const before = order.state;
    order = await takeStep(session.odoo, order, step, context.terms.precision);
    await auditOdoo(context, item.row.hashedId, step, {
      from: before,
      to: order.state,
      outcome: 'done',
      durationMs: session.now() - started,
      ...(item.row.webhookAlone ? { detail: 'told by a webhook alone' } : {}),
    });
    done.push(step);
  }
  const unverified = unverifiedReason(item, order, toOdoo);
  if (unverified !== undefined) return { kind: 'held', reason: unverified };
  return {
    kind: 'brought',
    order,
    done,
    base: leaveContent && !item.created ? item.row.appliedPayload : item.row.payload,
  };
}

async function recordApplied(
  context: ImportContext,
  item: ImportItem,
  { order, done, base }: Brought,
): Promise<ImportResult> {
  const { session } = context;
  const { row } = item;
  const differences = isOver(item.order.status) || order.state === 'cancel' ? [] : differencesOf(context, item, order);
  await nameInOdoo(context, item, order, differences);
  const applied = {
    odooId: order.id,
    odooName: order.name,
    odooTotal: order.total,
    appliedPayload: base,
    appliedVersion: row.version,
  };
  await session.store.inbox.update(row.hashedId, {
    ...applied,
    phase: 'applied',
    reason: undefined,
    shownReason: undefined,
  });
  return {
    kind: 'applied',
    row: { ...row, ...applied },
    applied: {
      hashedId: row.hashedId,
      odooName: order.name,
      status: item.order.status,
      done,
      cartonaTotal: item.order.totalPrice,
      odooTotal: order.total,
      differences,
    },
  };
}

function differencesOf({ terms }: ImportContext, { order, created }: ImportItem, odoo: SaleOrder): string[] {
  const differences: string[] = [];
  if (odoo.currency !== 'EGP')
    differences.push(
      `the order in Odoo is in ${odoo.currency}, Cartona's in EGP: give its customer a pricelist in EGP`,
    );
  if (!amount(odoo.total).eq(order.totalPrice)) {
    const rounding =
      terms.taxes === 'included' && terms.precision.price !== undefined
        ? ` (unit prices without their taxes are rounded to ${terms.precision.price} decimals; a finer accuracy of "Product Price" in Odoo brings them closer)`
        : '';
    differences.push(
      `the total in Odoo is ${formatAmount(odoo.total)}, Cartona's is ${formatAmount(order.totalPrice)}${rounding}`,
    );
  }
  const wanted = created ? wantedLines(order, terms) : undefined;
  if (wanted?.kind === 'lines' && !sameContent(odoo.lines, wanted.lines.values()))
    differences.push('Odoo changed lines as it took them: they do not read as Cartona sent them');
  return differences;
}

/**
 * Posts a note on the order in Odoo for whoever works with it there, once for each difference. The order stands without
 * the note: where Odoo refuses it, the audit trail says so.
 */
async function nameInOdoo(
  context: ImportContext,
  { row, order }: ImportItem,
  odoo: SaleOrder,
  differences: readonly string[],
): Promise<void> {
  const known = row.odooTotal === odoo.total && orderOf(row.appliedPayload)?.totalPrice === order.totalPrice;
  if (differences.length === 0 || known) return;
  const body = `Cartona: ${differences.join('; ')}.`;
  const refused = await postNote(context.session, odoo.id, body);
  await auditOdoo(context, row.hashedId, 'name difference', {
    to: body,
    outcome: refused === undefined ? 'done' : 'refused',
    detail: refused,
  });
}

/** @returns why Odoo did not take the note, if it did not */
async function postNote(session: Session, orderId: number, body: string): Promise<string | undefined> {
  try {
    await session.odoo.call('sale.order', 'message_post', { ids: [orderId], body }, z.unknown());
    return undefined;
  } catch (error) {
    if (isCartonaError(error, 'refused', 'credentials', 'outcome-unknown')) return error.message;
    throw error;
  }
}
