import { amount, changePercent } from '../common/money.js';
import type { Delivery } from '../store/store.js';

/** What Odoo says a product's value at Cartona should be. Prices in EGP, stock in whole units; canonical decimal text. */
export interface Wanted {
  readonly odooId: number;
  readonly cartonaId: string;
  readonly value: string;
}

/** A wanted value that differs from what Cartona last confirmed (`from`; absent while nothing is known). */
export interface Change extends Wanted {
  readonly from: string | undefined;
}

/**
 * - `equal`: Cartona confirmed just this value
 * - `settle`: the same, but an attempt with another value is still on record as not delivered
 * - `waits`: Cartona rejected just this value before; repeating it is useless until a person acts
 * - `send`: it differs
 */
export type Decision = 'equal' | 'settle' | 'waits' | 'send';

/** @param all send whatever was confirmed or rejected before */
export function decide(wanted: string, known: Delivery | undefined, all: boolean): Decision {
  if (all || known === undefined) return 'send';
  const confirmed = known.delivered === wanted && known.deliveredAt !== undefined;
  if (confirmed) return known.outcome === 'delivered' ? 'equal' : 'settle';
  return known.outcome === 'rejected' && known.wanted === wanted ? 'waits' : 'send';
}

/** A price that moves by more than `percent` of the old one. Without an old price there is nothing to compare with. */
export function isPriceJump(change: Change, percent: number): boolean {
  const moved = change.from === undefined ? undefined : changePercent(change.from, change.value);
  return moved !== undefined && moved.abs().greaterThan(percent);
}

/** Stock that was there at Cartona and would be gone. */
export function isFallToZero(change: Change): boolean {
  return change.from !== undefined && amount(change.from).greaterThan(0) && amount(change.value).isZero();
}

/** Whether so many falls to zero are more than `percent` of the catalogue: a wrong warehouse looks like that, a normal day does not. */
export function tooManyFallsToZero(falls: number, catalogueSize: number, percent: number): boolean {
  return catalogueSize > 0 && (falls / catalogueSize) * 100 > percent;
}
