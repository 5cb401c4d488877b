import { z } from 'zod';
import type { CartonaOrder } from '../../cartona/schemas.js';
import { namesOf } from '../../odoo/names.js';
import type { Session } from '../../session.js';
import { auditOdoo, type Held, type ImportContext, type ImportItem } from './context.js';
import { lineExternalId } from '../../odoo/records/external-ids.js';
import { findByExternalIds } from '../../odoo/records/external-lookup.js';
import { matchUnnamedLines, mergeLines, sameContent, type LineChanges, type Lines } from './three-way-merge.js';
import { createAbsent } from '../../odoo/records/create-absent.js';
import { writeExisting } from '../../odoo/records/load.js';
import { noteText } from './note.js';
import { readSaleOrders, type SaleOrder, type LineValues, type OdooLine } from '../../odoo/records/sale-orders.js';
import { isOver } from '../order-cycle.js';
import { isQuotation } from '../states/odoo-states.js';
import { wantedLines } from './order-lines.js';
import { addedLineColumns, addedLineRecord, headerOf } from './order-rows.js';
import { orderOf } from '../inbox/payload.js';

/** The order as it stands after its content was brought over, and whether anything was written; or why it waits. */
export type Content = { readonly kind: 'brought'; readonly order: SaleOrder; readonly changed: boolean } | Held;

/**
 * Brings an order's lines and header in Odoo to what Cartona says, by three-way comparison with what was last written.
 * What a person changed in Odoo stays; where both sides changed the same line the order waits, and nothing of it is
 * written.
 */
export async function reconcileContent(context: ImportContext, item: ImportItem, odoo: SaleOrder): Promise<Content> {
  const base = item.created ? item.order : orderOf(item.row.appliedPayload);
  const leaveLines = isOver(item.order.status) || (base && sameAtCartona(base, item.order));
  const compared = leaveLines ? undefined : await lineChanges(context, item.order, base, odoo);
  if (compared?.kind === 'held') return compared;
  const changes = compared?.changes;
  const lines =
    changes && (changes.write.length > 0 || changes.add.length > 0 || changes.remove.length > 0) ? changes : undefined;
  if (changes && changes.conflicts.length > 0) return held(conflictText(odoo, item.order, base, changes));
  if (lines && !isQuotation(odoo))
    return held(
      `${odoo.name} is confirmed in Odoo and Cartona changed it since (${changesText(odoo, item.order, base, lines)}); change it in Odoo to match; the next pull looks again`,
    );
  if (lines) await writeLines(context, item.order, base, odoo, lines);
  const header = base ? await bringHeader(context, base, item.order, odoo) : false;
  if (!lines && !header) return { kind: 'brought', order: odoo, changed: false };
  const after = (await readSaleOrders(context.session.odoo, [odoo.id], context.terms.precision)).get(odoo.id);
  if (!after) return held(`${odoo.name} was deleted in Odoo while it was being changed`);
  const left = lines ? await lineChanges(context, item.order, base, after) : undefined;
  return left && (left.kind === 'held' || !isEmpty(left.changes))
    ? held(
        `${odoo.name} was changed in Odoo but does not read as Cartona's order; compare them with \`cartona orders show ${item.order.hashedId}\``,
      )
    : { kind: 'brought', order: after, changed: true };
}

const held = (reason: string): Held => ({ kind: 'held', reason });

const isEmpty = ({ write, add, remove, conflicts }: LineChanges): boolean =>
  write.length + add.length + remove.length + conflicts.length === 0;

/** Whether Cartona left the lines as they were: then nothing of them is Cartona's to change in Odoo. */
export function sameAtCartona(base: CartonaOrder, order: CartonaOrder): boolean {
  const content = (one: CartonaOrder): string =>
    one.lines
      .map((line) =>
        JSON.stringify([line.id, line.internalProductId, line.supplierProductId, line.amount, line.sellingPrice]),
      )
      .sort()
      .join('\n');
  return content(base) === content(order);
}

async function lineChanges(
  context: ImportContext,
  order: CartonaOrder,
  base: CartonaOrder | undefined,
  odoo: SaleOrder,
): Promise<{ readonly kind: 'changes'; readonly changes: LineChanges } | Held> {
  const { terms } = context;
  const wanted = wantedLines(order, terms);
  if (wanted.kind === 'held') return wanted;
  if (sameContent(odoo.lines, wanted.lines.values()))
    return { kind: 'changes', changes: { write: [], add: [], remove: [], conflicts: [] } };
  const before = base && wantedLines(base, terms);
  const baseLines = before?.kind === 'lines' ? before.lines : undefined;
  const named = await namedLines(context.session, odoo, wanted.lines, baseLines);
  return { kind: 'changes', changes: mergeLines(baseLines, named, wanted.lines) };
}

/**
 * Odoo's lines by their external ids. A line that a person added has none and is theirs, unless it is the one that
 * Cartona was told of (`adopt`).
 */
export async function namedLines(
  session: Session,
  odoo: SaleOrder,
  wanted: Lines,
  base: Lines | undefined,
): Promise<Map<string, OdooLine>> {
  const names = [...new Set([...wanted.keys(), ...(base?.keys() ?? [])])];
  const ids = await findByExternalIds(
    session.odoo,
    'sale.order.line',
    odoo.lines.map((line) => line.id),
    names,
  );
  const byId = new Map(odoo.lines.map((line) => [line.id, line]));
  const named = new Map(
    [...ids].flatMap(([name, id]) => {
      const line = byId.get(id);
      return line ? [[name, line] as const] : [];
    }),
  );
  const taken = new Set([...named.values()].map((line) => line.id));
  return new Map([
    ...named,
    ...matchUnnamedLines(
      odoo.lines.filter((line) => !taken.has(line.id)),
      named,
      wanted,
      base,
    ),
  ]);
}

export async function writeLines(
  context: ImportContext,
  order: CartonaOrder,
  base: CartonaOrder | undefined,
  odoo: SaleOrder,
  changes: LineChanges,
): Promise<void> {
  const { session, terms } = context;
  // First, for another product may follow under the same line's id.
  if (changes.remove.length > 0)
    await session.odoo.call('sale.order.line', 'unlink', { ids: changes.remove.map((line) => line.id) }, z.unknown());
  // Quantity and price together: a quantity alone makes Odoo take the price from its pricelist.
  const cells = changes.write.map((line) => [String(line.id), line.quantity, line.priceUnit]);
  if (cells.length > 0)
    await writeExisting(session.odoo, 'sale.order.line', ['.id', 'product_uom_qty', 'price_unit'], cells);
  const added = changes.add.map(({ key, values }) => addedLineRecord(odoo.id, key, values, terms.taxes));
  const columns = addedLineColumns(namesOf(session.odoo.major), terms.taxes);
  await createAbsent(session.odoo, 'sale.order.line', columns, added, session.signal);
  await auditOdoo(context, order.hashedId, 'change lines', {
    to: changesText(odoo, order, base, changes),
    outcome: 'done',
  });
}

/** Writes the note and the delivery day where Cartona changed them and no person did. */
async function bringHeader(
  context: ImportContext,
  base: CartonaOrder,
  order: CartonaOrder,
  odoo: SaleOrder,
): Promise<boolean> {
  if (odoo.state === 'cancel' || odoo.locked) return false;
  const was = headerOf(base);
  const wanted = headerOf(order);
  const cells: [field: string, value: string][] = [];
  if (was.note !== wanted.note && noteText(odoo.note) === noteText(was.note)) cells.push(['note', wanted.note]);
  if (was.commitmentDate !== wanted.commitmentDate && odoo.commitmentDate === was.commitmentDate)
    cells.push(['commitment_date', wanted.commitmentDate ?? '']);
  if (cells.length === 0) return false;
  await writeExisting(
    context.session.odoo,
    'sale.order',
    ['.id', ...cells.map(([field]) => field)],
    [[String(odoo.id), ...cells.map(([, value]) => value)]],
  );
  await auditOdoo(context, order.hashedId, 'change order', {
    to: cells.map(([field]) => field).join(', '),
    outcome: 'done',
  });
  return true;
}

function conflictText(
  odoo: SaleOrder,
  order: CartonaOrder,
  base: CartonaOrder | undefined,
  changes: LineChanges,
): string {
  const lines = changes.conflicts.map(
    ({ key, odoo: is, cartona }) => `${lineName(key, order, base)}: Odoo ${lineText(is)}, Cartona ${lineText(cartona)}`,
  );
  const who = base
    ? `${odoo.name} was changed in Odoo and at Cartona`
    : `${odoo.name} in Odoo is not as Cartona has it, and it is not known who changed it`;
  return `${who} (${lines.join('; ')}); change it in Odoo to match Cartona, or settle it with the retailer; the next pull looks again`;
}

function changesText(
  odoo: SaleOrder,
  order: CartonaOrder,
  base: CartonaOrder | undefined,
  changes: LineChanges,
): string {
  const byId = new Map(odoo.lines.map((line) => [line.id, line]));
  return [
    ...changes.write.map(
      (line) => `${lineName(line.key, order, base)} from ${lineText(byId.get(line.id))} to ${lineText(line)}`,
    ),
    ...changes.add.map(({ key, values }) => `${lineName(key, order, base)} added with ${lineText(values)}`),
    ...changes.remove.map(({ key, id }) => `${lineName(key, order, base)} of ${lineText(byId.get(id))} taken off`),
  ].join('; ');
}

export const lineText = (line: Pick<LineValues, 'quantity' | 'priceUnit'> | undefined): string =>
  line ? `${line.quantity} × ${line.priceUnit}` : 'nothing';

/** A line as a person knows it, from the version that has it. */
export function lineName(key: string, ...versions: readonly (CartonaOrder | undefined)[]): string {
  const line = versions.flatMap(
    (version) => version?.lines.filter((one) => lineExternalId(version.hashedId, one.id) === key) ?? [],
  )[0];
  return line ? `line ${line.id} (${line.productName || 'no name'})` : 'a line';
}
