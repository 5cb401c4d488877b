import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, isFallToZero, isPriceJump, tooManyFallsToZero } from '../../../src/lib/catalog/difference.js';
import type { Delivery } from '../../../src/lib/store/store.js';

const known = (delivered: string | undefined, outcome: Delivery['outcome'] = 'delivered', wanted = delivered ?? '1'): Delivery => ({
  key: 'C1', odooId: 1, wanted, delivered, deliveredAt: delivered === undefined ? undefined : 1, outcome, reason: undefined, attempts: 0,
});
const change = (from: string | undefined, value: string) => ({ odooId: 1, cartonaId: 'C1', from, value });

describe('what differs', () => {
  it('sends what was never confirmed, and what is no longer certain', () => {
    expect(decide('5', undefined, false)).toBe('send');
    expect(decide('5', { ...known('5'), deliveredAt: undefined }, false)).toBe('send');
  });

  it('sends nothing that Cartona confirmed', () => expect(decide('5', known('5'), false)).toBe('equal'));

  it('sends a changed value, whatever became of the one before', () => {
    for (const outcome of ['delivered', 'rejected', 'failed'] as const) expect(decide('6', known('5', outcome, '7'), false)).toBe('send');
  });

  it('does not knock again with a value that was rejected, but with one that failed', () => {
    expect(decide('6', known('5', 'rejected', '6'), false)).toBe('waits');
    expect(decide('6', known('5', 'failed', '6'), false)).toBe('send');
  });

  it('forgets a rejection when Odoo goes back to what Cartona has', () => expect(decide('5', known('5', 'rejected', '6'), false)).toBe('settle'));

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
    fc.assert(fc.property(fc.nat(), fc.integer({ min: 1, max: 100 }), (falls, percent) => !tooManyFallsToZero(falls, 0, percent)));
  });
});
