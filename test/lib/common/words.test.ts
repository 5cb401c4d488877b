import { describe, expect, it } from 'vitest';
import { duration } from '../../../src/lib/common/words.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('a length of time in words', () => {
  it.each([
    [2400, '2 s'],
    [62 * MINUTE, '1 h 2 min'],
    [HOUR, '1 h'],
    [HOUR + 5000, '1 h'],
    [59.6 * 1000, '1 min'],
    [90_000, '1 min 30 s'],
    [365 * 24 * HOUR, '365 d'],
    [25 * HOUR, '1 d 1 h'],
    [0, '0 s'],
  ])('%i ms is %s', (ms, shown) => {
    expect(duration(ms)).toBe(shown);
  });
});
