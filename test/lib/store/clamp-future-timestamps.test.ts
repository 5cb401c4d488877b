import Libsql from 'libsql';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Store } from '../../../src/lib/store/store.js';
import { dataFile } from '../../fixtures/store.js';

const MINUTE = 60_000;
const LONGEST = 15 * MINUTE;
/** The clock is set back from `THEN` to `NOW`. */
const NOW = Date.UTC(2026, 10, 23);
const THEN = NOW + 365 * 24 * 60 * MINUTE;
const value = (key: string, wanted: string) => ({ key, odooId: 1, wanted });
const failed = (key: string, dueAt: number) => ({ ...value(key, '5'), outcome: 'failed' as const, reason: 'x', dueAt });
const event = { kind: 'order', hashedId: 'h', webhookId: undefined, digest: 'd', payload: '{}' } as const;
const row = async ({ deliveries }: Store, key: string) => (await deliveries.get('price', [key])).get(key);

describe('what was recorded under a clock that was set back since', () => {
  it('can be taken, is seen and is due again: what was made unconfirmed, what failed, what a person decided', async () => {
    const store = dataFile().open();
    const { deliveries } = store;
    await deliveries.record(
      'price',
      ['A', 'B', 'C', 'D'].map((key) => failed(key, THEN + MINUTE)),
      THEN,
    );
    await deliveries.record(
      'price',
      [
        { ...value('E', '5'), outcome: 'delivered' },
        { ...value('F', '5'), outcome: 'rejected', reason: 'no' },
      ],
      THEN,
    );
    await deliveries.invalidate('price', ['A'], THEN + MINUTE);
    await deliveries.retry('price', ['B'], THEN + MINUTE);
    const seen = [{ ...value('A', '6'), attemptedAt: NOW }];
    expect(await deliveries.claim('price', seen, NOW + MINUTE, NOW)).toEqual(new Set());
    expect(await deliveries.takeDue('price', NOW, 10)).toEqual([]);
    await store.clampFutureTimestamps(NOW, LONGEST);
    for (const key of ['A', 'B', 'C', 'D', 'E', 'F']) expect(await row(store, key)).toMatchObject({ attemptedAt: NOW });
    expect((await row(store, 'C'))?.failingSince).toBe(NOW);
    await deliveries.recordObserved('price', [{ key: 'D', delivered: '5' }], NOW + 1);
    expect(await row(store, 'D')).toMatchObject({ outcome: 'delivered', deliveredAt: NOW + 1, dueAt: undefined });
    expect((await deliveries.takeDue('price', NOW, 10)).sort()).toEqual(['A', 'B', 'C']);
    expect(await deliveries.claim('price', seen, NOW + MINUTE, NOW)).toEqual(new Set(['A']));
    expect(await row(store, 'E')).toMatchObject({ outcome: 'delivered', delivered: '5', dueAt: undefined });
    expect(await row(store, 'F')).toMatchObject({ outcome: 'rejected', dueAt: undefined });
  });

  it('is no longer another worker’s than it could be by now, and is left to it until then', async () => {
    const file = dataFile();
    const [one, two] = [file.open(), file.open()];
    await one.deliveries.claim('price', [value('A', '5')], THEN + 10 * MINUTE, THEN);
    await two.clampFutureTimestamps(NOW, LONGEST);
    expect(await two.deliveries.claim('price', [value('A', '6')], NOW + 60 * MINUTE, NOW + LONGEST - 1)).toEqual(
      new Set(),
    );
    expect(await two.deliveries.takeDue('price', NOW + LONGEST - 1, 10)).toEqual([]);
    expect(await two.deliveries.takeDue('price', NOW + LONGEST, 10)).toEqual(['A']);
    expect(await two.deliveries.claim('price', [value('A', '6')], NOW + 60 * MINUTE, NOW + LONGEST)).toEqual(
      new Set(['A']),
    );
  });

  it('is no reason to rely on an old listing, to be silent about a trouble, or to take what succeeded last for late', async () => {
    const store = dataFile().open();
    await store.listing.put(
      [{ listedId: '1', key: 'A', baseProductId: '7', unitCount: 1, medianPrice: undefined, unreadable: [] }],
      THEN,
    );
    await store.events.keep([event], THEN);
    await store.alerts.raise('c', 'r', THEN);
    await store.alerts.told('c', THEN);
    const note = (at: number): string =>
      JSON.stringify({ state: 'up', since: at, pid: 4711, more: { at }, reason: String(THEN) });
    await store.runtimeState.put('remote.odoo', note(THEN), THEN);
    await store.runtimeState.put('no JSON', 'x', THEN);
    await store.clampFutureTimestamps(NOW, LONGEST);
    expect([
      ...(await store.listing.get(['A'], NOW)).keys(),
      ...(await store.listing.get(['A'], NOW + 1)).keys(),
    ]).toEqual(['A']);
    expect(await store.events.backlog()).toEqual({ count: 1, oldest: NOW });
    expect(await store.alerts.list()).toEqual([{ cause: 'c', reason: 'r', since: NOW, toldAt: NOW }]);
    expect(await store.runtimeState.all()).toEqual(
      new Map([
        ['remote.odoo', { value: note(NOW), at: NOW }],
        ['no JSON', { value: 'x', at: NOW }],
      ]),
    );
  });

  it('leaves alone what rightly lies ahead or in the past, what is a moment ahead, and other profiles', async () => {
    const file = dataFile();
    const [store, other] = [file.open(), file.open('other')];
    await other.deliveries.record('price', [failed('A', THEN)], THEN);
    await store.deliveries.record('price', [failed('A', NOW + LONGEST), failed('B', NOW - MINUTE)], NOW);
    await store.deliveries.invalidate('price', ['C', 'B'], NOW + 1000);
    await store.deliveries.claim('price', [value('D', '5')], NOW + 10 * MINUTE, NOW);
    await store.alerts.raise('c', 'r', NOW - MINUTE);
    await store.runtimeState.put('n', `{"at":${NOW}}`, NOW);
    const tables = ['delivery', 'alert', 'note'];
    const db = new Libsql(file.path);
    onTestFinished(() => void db.close());
    const rows = (): unknown[] => tables.map((table) => db.prepare(`SELECT * FROM ${table} ORDER BY 1, 2, 3`).all());
    const before = rows();
    await store.clampFutureTimestamps(NOW, LONGEST);
    expect(rows()).toEqual(before);
    await store.clampFutureTimestamps(NOW - MINUTE, LONGEST);
    expect(rows()).not.toEqual(before);
  });
});

describe('a lease taken on another machine before the clock was set back', () => {
  it('is left to who renews it, and is over soon when nobody does', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    vi.setSystemTime(NOW);
    const file = dataFile();
    const { leases } = file.open();
    const db = new Libsql(file.path);
    onTestFinished(() => void db.close());
    db.prepare(
      'INSERT INTO lease (profile, job, owner, pid, host, since, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ).run('default', 'serve', 'x', 1, 'elsewhere.example', THEN, THEN + MINUTE);
    const taken = async (): Promise<boolean> => (await leases.take('serve', MINUTE)).kind === 'taken';
    expect(await taken()).toBe(false);
    vi.setSystemTime(NOW + MINUTE - 1);
    expect(await taken()).toBe(false);
    vi.setSystemTime(NOW + MINUTE);
    expect(await taken()).toBe(true);
  });
});
