import { z } from 'zod';
import type { LineUpdate } from '../../cartona/client.js';
import type { CartonaOrder } from '../../cartona/schemas.js';
import { CartonaError, isCartonaError } from '../../common/errors.js';
import type { Session } from '../../session.js';
import type { InboxOrder } from '../../store/store.js';
import { applyOrders } from '../import/import-orders.js';
import { lineName, lineText, sameAtCartona, writeLines } from '../import/reconcile-content.js';
import { mergeLines, type LineConflict, type LineChanges } from '../import/three-way-merge.js';
import type { LineValues } from '../../odoo/records/sale-orders.js';
import { bothSides, shown, type BothSides, type LinesShown } from './compare-lines.js';
import { isQuotation } from '../states/odoo-states.js';
import { findOrder } from '../overview.js';
import { withOrdersLock } from '../orders-lock.js';
import { receiveOrders } from '../inbox/receive.js';
import { upToDate } from '../states/set-state.js';

const ACTOR = 'orders lines';

/** What became of telling Cartona an order's lines. */
export interface LinesPushed extends LinesShown {
  readonly dryRun: boolean;
  /** What was (or would be) told. */
  readonly sent: readonly LineUpdate[];
  /** Cartona's list did not tell the order afterwards, so that nobody has seen what it made of it. */
  readonly unseen: boolean;
}

/**
 * Tells Cartona what was changed in Odoo's lines: quantities, prices, lines taken off and added. What Cartona then
 * lists is read back and becomes what Odoo was brought to, so that neither side takes it for the other's change.
 * @throws CartonaError `refused` where the order's state forbids it, Cartona changed it too, or Cartona says no;
 * `outcome-unknown`
 */
export async function pushLines(session: Session, id: string, options: { dryRun: boolean }): Promise<LinesPushed> {
  const { hashedId } = await findOrder(session, id);
  return withOrdersLock(session, async (own) => {
    await receiveOrders(own);
    const { row, order, cartona } = await upToDate(own, ACTOR, hashedId);
    refuseUnlessLegal(row, order, cartona);
    const both = await bothSides(own, row);
    refuseUnlessOdoos(both);
    const sent = both.lines.flatMap((line) => line.update ?? []);
    if (sent.length === 0 || options.dryRun) return { ...shown(both), dryRun: options.dryRun, sent, unseen: false };
    if (
      sent.filter((update) => 'cancelled' in update).length === both.order.lines.length &&
      !sent.some((update) => 'cartonaId' in update)
    ) {
      throw new CartonaError(
        'refused',
        `${both.odoo.name} has no lines left: cancel the order instead, with \`cartona orders status ${hashedId} cancelled_by_supplier\`.`,
      );
    }
    await send(own, both, sent);
    return { ...(await readBack(own, both)), dryRun: false, sent };
  });
}

function refuseUnlessLegal(row: InboxOrder, order: CartonaOrder, cartona: string): void {
  const refuse = (reason: string): CartonaError =>
    new CartonaError('refused', `The lines of order ${row.hashedId} were not told to Cartona: ${reason}.`);
  if (cartona === 'editing') throw refuse('the retailer is editing the order');
  if (cartona !== 'pending' && cartona !== 'approved' && cartona !== 'assigned_to_salesman')
    throw refuse(`Cartona has it as ${cartona}, which is final`);
  if (order.deliveredBy === 'delivered_by_cartona')
    throw refuse('Cartona delivers this order; the supplier may only cancel it');
}

/** Only what was changed in Odoo is told: what Cartona changed since is settled first. */
function refuseUnlessOdoos({ row, base, order, odoo }: BothSides): void {
  if (odoo.state === 'cancel')
    throw new CartonaError('refused', `${odoo.name} is cancelled in Odoo; \`cartona orders push\` tells that.`);
  if (base && sameAtCartona(base, order)) return;
  throw new CartonaError(
    'refused',
    `Cartona changed the lines of order ${row.hashedId} since Odoo was brought to them; settle that first with \`cartona orders lines ${row.hashedId} --apply\`, or in Odoo.`,
  );
}

async function send(session: Session, { row, odoo, lines }: BothSides, sent: readonly LineUpdate[]): Promise<void> {
  const { cartona, now, store } = session;
  const started = now();
  const to = lines.flatMap((line) => (line.update ? [updateText(line.update, line.product)] : [])).join('; ');
  const audit = (outcome: string, detail?: string): Promise<void> =>
    store.audit.write([
      {
        at: now(),
        actor: ACTOR,
        system: 'cartona',
        action: 'lines',
        record: row.hashedId,
        to,
        outcome,
        durationMs: now() - started,
        detail,
      },
    ]);
  try {
    const outcome = await cartona.updateOrderLines({ hashedId: row.hashedId, lines: sent });
    const reason = outcome.kind === 'refused' ? outcome.reason : undefined;
    await audit(outcome.kind, reason);
    if (reason !== undefined)
      throw new CartonaError('refused', `Cartona did not take the lines of ${odoo.name}: ${reason}.`);
  } catch (error) {
    if (!isCartonaError(error, 'outcome-unknown', 'answer')) throw error;
    await audit('unknown', error.message);
    await receiveOrders(session);
    const seen = await bothSides(session, await findOrder(session, row.hashedId));
    if (seen.lines.some((line) => line.update !== undefined))
      throw new CartonaError(
        'outcome-unknown',
        `It is not known whether Cartona took the lines of ${odoo.name} (${error.message}); run \`cartona orders lines ${row.hashedId}\` in a while, and again with --push if they still differ.`,
      );
  }
}

/** What Cartona made of it, as its list tells; from then on it counts as what Odoo was brought to. */
async function readBack(session: Session, before: BothSides): Promise<LinesShown & { unseen: boolean }> {
  await receiveOrders(session);
  const row = await findOrder(session, before.row.hashedId);
  if (row.version === before.row.version) return { ...shown(before), unseen: true };
  const both = await bothSides(session, row);
  if (both.lines.every((line) => line.update === undefined)) {
    await settleLines(session, both);
    return { ...shown(await bothSides(session, await findOrder(session, row.hashedId))), unseen: false };
  }
  return { ...shown(both), unseen: false };
}

/** Notes that Odoo's lines are what they are to be, and brings over whatever else changed. */
async function settleLines(session: Session, { row }: BothSides): Promise<void> {
  const fields = z.record(z.string(), z.unknown());
  const lines = fields.parse(JSON.parse(row.payload))['order_details'];
  const base = JSON.stringify({ ...fields.parse(JSON.parse(row.appliedPayload ?? row.payload)), order_details: lines });
  await session.store.inbox.update(row.hashedId, { appliedPayload: base });
  await applyOrders(session, [{ ...row, appliedPayload: base }], ACTOR);
}

/** Whose word counts for a line that both sides changed. */
export type Side = 'cartona' | 'odoo';

/** A line that both sides changed, as a person is asked about it. */
export interface LineQuestion {
  readonly line: string;
  readonly cartona: string;
  readonly odoo: string;
}

export interface LinesTaken extends LinesShown {
  /** What was decided, line by line. */
  readonly decided: readonly (LineQuestion & { readonly taken: Side })[];
  /** Why the order still waits. */
  readonly waits: string | undefined;
}

/**
 * Brings the retailer's edits to a quotation line by line where both sides changed it: each such line as `decide` says,
 * all others as the pull does. Where Odoo's word counts, Cartona is to be told afterwards (`pushLines`). While `decide`
 * is waited for, nobody holds the orders' lock: what changed meanwhile is asked anew.
 * @throws CartonaError `refused` where the order is confirmed, or not in Odoo
 */
export async function takeLines(
  session: Session,
  id: string,
  decide: (question: LineQuestion) => Promise<Side>,
): Promise<LinesTaken> {
  const { hashedId } = await findOrder(session, id);
  const answers = new Map<string, Side>();
  for (;;) {
    const attempt = await withOrdersLock(session, (own) => takeAnswered(own, hashedId, answers));
    if (attempt.kind === 'taken') return attempt.taken;
    for (const question of attempt.questions) answers.set(JSON.stringify(question), await decide(question));
  }
}

type TakeAttempt =
  | { readonly kind: 'taken'; readonly taken: LinesTaken }
  | { readonly kind: 'unanswered'; readonly questions: readonly LineQuestion[] };

/** Writes the lines once every question has its answer. */
async function takeAnswered(
  session: Session,
  hashedId: string,
  answers: ReadonlyMap<string, Side>,
): Promise<TakeAttempt> {
  await receiveOrders(session);
  const { row } = await upToDate(session, ACTOR, hashedId);
  const both = await bothSides(session, row);
  const { odoo, order, base } = both;
  const changes = base && sameAtCartona(base, order) ? undefined : mergeLines(both.baseLines, both.named, both.wanted);
  if (changes && !isQuotation(odoo))
    throw new CartonaError(
      'refused',
      `${odoo.name} is no quotation any more: change its lines in Odoo, or tell Cartona Odoo's with --push once they agree.`,
    );
  const questions = (changes?.conflicts ?? []).map((conflict) => {
    const question: LineQuestion = {
      line: lineName(conflict.key, order, base),
      cartona: lineText(conflict.cartona),
      odoo: lineText(conflict.odoo),
    };
    return { question, conflict, taken: answers.get(JSON.stringify(question)) };
  });
  const unanswered = questions.flatMap(({ question, taken }) => (taken === undefined ? [question] : []));
  if (unanswered.length > 0) return { kind: 'unanswered', questions: unanswered };
  const decided = questions.flatMap(({ question, conflict, taken }) =>
    taken === undefined ? [] : [{ ...question, conflict, taken }],
  );
  if (changes) {
    await writeLines(
      { session, actor: ACTOR, terms: both.terms },
      order,
      base,
      odoo,
      withDecisions(changes, decided, both),
    );
    await settleLines(session, both);
  }
  const after = await findOrder(session, hashedId);
  const taken = {
    ...shown(await bothSides(session, after)),
    decided: decided.map(({ conflict: _, ...one }) => one),
    waits: after.reason,
  };
  return { kind: 'taken', taken };
}

function withDecisions(
  changes: LineChanges,
  decided: readonly { taken: Side; conflict: LineConflict }[],
  { named }: BothSides,
): LineChanges {
  const write = [...changes.write];
  const add = [...changes.add];
  const remove = [...changes.remove];
  for (const { conflict } of decided.filter((one) => one.taken === 'cartona')) {
    const { key, cartona } = conflict;
    const is = named.get(key);
    if (is && cartona?.productId === is.productId)
      write.push({ key, id: is.id, quantity: cartona.quantity, priceUnit: cartona.priceUnit });
    else {
      if (is) remove.push({ key, id: is.id });
      if (cartona) add.push({ key, values: cartona satisfies LineValues });
    }
  }
  return { write, add, remove, conflicts: [] };
}

function updateText(update: LineUpdate, product: string): string {
  const what =
    'cancelled' in update
      ? 'cancelled'
      : [
          update.amount === undefined ? [] : `amount ${update.amount}`,
          update.price === undefined ? [] : `price ${update.price}`,
        ]
          .flat()
          .join(', ');
  return `${'id' in update ? `line ${update.id}` : 'new line'} (${product}): ${what}`;
}
