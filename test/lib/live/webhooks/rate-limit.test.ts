import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RateLimit } from '../../../../src/lib/live/webhooks/rate-limit.js';

describe('the limit of an address', () => {
  it("never lets more through than the rate, beyond one second's worth at once", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 50, noNaN: true }),
        fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 }),
        (perSecond, gaps) => {
          const limit = new RateLimit(perSecond);
          let now = 0;
          let passed = 0;
          for (const gap of gaps) {
            now += gap;
            if (limit.take('a', now) === 0) passed += 1;
            expect(passed).toBeLessThanOrEqual(Math.max(1, perSecond) + (now / 1000) * perSecond + 1e-6);
          }
        },
      ),
    );
  });

  it('lets pass whoever comes again when it was told to', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 50, noNaN: true }), (perSecond) => {
        const limit = new RateLimit(perSecond);
        let wait = 0;
        while (wait === 0) wait = limit.take('a', 1000);
        expect(limit.take('a', 1000 + wait * 1000)).toBe(0);
      }),
    );
  });

  it('holds for each address alone, for IPv6 for each network; 0 is no limit', () => {
    const limit = new RateLimit(1);
    expect([limit.take('192.0.2.1', 0), limit.take('192.0.2.1', 0), limit.take('192.0.2.2', 0)]).toEqual([0, 1, 0]);
    expect([
      limit.take('2001:db8:1:2::1', 0),
      limit.take('2001:db8:1:2::9', 0),
      limit.take('2001:db8:1:3::1', 0),
    ]).toEqual([0, 1, 0]);
    expect([limit.take('::ffff:192.0.2.7', 0), limit.take('::ffff:192.0.2.8', 0)]).toEqual([0, 0]);
    const none = new RateLimit(0);
    for (let time = 0; time < 1000; time += 1) expect(none.take('a', 0)).toBe(0);
  });

  it('a clock that is set back locks nobody out, and a flood of addresses fills no memory', () => {
    const limit = new RateLimit(1);
    limit.take('a', 10_000_000);
    expect(limit.take('a', 0)).toBe(1);
    expect(limit.take('a', 1000)).toBe(0);
    for (let at = 0; at < 50_000; at += 1) limit.take(`192.0.2.${at}`, 2000);
    expect(limit.addresses).toBeLessThanOrEqual(10_000);
  });
});
