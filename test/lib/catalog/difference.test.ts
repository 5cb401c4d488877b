import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  batchSizeAfter,
  decide,
  isFallToZero,
  isPriceJump,
  retryAt,
  tooManyFallsToZero,
  UNPUBLISHED,
} from '../../../src/lib/catalog/difference.js';
import type { Delivery } from '../../../src/lib/store/store.js';

const known = (
  delivered: string | undefined,
  outcome: Delivery['outcome'] = 'delivered',
  wanted = delivered ?? '1',
): Delivery => ({
  key: 'C1',
  odooId: 1,
  wanted,
  delivered,
  deliveredAt: delivered === undefined ? undefined : 1,
  outcome,
  reason: undefined,
  attempts: 0,
  attemptedAt: undefined,
  failingSince: undefined,
  dueAt: undefined,
  approved: undefined,
});
const change = (from: string | undefined, value: string) => ({ odooId: 1, cartonaId: 'C1', from, value });

describe('what differs', () => {
  it('sends what was never confirmed, and what is no longer certain', () => {
    expect(decide('5', undefined, false)).toBe('send');
    expect(decide('5', { ...known('5'), deliveredAt: undefined }, false)).toBe('send');
  });

  it('sends nothing that Cartona confirmed', () => expect(decide('5', known('5'), false)).toBe('equal'));

  it('sends a changed value, whatever became of the one before', () => {
    for (const outcome of ['delivered', 'rejected', 'failed'] as const)
      expect(decide('6', known('5', outcome, '7'), false)).toBe('send');
  });

  it('does not knock again with a value that was rejected, but with one that failed', () => {
    expect(decide('6', known('5', 'rejected', '6'), false)).toBe('waits');
    expect(decide('6', known('5', 'failed', '6'), false)).toBe('send');
  });

  it('forgets a rejection when Odoo goes back to what Cartona has', () =>
    expect(decide('5', known('5', 'rejected', '6'), false)).toBe('resolve'));

  it('sends everything when told to', () => {
    expect(decide('5', known('5'), true)).toBe('send');
    expect(decide('6', known('5', 'rejected', '6'), true)).toBe('send');
  });
});

describe('the brake', () => {
  it('takes a price beyond the bound for a jump, in either direction, and one at the bound not', () => {
    expect(isPriceJump(change('10', '15'), 50)).toBe(false);
    expect(isPriceJump(change('10', '15.01'), 50)).toBe(true);
    expect(isPriceJump(change('10', '4.99'), 50)).toBe(true);
    expect(isPriceJump(change(undefined, '1000'), 50)).toBe(false);
  });

  it('counts only real falls to zero', () => {
    expect(isFallToZero(change('3', '0'))).toBe(true);
    expect(isFallToZero(change('0', '0'))).toBe(false);
    expect(isFallToZero(change(undefined, '0'))).toBe(false);
    expect(isFallToZero(change('3', '1'))).toBe(false);
  });

  it('brakes above the share, never in an empty catalogue', () => {
    expect(tooManyFallsToZero(20, 100, 20)).toBe(false);
    expect(tooManyFallsToZero(21, 100, 20)).toBe(true);
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 100 }),
        (falls, percent) => !tooManyFallsToZero(falls, 0, percent),
      ),
    );
  });
});

describe('when a failed value is tried again', () => {
  it('is later with every failure, a random part of a bound that ends growing', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempts, random) => {
        const at = retryAt(attempts, undefined, 1000, 24, random) ?? 0;
        expect(at).toBeGreaterThanOrEqual(1000);
        expect(at - 1000).toBeLessThanOrEqual(Math.min(15 * 60_000, 5000 * 2 ** attempts));
      }),
    );
  });

  it('is never, once it failed often and for longer than the set time', () => {
    const hours = 3_600_000;
    expect(retryAt(7, 0, 25 * hours, 24, 0.5)).toBeUndefined();
    expect(retryAt(6, 0, 25 * hours, 24, 0.5)).toBeDefined();
    expect(retryAt(7, 0, 23 * hours, 24, 0.5)).toBeDefined();
    expect(retryAt(7, undefined, 25 * hours, 24, 0.5)).toBeDefined();
  });

  it('goes with fewer others each time, until it stands alone', () => {
    expect([0, 1, 2, 3, 4, 9].map((attempts) => batchSizeAfter(attempts, 100))).toEqual([100, 25, 6, 1, 1, 1]);
  });
});

describe('a product that is off the marketplace', () => {
  it('is a fall to zero like any other, and no fall where there was nothing', () => {
    expect(isFallToZero(change('5', UNPUBLISHED))).toBe(true);
    expect(isFallToZero(change('0', UNPUBLISHED))).toBe(false);
    expect(isFallToZero(change(UNPUBLISHED, '0'))).toBe(false);
  });
});
