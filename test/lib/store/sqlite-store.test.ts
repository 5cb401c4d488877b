import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { throwIfInterrupted } from '../../../src/lib/common/errors.js';
import { openSqliteStore } from '../../../src/lib/store/sqlite/sqlite-store.js';
import type { Store } from '../../../src/lib/store/store.js';
import { withLease } from '../../../src/lib/store/with-lease.js';

let directory: string;
let path: string;
const opened: Store[] = [];
const open = (profile = 'default'): Store => {
  const store = openSqliteStore(path, profile);
  opened.push(store);
  return store;
};

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cartona-store-'));
  path = join(directory, 'state', 'cartona.sqlite');
});
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  await rm(directory, { recursive: true, force: true });
});

describe('deliveries', () => {
  it('make the wanted value the delivered one, and only then', async () => {
    const { deliveries } = open();
    await deliveries.record(
      'price',
      [
        { key: 'A', odooId: 1, wanted: '5', outcome: 'delivered' },
        { key: 'B', odooId: 2, wanted: '6', outcome: 'rejected', reason: 'too dear' },
      ],
      100,
    );
    await deliveries.record(
      'price',
      [{ key: 'A', odooId: 1, wanted: '7', outcome: 'failed', reason: 'no answer' }],
      200,
    );
    const rows = await deliveries.get('price', ['A', 'B', 'C']);
    expect(rows.get('A')).toMatchObject({
      wanted: '7',
      delivered: '5',
      deliveredAt: 100,
      outcome: 'failed',
      attempts: 1,
    });
    expect(rows.get('B')).toMatchObject({ delivered: undefined, outcome: 'rejected', reason: 'too dear' });
    expect(rows.has('C')).toBe(false);
    expect((await deliveries.undelivered('price')).map((row) => row.key)).toEqual(['B', 'A']);
    expect(await deliveries.undelivered('stock')).toEqual([]);
  });

  it('take over what Cartona reports, until it is no longer certain', async () => {
    const { deliveries } = open();
    await deliveries.recordObserved('stock', [{ key: 'A', delivered: '3' }], 1);
    await deliveries.record('stock', [{ key: 'A', odooId: 9, wanted: '4', outcome: 'rejected', reason: 'x' }], 2);
    await deliveries.recordObserved('stock', [{ key: 'A', delivered: '5' }], 3);
    expect((await deliveries.get('stock', ['A'])).get('A')).toMatchObject({
      odooId: 9,
      delivered: '5',
      outcome: 'rejected',
    });
    await deliveries.invalidate('stock', ['A'], 5);
    expect((await deliveries.get('stock', ['A'])).get('A')).toMatchObject({ delivered: '5', deliveredAt: undefined });
    await deliveries.claim('stock', [{ key: 'A', odooId: 9, wanted: '5' }], 100, 6);
    await deliveries.record('stock', [{ key: 'A', odooId: 9, wanted: '5', outcome: 'delivered' }], 7);
    expect((await deliveries.get('stock', ['A'])).get('A')?.deliveredAt).toBe(7);
  });

  it('keep profiles apart', async () => {
    const [one, two] = [open('one'), open('two')];
    await one.deliveries.recordObserved('price', [{ key: 'A', delivered: '1' }], 1);
    expect((await two.deliveries.get('price', ['A'])).size).toBe(0);
  });

  it('finds a few of very many keys without walking through them', async () => {
    const { deliveries } = open();
    await deliveries.recordObserved(
      'price',
      Array.from({ length: 2000 }, (_, at) => ({ key: `K${at}`, delivered: '1' })),
      1,
    );
    const db = new Libsql(path);
    const plan = db
      .prepare(
        'EXPLAIN QUERY PLAN SELECT d.key FROM json_each(?) AS k CROSS JOIN delivery AS d ON d.profile = ? AND d.flow = ? AND d.key = k.value',
      )
      .all('[]', 'default', 'price') as { detail: string }[];
    db.close();
    expect(plan.map((row) => row.detail).join('\n')).toMatch(
      /SEARCH d USING PRIMARY KEY \(profile=\? AND flow=\? AND key=\?\)/,
    );
    expect((await deliveries.get('price', ['K1', 'K1999', 'nobody'])).size).toBe(2);
  });
});

describe('the inbox', () => {
  const order = (version: string) => ({
    hashedId: 'h1',
    payload: `{"v":"${version}"}`,
    version,
    status: 'pending',
    cartonaTotal: '10',
  });

  it('takes the same content once, and a new content as received again with what is known of it', async () => {
    const { inbox } = open();
    await inbox.receive([order('1')], 1);
    await inbox.update('h1', { phase: 'acknowledged', odooId: 7, odooName: 'S00007', acknowledgedAt: 2 });
    expect((await inbox.receive([order('1')], 3))[0]).toMatchObject({ phase: 'acknowledged', receivedAt: 1 });
    expect((await inbox.receive([order('2')], 4))[0]).toMatchObject({
      phase: 'received',
      receivedAt: 4,
      odooId: 7,
      version: '2',
    });
    expect(await inbox.list({ phases: ['acknowledged'] })).toEqual([]);
    expect((await inbox.list({ hashedIds: ['h1', 'h2'] })).map((row) => row.hashedId)).toEqual(['h1']);
    expect((await inbox.list({ odooNames: ['S00007'] })).map((row) => row.hashedId)).toEqual(['h1']);
    expect(await inbox.list({ odooNames: ['S00008'] })).toEqual([]);
  });

  it('makes the stock that an order moved unconfirmed in the same step: both or neither', async () => {
    const { inbox, deliveries } = open();
    await deliveries.recordObserved(
      'stock',
      ['A', 'B'].map((key) => ({ key, delivered: '3' })),
      1,
    );
    const cut = new Libsql(path);
    cut.exec("CREATE TRIGGER cut BEFORE INSERT ON inbox BEGIN SELECT RAISE(ABORT, 'cut off'); END");
    await expect(inbox.receive([order('1')], 5, ['A'])).rejects.toThrow();
    expect((await deliveries.get('stock', ['A'])).get('A')?.deliveredAt).toBe(1);
    cut.exec('DROP TRIGGER cut');
    cut.close();
    await inbox.receive([order('1')], 5, ['A']);
    const rows = await deliveries.get('stock', ['A', 'B']);
    expect([rows.get('A'), rows.get('B')]).toMatchObject([{ deliveredAt: undefined, dueAt: 5 }, { deliveredAt: 1 }]);
  });
});

describe('listing', () => {
  const plain = { medianPrice: undefined, unreadable: [] };

  it('tells base products that several listed products share, unlinked ones included', async () => {
    const { listing } = open();
    await listing.put(
      [
        { ...plain, listedId: '1', key: 'A', baseProductId: 'b1', unitCount: 1 },
        { ...plain, listedId: '2', key: undefined, baseProductId: 'b1', unitCount: 12 },
        { ...plain, listedId: '3', key: 'C', baseProductId: 'b2', unitCount: 1 },
      ],
      100,
    );
    expect(await listing.sharedBaseProducts(['b1', 'b2'])).toEqual(new Set(['b1']));
    expect([...(await listing.get(['A', 'C'], 100)).keys()].sort()).toEqual(['A', 'C']);
    expect((await listing.get(['A'], 101)).size).toBe(0);
  });
});

describe('what cannot be read of the listing', () => {
  const entry = (listedId: string, key: string, value?: string) => ({
    listedId,
    key,
    baseProductId: undefined,
    unitCount: undefined,
    medianPrice: '12.5',
    unreadable: value === undefined ? [] : [{ field: 'selling_price', value }],
  });

  it('is kept until the entry is seen readable, under whichever id, or is listed no more', async () => {
    const { listing } = open();
    await listing.put([entry('1', 'A', '"1,250.00"'), entry('2', 'B', '"x"'), entry('3', 'C', '"y"')], 100);
    expect((await listing.unreadable()).map(({ key }) => key)).toEqual(['A', 'B', 'C']);
    expect((await listing.get(['A'], 0)).get('A')).toMatchObject({
      medianPrice: '12.5',
      unreadable: [{ field: 'selling_price', value: '"1,250.00"' }],
      seenAt: 100,
    });
    await listing.put([entry('1', 'A'), entry('9', 'B')], 101);
    expect((await listing.unreadable()).map(({ key }) => key)).toEqual(['C']);
    expect((await listing.get(['B'], 0)).get('B')).toMatchObject({ listedId: '9', unreadable: [] });
    await listing.forget(['A', 'C'], 101);
    expect(await listing.unreadable()).toEqual([]);
    expect([...(await listing.get(['A', 'C'], 0)).keys()]).toEqual(['A']);
  });
});

describe('leases', () => {
  it('keep two runs of a job apart, and let another job and another profile run', async () => {
    const [one, two, other] = [open(), open(), open('other')];
    await withLease(one.leases, 'sync prices', undefined, async () => {
      await expect(withLease(two.leases, 'sync prices', undefined, async () => 'ran')).rejects.toMatchObject({
        kind: 'busy',
        message: expect.stringContaining(String(process.pid)) as string,
      });
      expect(await withLease(two.leases, 'sync stock', undefined, async () => 'ran')).toBe('ran');
      expect(await withLease(other.leases, 'sync prices', undefined, async () => 'ran')).toBe('ran');
    });
    expect(await withLease(two.leases, 'sync prices', undefined, async () => 'ran')).toBe('ran');
  });

  it('do not outlive a killed holder', async () => {
    const store = open();
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']);
    const db = new Libsql(path);
    db.prepare(
      'INSERT INTO lease (profile, job, owner, pid, host, since, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ).run(
      'default',
      'orders pull',
      'x',
      child.pid ?? 0,
      (await import('node:os')).hostname(),
      Date.now(),
      Date.now() + 60_000,
    );
    db.close();
    await expect(withLease(store.leases, 'orders pull', undefined, async () => 'ran')).rejects.toMatchObject({
      kind: 'busy',
    });
    await new Promise((resolve) => {
      child.on('exit', resolve);
      child.kill('SIGKILL');
    });
    expect(await withLease(store.leases, 'orders pull', undefined, async () => 'ran')).toBe('ran');
  });
});

describe('a lease that is lost', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
  afterEach(() => void vi.useRealTimers());

  /** Works until it is interrupted; another run takes the lease at once. */
  async function losing(outer: AbortController, whenLost: () => void): Promise<unknown> {
    const store = open();
    return withLease(store.leases, 'orders pull', outer.signal, async (signal) => {
      const db = new Libsql(path);
      db.exec("UPDATE lease SET owner = 'another'");
      db.close();
      const lost = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      await vi.advanceTimersByTimeAsync(15_000);
      await lost;
      whenLost();
      throwIfInterrupted(signal);
    });
  }

  it('is no stop that somebody asked for', async () => {
    await expect(losing(new AbortController(), () => undefined)).rejects.toMatchObject({
      kind: 'busy',
      message: expect.stringContaining('did not renew its lease in time') as string,
    });
  });

  it('is one where somebody asked for it too', async () => {
    const outer = new AbortController();
    await expect(losing(outer, () => outer.abort())).rejects.toMatchObject({ kind: 'interrupted' });
  });
});

describe('the data file', () => {
  it('says in one sentence that it is damaged', async () => {
    const broken = join(directory, 'broken.sqlite');
    await writeFile(broken, 'this is no database, and long enough to be taken for one'.repeat(100));
    expect(() => openSqliteStore(broken, 'default')).toThrow(/broken\.sqlite is damaged/);
  });

  it('refuses rows of a newer program instead of guessing', async () => {
    await open().close();
    opened.length = 0;
    const db = new Libsql(path);
    db.exec('PRAGMA user_version = 999');
    db.close();
    expect(() => openSqliteStore(path, 'default')).toThrow(/newer cartona/);
  });
});
