import { backoffMs } from '../common/backoff.js';
import { changePercent } from '../common/money.js';
import type { Delivery, DeliveryOutcome } from '../store/store.js';

/**
 * What Odoo says a product's value at Cartona should be. Prices in EGP, stock in whole units or `UNPUBLISHED`;
 * canonical decimal text.
 */
export interface WantedValue {
  readonly odooId: number;
  readonly cartonaId: string;
  readonly value: string;
}

/** A wanted value that differs from what Cartona last confirmed (`from`; absent while nothing is known). */
export interface Change extends WantedValue {
  readonly from: string | undefined;
}

/**
 * - `equal`: Cartona confirmed just this value
 * - `resolve`: the same, but an attempt with another value is still on record as not delivered
 * - `waits`: just this value was rejected, given up or discarded before; repeating it is useless until a person acts
 * - `send`: it differs
 */
export type Decision = 'equal' | 'resolve' | 'waits' | 'send';

/** Outcomes after which the same value is not sent again by itself. */
const FOR_A_PERSON: ReadonlySet<DeliveryOutcome> = new Set(['rejected', 'given_up', 'discarded']);

/** @param all send whatever was confirmed or rejected before */
export function decide(wanted: string, known: Delivery | undefined, all: boolean): Decision {
  if (all || known === undefined) return 'send';
  const confirmed = known.delivered === wanted && known.deliveredAt !== undefined;
  if (confirmed) return known.outcome === 'delivered' ? 'equal' : 'resolve';
  return known.wanted === wanted && FOR_A_PERSON.has(known.outcome) ? 'waits' : 'send';
}

const FIRST_BACKOFF_MS = 5000;
/** Nothing waits longer for its next attempt, nor is it under way for so long. */
export const LONGEST_BACKOFF_MS = 15 * 60_000;
/**
 * What failed less often than this is not given up, however long ago it began: the other side may just have been away.
 */
const LEAST_ATTEMPTS = 8;

/**
 * When a value whose attempt failed is tried again: exponential backoff with full jitter.
 * @param attempts failed ones before this one
 * @param failingSince UTC ms; absent when this is the first
 * @param random from 0 up to 1
 * @returns UTC ms, or `undefined` when its time is over and it is given up
 */
export function retryAt(
  attempts: number,
  failingSince: number | undefined,
  now: number,
  retryHours: number,
  random: number,
): number | undefined {
  if (failingSince !== undefined && attempts + 1 >= LEAST_ATTEMPTS && now - failingSince > retryHours * 3_600_000)
    return undefined;
  return now + Math.round(backoffMs(attempts, FIRST_BACKOFF_MS, LONGEST_BACKOFF_MS, random));
}

/**
 * How many values that failed so often go together: halved twice with each failure, so that one which makes every batch
 * fail soon stands alone.
 */
export const batchSizeAfter = (attempts: number, batch: number): number =>
  Math.max(1, Math.floor(batch / 4 ** attempts));

/** A price that moves by more than `percent` of the old one. Without an old price there is nothing to compare with. */
export function isPriceJump(change: Change, percent: number): boolean {
  const moved = change.from === undefined ? undefined : changePercent(change.from, change.value);
  return moved !== undefined && moved.abs().greaterThan(percent);
}

/** In place of a stock figure: the product is taken off the marketplace. */
export const UNPUBLISHED = 'unpublished';

/** Units that a stock value lets retailers order. */
export const unitsOf = (stock: string): number => (stock === UNPUBLISHED ? 0 : Number(stock));

/** Stock that was there at Cartona and would be gone. */
export function isFallToZero(change: Change): boolean {
  return change.from !== undefined && unitsOf(change.from) > 0 && unitsOf(change.value) === 0;
}

/**
 * Whether so many falls to zero are more than `percent` of the catalogue: a wrong warehouse looks like that, a normal
 * day does not.
 */
export function tooManyFallsToZero(falls: number, catalogueSize: number, percent: number): boolean {
  return catalogueSize > 0 && (falls / catalogueSize) * 100 > percent;
}
