import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ZeroStockLimit } from '../../../../src/lib/live/catalog/zero-stock-limit.js';

const HOUR = 3_600_000;

describe('falls to zero over time', () => {
  it('what is let go within an hour is never more than the bound, in whatever pieces it comes', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 1, max: 100 }),
        fc.array(
          fc.record({ gap: fc.oneof(fc.nat(60_000), fc.nat(HOUR)), falls: fc.array(fc.nat(300), { maxLength: 60 }) }),
          { maxLength: 40 },
        ),
        (size, percent, steps) => {
          const window = new ZeroStockLimit(percent);
          let now = 1_000_000;
          const letGo: { at: number; key: string }[] = [];
          for (const { gap, falls } of steps) {
            now += gap;
            const keys = [...new Set(falls.map(String))];
            if (window.judge(keys, size, now) === undefined) letGo.push(...keys.map((key) => ({ at: now, key })));
            const inHour = new Set(letGo.filter(({ at }) => now - at < HOUR).map(({ key }) => key));
            expect((inHour.size / size) * 100).toBeLessThanOrEqual(percent);
          }
        },
      ),
    ));

  it('the same fall that is judged again, because it could not be sent, counts once', () => {
    const window = new ZeroStockLimit(20);
    const fifteen = Array.from({ length: 15 }, (_, at) => `P${at}`);
    for (let now = 0; now < 5; now += 1) expect(window.judge(fifteen, 100, now)).toBeUndefined();
    expect(window.judge(['Q1', 'Q2', 'Q3', 'Q4', 'Q5'], 100, 6)).toBeUndefined();
    expect(window.judge(['R1'], 100, 7)).toContain('21 products of 100');
    expect(window.judge(['R1'], 100, 5 + HOUR)).toBeUndefined();
  });

  it('what is held does not count, and nothing is no fall', () => {
    const window = new ZeroStockLimit(20);
    expect(
      window.judge(
        Array.from({ length: 21 }, (_, at) => `P${at}`),
        100,
        0,
      ),
    ).toContain('20 %');
    expect(
      window.judge(
        Array.from({ length: 20 }, (_, at) => `Q${at}`),
        100,
        1,
      ),
    ).toBeUndefined();
    expect(window.judge([], 100, 2)).toBeUndefined();
  });
});
