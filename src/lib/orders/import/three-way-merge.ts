import type { LineValues, OdooLine } from '../../odoo/records/sale-orders.js';

/** A line by its external id's name. */
export type Lines = ReadonlyMap<string, LineValues>;

export interface LineConflict {
  readonly key: string;
  /** Absent: the line is not there. */
  readonly odoo: LineValues | undefined;
  readonly cartona: LineValues | undefined;
}

export interface LineChanges {
  readonly write: readonly {
    readonly key: string;
    readonly id: number;
    readonly quantity: string;
    readonly priceUnit: string;
  }[];
  readonly add: readonly { readonly key: string; readonly values: LineValues }[];
  readonly remove: readonly { readonly key: string; readonly id: number }[];
  /** Lines that both sides changed, to different ends. */
  readonly conflicts: readonly LineConflict[];
}

/**
 * Compares three ways, line by line: what was last written (`base`), what Odoo has now, what Cartona says now. A line
 * that Cartona left as it was stays as Odoo has it, whoever changed it there; a line that Cartona changed is brought
 * over unless a person changed it as well. What is equal already is no difference, whoever made it so. Without a base,
 * any difference is a conflict: nobody knows who made it.
 */
export function mergeLines(base: Lines | undefined, odoo: ReadonlyMap<string, OdooLine>, cartona: Lines): LineChanges {
  const write: { key: string; id: number; quantity: string; priceUnit: string }[] = [];
  const add: { key: string; values: LineValues }[] = [];
  const remove: { key: string; id: number }[] = [];
  const conflicts: LineConflict[] = [];
  for (const key of new Set([...cartona.keys(), ...(base?.keys() ?? []), ...(base ? [] : odoo.keys())])) {
    const was = base?.get(key);
    const is = odoo.get(key);
    const wanted = cartona.get(key);
    if (sameLine(is, wanted)) continue;
    if (base && sameLine(was, wanted)) continue;
    if (!base || !sameLine(is, was)) conflicts.push({ key, odoo: is, cartona: wanted });
    else if (is && wanted) {
      // Another product under the same line id is another line: writing it would recompute name and taxes.
      if (is.productId === wanted.productId)
        write.push({ key, id: is.id, quantity: wanted.quantity, priceUnit: wanted.priceUnit });
      else conflicts.push({ key, odoo: is, cartona: wanted });
    } else if (is) remove.push({ key, id: is.id });
    else if (wanted) add.push({ key, values: wanted });
  }
  return { write, add, remove, conflicts };
}

/**
 * The lines of Cartona's that lines without an external id in Odoo are: one that a person added there and Cartona was
 * told of gets no external id any more. It is the line that says the same, or else the only one of its product that was
 * brought over before and is not there under its own name.
 */
export function matchUnnamedLines(
  unnamed: readonly OdooLine[],
  named: ReadonlyMap<string, OdooLine>,
  wanted: Lines,
  base: Lines | undefined,
): Map<string, OdooLine> {
  const adopted = new Map<string, OdooLine>();
  const left = new Set(unnamed);
  const take = (key: string, candidates: readonly OdooLine[]): void => {
    const [line] = candidates;
    if (line === undefined || named.has(key) || adopted.has(key)) return;
    adopted.set(key, line);
    left.delete(line);
  };
  for (const lines of [wanted, base ?? new Map<string, LineValues>()])
    for (const [key, values] of lines)
      take(
        key,
        [...left].filter((line) => sameLine(line, values)),
      );
  for (const [key, values] of base ?? []) {
    const candidates = [...left].filter((line) => line.productId === values.productId);
    if (candidates.length === 1) take(key, candidates);
  }
  return adopted;
}

export function sameLine(a: LineValues | undefined, b: LineValues | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.productId === b.productId && a.quantity === b.quantity && a.priceUnit === b.priceUnit;
}

/** Whether two orders have the same lines, identities aside. */
export function sameContent(a: Iterable<LineValues>, b: Iterable<LineValues>): boolean {
  const sorted = (lines: Iterable<LineValues>): string =>
    [...lines]
      .map((line) => `${line.productId} ${line.quantity} ${line.priceUnit}`)
      .sort()
      .join('\n');
  return sorted(a) === sorted(b);
}
