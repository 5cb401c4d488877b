import type { Change } from '../../catalog/difference.js';
import { changePercent, formatAmount } from '../../common/money.js';
import type { CatalogFlow } from '../../store/store.js';
import type { Cell } from './table.js';

/** In place of how far a value moves: Cartona may have changed it since it confirmed it (an order came). */
export const SENT_AGAIN = 'sent again';

export const changeText = (flow: CatalogFlow, value: string): string =>
  flow === 'price' ? formatAmount(value) : value;

/** Signed, in per cent for prices, in units for stock; null where there is nothing to compare with. */
export function changeMoved(flow: CatalogFlow, from: string | undefined, value: string): string | null {
  if (from === undefined) return null;
  if (from === value) return SENT_AGAIN;
  if (flow === 'stock')
    return [value, from].some((one) => Number.isNaN(Number(one))) ? null : signed(String(Number(value) - Number(from)));
  const percent = changePercent(from, value);
  return percent === undefined ? null : `${signed(percent.toFixed(1))} %`;
}

const signed = (value: string): string => (value.startsWith('-') ? value : `+${value}`);

/**
 * How far a value moves, to compare changes by: a price in per cent of the old one (`Infinity` where there is nothing to
 * compare with), stock in units (what is unpublished has none).
 */
function changeSize(flow: CatalogFlow, { from, value }: Pick<Change, 'from' | 'value'>): number {
  if (flow === 'stock') return Math.abs((Number(value) || 0) - (Number(from ?? 0) || 0));
  return (from === undefined ? undefined : changePercent(from, value))?.abs().toNumber() ?? Infinity;
}

/** The order in which a person looks at changes: those that move the value furthest first. */
export const largestFirst = <T extends Pick<Change, 'from' | 'value'>>(flow: CatalogFlow, changes: readonly T[]): T[] =>
  changes
    .map((change) => ({ change, size: changeSize(flow, change) }))
    .sort((a, b) => (a.size === b.size ? 0 : b.size - a.size))
    .map(({ change }) => change);

/** How a change reads in columns: old, new, and how far it moves. */
export const changeCells = (one: { old: string | null; new: string; change: string | null }): Cell[] => [
  one.old ?? '–',
  one.new,
  one.change,
];
