import { amount, formatAmount } from '../common/money.js';
import type { CatalogFlow, Delivery, Flow, SeenEntry } from '../store/store.js';
import { isPriceJump, type Change } from './difference.js';

/**
 * Why one value waits for a person's yes:
 * - `jump`: it is too far from the old one, or from what others ask where there is none
 * - `default_price`: a first price of exactly 1.00, which Odoo gives every new product, and nothing to compare it with
 * - `unreadable`: what Cartona lists cannot be read, so nobody can compare
 */
export interface Doubt {
  readonly kind: 'jump' | 'default_price' | 'unreadable';
  readonly reason: string;
}

/** An outside field that cannot be read, with the entry that it stands in. */
export interface UnreadableEntry {
  /** Absent where it cannot be told. */
  readonly cartonaId: string | undefined;
  /** The Cartona id, or whatever else names the entry. */
  readonly entry: string;
  readonly field: string;
  readonly value: string;
}

/** The field that stands for an entry that cannot be told from others. */
export const WHOLE_ENTRY = 'entry';

/** The fields of a listing entry that a value of each flow is compared with. */
const COMPARED: Readonly<Record<CatalogFlow, readonly string[]>> = {
  price: ['selling_price', WHOLE_ENTRY],
  stock: ['available_stock_quantity', 'is_published', WHOLE_ENTRY],
};

/** Odoo's price of a product that nobody gave one. */
const ODOO_DEFAULT = '1';

/** The unreadable fields that the values of a flow depend on. */
export const unreadableOf = (flow: Flow, listed: SeenEntry | undefined): SeenEntry['unreadable'] =>
  flow === 'order_state' ? [] : (listed?.unreadable ?? []).filter(({ field }) => COMPARED[flow].includes(field));

/** Whether Cartona's listing hides what a value would be compared with. What was confirmed since counts. */
export function unreadableDoubt(
  flow: CatalogFlow,
  listed: SeenEntry | undefined,
  before: Delivery | undefined,
): Doubt | undefined {
  if (listed === undefined || (before?.deliveredAt ?? -Infinity) > listed.seenAt) return undefined;
  const found = unreadableOf(flow, listed);
  return found.length === 0 ? undefined : unreadable(found);
}

const unreadable = (fields: SeenEntry['unreadable']): Doubt => ({
  kind: 'unreadable',
  reason: `Cartona's listing cannot be read (${fields.map(({ field, value }) => `${field} is ${value}`).join(', ')}), so there is nothing to compare it with`,
});

/** @param percent how far a price may move without a yes */
export function priceDoubt(
  change: Change,
  listed: SeenEntry | undefined,
  before: Delivery | undefined,
  percent: number,
): Doubt | undefined {
  const hidden = unreadableDoubt('price', listed, before);
  if (hidden) return hidden;
  if (isKnown(change.from))
    return isPriceJump(change, percent)
      ? { kind: 'jump', reason: `it would change by more than ${percent} %` }
      : undefined;
  const median = listed?.medianPrice;
  if (isKnown(median))
    return isPriceJump({ ...change, from: median }, percent)
      ? {
          kind: 'jump',
          reason: `it is more than ${percent} % away from what others ask at Cartona (${formatAmount(median)})`,
        }
      : undefined;
  const hiddenMedian = listed?.unreadable.filter(({ field }) => field === 'median_price') ?? [];
  if (hiddenMedian.length > 0) return unreadable(hiddenMedian);
  return change.value === ODOO_DEFAULT
    ? { kind: 'default_price', reason: "its first price would be 1.00, Odoo's price of a product that nobody gave one" }
    : undefined;
}

const isKnown = (price: string | undefined): price is string => price !== undefined && !amount(price).isZero();

/** What a person is asked who lets doubtful values go, in one sentence without a full stop. */
export function summarize(flow: CatalogFlow, doubts: readonly Doubt[], percent: number): string {
  const of = (kind: Doubt['kind']): number => doubts.filter((doubt) => doubt.kind === kind).length;
  const count = (n: number): string =>
    flow === 'price' ? `${n} price${n === 1 ? '' : 's'}` : `the stock of ${n} product${n === 1 ? '' : 's'}`;
  const [jumps, defaults, hidden] = [of('jump'), of('default_price'), of('unreadable')];
  return [
    ...(jumps > 0 ? [`${count(jumps)} would change by more than ${percent} %`] : []),
    ...(defaults > 0 ? [`${count(defaults)} would be 1.00, Odoo's price of a product that nobody gave one`] : []),
    ...(hidden > 0 ? [`${count(hidden)} cannot be compared, because Cartona's listing cannot be read`] : []),
  ].join('; ');
}
