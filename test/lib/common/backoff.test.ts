import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../../src/lib/common/backoff.js';

describe('the wait before another try', () => {
  it('has a bound that doubles with each failure up to the longest', () =>
    expect([0, 1, 2, 3, 5000].map((failures) => backoffMs(failures, 100, 500, 1))).toEqual([100, 200, 400, 500, 500]));

  it('is a random part of its bound, so that many do not return at one moment', () => {
    expect(backoffMs(1, 100, 500, 0)).toBe(0);
    expect(backoffMs(1, 100, 500, 0.25)).toBe(50);
    expect(new Set(Array.from({ length: 50 }, () => backoffMs(1, 100, 500))).size).toBeGreaterThan(10);
  });
});
