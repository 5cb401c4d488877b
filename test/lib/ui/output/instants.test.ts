import { describe, expect, it } from 'vitest';
import { durationOf, instantOf } from '../../../../src/lib/ui/output/instants.js';

const NOW = Date.UTC(2026, 2, 10, 12);

describe('lengths of time', () => {
  it.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['2h', 7_200_000],
    ['1.5h', 5_400_000],
    ['3d', 259_200_000],
    ['1w', 604_800_000],
  ])('%s', (text, ms) => {
    expect(durationOf(text)).toBe(ms);
  });
  it.each(['', '2', 'h', '2 hours', '-1h', '1y', '1.2.3h'])('%j is none', (text) => {
    expect(() => durationOf(text)).toThrow(expect.objectContaining({ kind: 'usage' }));
  });
});

describe('instants', () => {
  it.each<[string, number]>([
    ['2h', NOW - 7_200_000],
    ['2026-03-01T10:00:00Z', Date.UTC(2026, 2, 1, 10)],
    ['2026-03-01T10:00:00+02:00', Date.UTC(2026, 2, 1, 8)],
    ['2026-03-01', new Date(2026, 2, 1).getTime()],
    ['2026-03-01 14:30', new Date(2026, 2, 1, 14, 30).getTime()],
  ])('%s', (text, at) => {
    expect(instantOf(text, NOW)).toBe(at);
  });
  it.each(['yesterday', '2026-13-01', '01/03/2026', '5'])('%j is none', (text) => {
    expect(() => instantOf(text, NOW)).toThrow(expect.objectContaining({ kind: 'usage' }));
  });
});
