import { describe, expect, it } from 'vitest';
import { sweepPeriodMs } from '../../../src/lib/catalog/sweep-period.js';

describe("the sweep's period", () => {
  it('is as set up to its size, then longer in proportion', () => {
    expect([0, 1, 10_000, 20_000, 100_000].map((size) => sweepPeriodMs(10, size))).toEqual([
      600_000, 600_000, 600_000, 1_200_000, 6_000_000,
    ]);
  });
});
