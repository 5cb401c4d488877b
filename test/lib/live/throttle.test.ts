import { describe, expect, it } from 'vitest';
import { Throttle } from '../../../src/lib/live/throttle.js';

describe('a throttle', () => {
  it('lets a thing through again when its time is over, each thing by itself', () => {
    const throttle = new Throttle(100);
    expect([
      throttle.allow('a', 0),
      throttle.allow('a', 99),
      throttle.allow('b', 99),
      throttle.allow('a', 100),
      throttle.allow('a', 150),
    ]).toEqual([true, false, true, true, false]);
  });

  it('lets a thing through after the clock was set back, and throttles it from then on', () => {
    const throttle = new Throttle(100);
    expect([
      throttle.allow('a', 1000),
      throttle.allow('a', 500),
      throttle.allow('a', 599),
      throttle.allow('a', 600),
    ]).toEqual([true, true, false, true]);
  });
});
