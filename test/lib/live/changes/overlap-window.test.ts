import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OdooClient } from '../../../../src/lib/odoo/client.js';
import { ChangePoller } from '../../../../src/lib/live/changes/change-poller.js';
import { clockSkew, pollDelay, OverlapWindow, windowStart } from '../../../../src/lib/live/changes/overlap-window.js';
import type { Session } from '../../../../src/lib/session.js';
import { profileSchema } from '../../../../src/lib/settings/profile.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** Far enough from 0 that no window begins before it. */
const BEGIN = Date.UTC(2026, 10, 23, 4, 0, 0, 345);
const PROFILE = profileSchema.parse({
  cartona: { url: 'http://c.example', dialect: 'base-product' },
  odoo: {
    url: 'http://o.example',
    db: 'd',
    login: 'l',
    uid: 2,
    version: { major: 18, text: '18.0' },
    protocol: 'json-rpc',
    company: { id: 1, name: 'C' },
    idField: { model: 'product.product', name: 'x_cartona_id' },
  },
});

/** A transaction: dated with its beginning by Odoo's clock, seen by others from its commit on. */
interface Transaction {
  readonly ids: readonly number[];
  readonly start: number;
  readonly commit: number;
}

interface Look {
  readonly id: number;
  readonly at: number;
  readonly kind: 'now' | 'recheck';
}

/** Polls a history of transactions at the given times with Odoo's clock that far ahead; gives what was looked at. */
async function looksAt(history: readonly Transaction[], pollTimes: readonly number[], aheadMs = 0): Promise<Look[]> {
  let now = BEGIN;
  const call = async (model: string, method: string, args: Record<string, unknown>): Promise<unknown> => {
    if (method === 'default_get')
      return { date_order: new Date(now + aheadMs).toISOString().slice(0, 19).replace('T', ' ') };
    const terms = (args['domain'] as unknown[]).filter((term) => Array.isArray(term)) as [string, string, string][];
    if (!terms.some(([path]) => path === 'stock_quant_ids.write_date') && model !== 'stock.move') return [];
    const since = Date.parse(`${terms[0]?.[2].replace(' ', 'T') ?? ''}Z`);
    const seen = history.filter(({ start, commit }) => commit <= now && start + aheadMs >= since);
    if (model === 'stock.move') {
      const dateOf = ({ start }: Transaction): string =>
        new Date(start + aheadMs).toISOString().slice(0, 19).replace('T', ' ');
      return seen.map((one) => ({
        state: 'done',
        ids: one.ids,
        dates: Array<string>(one.ids.length).fill(dateOf(one)),
      }));
    }
    return [...new Set(seen.flatMap(({ ids }) => ids))];
  };
  const odoo = { major: 18, url: '', call: call as OdooClient['call'] };
  const looks: Look[] = [];
  const tail = new ChangePoller({ now: () => now, profile: PROFILE, odoo } as unknown as Session, (watched, looked) => {
    expect(watched).toBe('stock');
    for (const kind of ['now', 'recheck'] as const) looks.push(...looked[kind].map((id) => ({ id, at: now, kind })));
  });
  for (const at of pollTimes) {
    now = at;
    await tail.poll();
  }
  return looks;
}

const every = (ms: number, from: number, until: number): number[] =>
  Array.from({ length: Math.floor((until - from) / ms) }, (_, at) => from + (at + 1) * ms);

/** Poll times with gaps of any length, then polls beyond the last commit, and a quiet while that outlasts every window. */
const withQuiet = (gaps: readonly number[], history: readonly Transaction[]): number[] => {
  const times: number[] = [];
  let at = BEGIN;
  for (const gap of gaps) times.push((at += gap));
  const busy = Math.max(at, ...history.map(({ commit }) => commit)) + 20 * SECOND;
  return [...times, ...every(1500, at, busy), ...every(10 * SECOND, busy, busy + 6 * MINUTE)];
};

const gaps = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 80, max: 2500 }) },
    { weight: 1, arbitrary: fc.integer({ min: 2500, max: 40_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: MINUTE, max: 8 * MINUTE }) },
  ),
  { maxLength: 40 },
);
const duration = fc.oneof(
  fc.integer({ min: 0, max: 900 }),
  fc.integer({ min: 0, max: 8 * SECOND }),
  fc.integer({ min: 0, max: 4 * MINUTE }),
);
const transaction = fc.record({
  id: fc.integer({ min: 1, max: 5 }),
  after: fc.integer({ min: 0, max: 5 * MINUTE }),
  duration,
});
const ahead = fc.integer({ min: -5000, max: 5000 });

/** One record's transactions come one after the other, as its lock makes them. */
function sequential(drawn: readonly { id: number; after: number; duration: number }[]): Transaction[] {
  const free = new Map<number, number>();
  return drawn.map(({ id, after, duration }) => {
    const start = Math.max(BEGIN + after, free.get(id) ?? 0);
    // Odoo tells dates to the second: two of one second are one to whoever asks for dates.
    free.set(id, start + duration + 1000);
    return { ids: [id], start, commit: start + duration };
  });
}

describe('what polls look at', () => {
  it("a change of a short transaction is looked at by the first poll after its commit, however seldom polls come and whatever Odoo's clock says", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(transaction, { minLength: 1, maxLength: 12 }),
        gaps,
        ahead,
        async (drawn, between, aheadMs) => {
          const history = sequential(drawn);
          const polls = withQuiet(between, history);
          const looks = await looksAt(history, polls, aheadMs);
          for (const {
            ids: [id],
            start,
            commit,
          } of history) {
            if (commit - start > 8 * SECOND) continue;
            const first = polls.find((at) => at >= commit);
            expect(looks.filter((look) => look.id === id && look.at === first)).not.toEqual([]);
          }
        },
      ),
      { numRuns: 60 },
    ));

  it("a change of a transaction of up to minutes is looked at within two seconds' polls, whatever has touched the record before", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(transaction, { minLength: 1, maxLength: 8 }),
        gaps,
        ahead,
        async (drawn, between, aheadMs) => {
          const history = sequential(drawn);
          const polls = withQuiet(between, history);
          const looks = await looksAt(history, polls, aheadMs);
          for (const {
            ids: [id],
            commit,
          } of history) {
            const within = polls.find((at) => at >= commit + 2 * SECOND) ?? 0;
            expect(looks.some((look) => look.id === id && look.at >= commit && look.at <= within)).toBe(true);
          }
        },
      ),
      { numRuns: 60 },
    ));

  it('no change is missed for good, mass changes among them: every record is looked at after its last commit', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ of: transaction, mass: fc.boolean() }), { minLength: 1, maxLength: 10 }),
        gaps,
        ahead,
        async (drawn, between, aheadMs) => {
          // All of them hold record 1, so that its changes hide behind each other.
          const history = sequential(drawn.map(({ of, mass }) => (mass ? { ...of, id: 1 } : of))).map((one, at) =>
            drawn[at]?.mass ? { ...one, ids: Array.from({ length: 400 }, (_, id) => id + 1) } : one,
          );
          const looks = await looksAt(history, withQuiet(between, history), aheadMs);
          const last = new Map<number, number>();
          for (const look of looks) last.set(look.id, Math.max(look.at, last.get(look.id) ?? 0));
          for (const { ids, commit } of history) expect(ids.filter((id) => (last.get(id) ?? 0) < commit)).toEqual([]);
        },
      ),
      { numRuns: 40 },
    ));

  it('a mass change is not looked at as a whole at each poll, and what changes beside it is', async () => {
    const mass = { ids: Array.from({ length: 5000 }, (_, at) => at + 1), start: BEGIN + 1000, commit: BEGIN + 3000 };
    const other = { ids: [9999], start: BEGIN + 6000, commit: BEGIN + 6001 };
    const polls = every(500, BEGIN, BEGIN + 6 * MINUTE);
    // Whether something was written in the minutes before makes the first look another one.
    for (const before of [[], [{ ids: [8888], start: BEGIN + 100, commit: BEGIN + 101 }]]) {
      const firstLooks = (
        await looksAt(
          [...before, mass],
          polls.filter((at) => at < BEGIN + 9000),
        )
      ).filter(({ id }) => id === 17);
      expect(firstLooks.map(({ at, kind }) => [at - BEGIN, kind])).toEqual([[3000, 'now']]);
    }
    const looks = await looksAt([mass, other], polls);
    const of = (kind: Look['kind']): number[] => [
      ...new Set(looks.filter((look) => look.kind === kind && look.id === 17).map((look) => look.at - BEGIN)),
    ];
    expect(of('now')).toEqual([3000]);
    // Once when it leaves the seconds, once when it leaves the minutes.
    expect(of('recheck')).toHaveLength(2);
    expect(looks.filter(({ id, at }) => id === 9999 && at === BEGIN + 6500)).not.toEqual([]);
    // From then on nothing is left to look at.
    expect(looks.filter(({ at }) => at > BEGIN + 5 * MINUTE + 10 * SECOND)).toEqual([]);
  });

  it('a single change is looked at for some seconds, then once more as it leaves either window, and never after', async () => {
    const looks = await looksAt(
      [{ ids: [1], start: BEGIN + 1000, commit: BEGIN + 1001 }],
      every(500, BEGIN, BEGIN + 10 * MINUTE),
    );
    expect(Math.max(...looks.filter(({ kind }) => kind === 'now').map(({ at }) => at - BEGIN))).toBeLessThan(14_000);
    expect(looks.filter(({ kind }) => kind === 'recheck')).toHaveLength(2);
  });

  it('what was written before the listener began, and was open then, is looked at when it is committed', async () => {
    const looks = await looksAt(
      [{ ids: [1], start: BEGIN - 3 * MINUTE, commit: BEGIN + MINUTE }],
      every(1000, BEGIN, BEGIN + 2 * MINUTE),
    );
    expect(looks[0]).toMatchObject({ id: 1, kind: 'now' });
    expect(looks[0]?.at).toBeLessThanOrEqual(BEGIN + MINUTE + 2000);
  });
});

describe('a window', () => {
  it('shows a few records anew each time and of many only what appears, and each once more when it leaves', () => {
    const window = new OverlapWindow(2);
    expect(window.recent([1, 2])).toEqual({ now: [1, 2], recheck: [] });
    expect(window.recent([1, 2])).toEqual({ now: [1, 2], recheck: [] });
    expect(window.recent([1, 2, 3])).toEqual({ now: [3], recheck: [] });
    expect(window.recent([2, 3, 4])).toEqual({ now: [4], recheck: [1] });
    expect(window.recent([])).toEqual({ now: [], recheck: [2, 3, 4] });
    expect(window.recent([])).toEqual({ now: [], recheck: [] });
  });

  const dates = (...pairs: [number, string][]): Map<number, string> => new Map(pairs);
  const at = (...ids: number[]): Map<number, string> => new Map(ids.map((id) => [id, '10:00']));

  it('of the last minutes shows what has just appeared, and is empty when nothing was written', () => {
    const window = new OverlapWindow(2);
    expect(window.isEmpty).toBe(true);
    expect(window.late(at(1))).toEqual({ now: [1], recheck: [] });
    expect(window.isEmpty).toBe(false);
    expect(window.late(at(1, 2))).toEqual({ now: [2], recheck: [] });
    expect(window.late(at(2))).toEqual({ now: [], recheck: [1] });
    expect(window.late(at())).toEqual({ now: [], recheck: [2] });
    expect(window.isEmpty).toBe(true);
  });

  it('tells of the same records written once more by a transaction that took long', () => {
    const window = new OverlapWindow(300);
    expect(window.late(at(1, 2)).now).toEqual([1, 2]);
    expect(window.late(dates([1, '10:00'], [2, '10:01'])).now).toEqual([2]);
    // Shown before for a reason without a date of its own.
    expect(window.late(dates([2, '10:01'], [3, ''])).now).toEqual([3]);
    expect(window.late(dates([2, '10:01'], [3, '10:02'])).now).toEqual([3]);
  });

  it('tells many records once, whichever look sees them first', () => {
    const window = new OverlapWindow(1);
    expect(window.recent([1, 2]).now).toEqual([1, 2]);
    expect(window.late(at(1, 2, 3)).now).toEqual([3]);
    expect(window.recent([1, 2, 3]).now).toEqual([]);
    expect(window.late(dates([1, '10:01'], [2, '10:00'], [3, '10:00'])).now).toEqual([1]);
    expect(window.recent([1, 2, 3, 4]).now).toEqual([4]);
  });
});

describe('where a window begins', () => {
  it("is a whole second, at least the overlap before the last poll by Odoo's clock, and less than a second more", () =>
    fc.assert(
      fc.property(
        fc.integer({ min: BEGIN, max: BEGIN + 1e9 }),
        fc.integer({ min: -3_600_000, max: 3_600_000 }),
        fc.integer({ min: 0, max: 300_000 }),
        (at, aheadMs, overlap) => {
          const start = windowStart(at, { aheadMs }, overlap).getTime();
          expect(start % 1000).toBe(0);
          const back = at + aheadMs - start;
          expect(back).toBeGreaterThanOrEqual(overlap);
          expect(back).toBeLessThan(overlap + 1000);
        },
      ),
    ));

  it("knows Odoo's clock to half a second and half the time of the question", () =>
    fc.assert(
      fc.property(
        fc.integer({ min: BEGIN, max: BEGIN + 1e9 }),
        fc.integer({ min: -1e7, max: 1e7 }),
        fc.nat(3000),
        fc.nat(3000),
        (asked, aheadMs, way, back) => {
          const said = Math.floor((asked + way + aheadMs) / 1000) * 1000;
          const found = clockSkew(said, asked, asked + way + back).aheadMs;
          expect(Math.abs(found - aheadMs)).toBeLessThanOrEqual(500 + (way + back) / 2);
        },
      ),
    ));
});

describe('the pause between two polls', () => {
  const settings = { pollMs: 500, idlePollMs: 1500 };

  it('is short while things change, longer when nothing does', () => {
    expect(pollDelay(settings, 0, 20, 20)).toBe(480);
    expect(pollDelay(settings, 29_999, 20, 20)).toBe(480);
    expect(pollDelay(settings, 30_000, 20, 20)).toBe(1500);
    // One that took longer than usual leaves a busy Odoo some time, but is no reason to wait long.
    expect(pollDelay(settings, 0, 300, 20)).toBe(300);
    expect(pollDelay(settings, 0, 8000, 20)).toBe(500);
    expect(pollDelay(settings, 30_000, 8000, 20)).toBe(1500);
  });

  it("never lets polling take more than a third of Odoo's time, a twentieth when nothing changes", () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 60_000 }),
        fc.integer({ min: 100, max: 600_000 }),
        fc.nat(1e6),
        fc.double({ min: 0.01, max: 60_000, noNaN: true }),
        (pollMs, idlePollMs, quiet, cost) => {
          const delay = pollDelay({ pollMs, idlePollMs }, quiet, cost, cost);
          expect(cost / (cost + delay)).toBeLessThanOrEqual((quiet < 30_000 ? 1 / 3 : 1 / 20) + 1e-9);
        },
      ),
    ));
});
