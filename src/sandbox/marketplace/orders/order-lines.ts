import { Decimal } from 'decimal.js';
import { makeLine } from '../../supplier/supplier-orders.js';
import type { ApiOrderLine, MarketplaceProduct } from '../../supplier/supplier-types.js';
import type { LineEdit } from './order-schemas.js';
import { Refusal } from '../refusal.js';

/** The product that an edit or a new line names, if the marketplace has it. */
export type FindProduct = (named: {
  supplier_product_id?: string | undefined;
  internal_product_id?: string | undefined;
}) => MarketplaceProduct | undefined;

/**
 * The lines after the edits, all or none: the given lines are left as they are.
 * @param nextLineId gives the id of an added line
 * @throws Refusal when an edit names a line or a product that is not there, or when no line would remain
 */
export function editLines(
  lines: readonly ApiOrderLine[],
  edits: readonly LineEdit[],
  find: FindProduct,
  nextLineId: () => number,
): ApiOrderLine[] {
  let edited = [...lines];
  for (const edit of edits) {
    if (edit.id === undefined) {
      edited.push(addedLine(edit, find, nextLineId));
      continue;
    }
    const line = edited.find((candidate) => candidate.id === edit.id);
    if (line === undefined) throw new Refusal(`the order has no line ${edit.id}`);
    refuseForeignProduct(line, edit);
    edited =
      edit.cancelled === true
        ? edited.filter((candidate) => candidate !== line)
        : edited.map((candidate) => (candidate === line ? changedLine(line, edit) : candidate));
  }
  if (edited.length === 0) throw new Refusal('an order keeps at least one line: cancel the order instead');
  return edited;
}

function changedLine(line: ApiOrderLine, edit: LineEdit): ApiOrderLine {
  return {
    ...line,
    amount: edit.amount ?? line.amount,
    selling_price: edit.price ?? line.selling_price,
    comment: edit.comment === undefined ? line.comment : edit.comment,
  };
}

function addedLine(edit: LineEdit, find: FindProduct, nextLineId: () => number): ApiOrderLine {
  if (edit.cancelled === true) throw new Refusal('a line without an id cannot be cancelled');
  if (edit.amount === undefined) throw new Refusal('an added line needs an amount');
  const product = find(edit);
  if (product === undefined)
    throw new Refusal(
      `an added line needs a known product, not ${edit.supplier_product_id ?? edit.internal_product_id ?? 'none'}`,
    );
  const line = makeLine(product, nextLineId(), edit.amount, false, edit.comment ?? null);
  return edit.price === undefined ? line : { ...line, selling_price: edit.price };
}

function refuseForeignProduct(line: ApiOrderLine, edit: LineEdit): void {
  const { supplier_product_id: id, internal_product_id: internalId } = edit;
  if (
    (id !== undefined && id !== String(line.supplier_product_id)) ||
    (internalId !== undefined && internalId !== line.internal_product_id)
  ) {
    throw new Refusal(`line ${line.id} is of another product; a line's product cannot be changed`);
  }
}

/** What each product's amount grew by from one list of lines to the other, by supplier_product_id. */
export function amountsGrown(before: readonly ApiOrderLine[], after: readonly ApiOrderLine[]): Map<number, number> {
  const grown = new Map<number, number>();
  const add = (line: ApiOrderLine, sign: number): void => {
    const sum = new Decimal(grown.get(line.supplier_product_id) ?? 0).plus(new Decimal(line.amount).times(sign));
    grown.set(line.supplier_product_id, sum.toNumber());
  };
  for (const line of before) add(line, -1);
  for (const line of after) add(line, 1);
  return grown;
}
