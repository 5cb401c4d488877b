import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClockWatch } from '../../../src/lib/live/clock.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('the watch over the clock', () => {
  it('tells a step once, with its length, however long the looks are apart; and time that passes, drift and small steps never', () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            passed: fc.nat(10 * MINUTE),
            step: fc.oneof(
              fc.constant(0),
              fc.integer({ min: -2000, max: 2000 }),
              fc.integer({ min: -400 * 24 * HOUR, max: 400 * 24 * HOUR }),
            ),
          }),
          { minLength: 1 },
        ),
        (looks) => {
          let [wall, monotonic] = [Date.UTC(2026, 10, 23), 12_345.5];
          const watch = new ClockWatch(wall, monotonic);
          for (const { passed, step } of looks) {
            monotonic += passed;
            wall += passed + step;
            expect(watch.look(wall, monotonic)).toBeCloseTo(Math.abs(step) > 2000 ? step : 0, 3);
          }
        },
      ),
    ));
});
