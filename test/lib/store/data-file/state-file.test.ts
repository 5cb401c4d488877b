import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { backUpStateFile, checkStateFile, restoreStateFile } from '../../../../src/lib/store/data-file/state-file.js';
import { openSqliteStore } from '../../../../src/lib/store/sqlite/sqlite-store.js';
import type { Store } from '../../../../src/lib/store/store.js';
import { dataFile } from '../../../fixtures/store.js';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const deliver = (store: Store, key: string, wanted: string, more: Parameters<Store['deliveries']['record']>[1] = []) =>
  store.deliveries.record('price', [{ key, odooId: 1, wanted, outcome: 'delivered' }, ...more], 1000);
const pathsTo = (path: string) => ({
  dataFile: path,
  generationFile: join(dirname(path), 'settings', 'data-generation'),
});
const modeOf = (path: string): number => statSync(path).mode & 0o777;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/**
 * Closes a store as the end of its process would: the driver keeps the file open until its statements are collected.
 * SQLite then removes the log.
 */
async function end(store: Store, path: string): Promise<void> {
  await store.close();
  for (let turns = 0; existsSync(`${path}-wal`); turns += 1) {
    if (turns > 10_000) throw new Error(`somebody else has ${path} open`);
    collectGarbage();
    await turn();
  }
}

/** A data file with one price, and the name of a copy. */
async function opened() {
  const file = dataFile();
  const store = file.open();
  await deliver(store, 'A', '10');
  return { ...file, store, copy: join(dirname(file.path), 'copy.sqlite') };
}

describe('a backup', () => {
  it('is the data file of one instant, for its owner alone, while others go on writing', async () => {
    const { path, store, copy } = await opened();
    backUpStateFile(path, copy);
    await deliver(store, 'B', '20');
    expect(checkStateFile(copy)).toMatchObject({ damage: [], profiles: [{ profile: 'default', values: 1 }] });
    expect(checkStateFile(path)).toMatchObject({ damage: [], profiles: [{ values: 2 }] });
    expect(modeOf(copy)).toBe(0o600);
    expect(readdirSync(dirname(path)).filter((name) => name.includes('part'))).toEqual([]);
  });

  it('never overwrites a file, and needs a data file', async () => {
    const { path, copy } = await opened();
    writeFileSync(copy, 'mine');
    expect(() => backUpStateFile(path, copy)).toThrow(/exists already/);
    expect(() => backUpStateFile(`${path}.none`, `${copy}.2`)).toThrow(/no data file/);
    expect(existsSync(`${path}.none`)).toBe(false);
    expect(existsSync(`${copy}.2`)).toBe(false);
  });
});

describe('a check', () => {
  it('tells a damaged file, one of somebody else and one that is none', async () => {
    const { path, store, copy } = await opened();
    await store.close();
    backUpStateFile(path, copy);
    const size = statSync(copy).size;
    const handle = openSync(copy, 'r+');
    writeSync(handle, Buffer.alloc(3 * 4096, 0x5a), 0, 3 * 4096, size - 5 * 4096);
    closeSync(handle);
    let damaged: unknown;
    try {
      damaged = checkStateFile(copy).damage.length;
    } catch (error) {
      damaged = error;
    }
    expect(damaged).not.toBe(0);
    expect(() => restoreStateFile(pathsTo(path), copy, NOW)).toThrow(/damaged/);
    writeFileSync(`${copy}.text`, 'no database at all, but long enough to be read as one'.repeat(50));
    expect(() => checkStateFile(`${copy}.text`)).toThrow(/damaged|no data file/);
  });
});

describe('a restore', () => {
  it('puts the copy in place, keeps the replaced file, and leaves nothing of it beside the new one', async () => {
    const { path, open, store, copy } = await opened();
    backUpStateFile(path, copy);
    chmodSync(copy, 0o644);
    await deliver(store, 'B', '20');
    await end(store, path);
    const { keptAside } = restoreStateFile(pathsTo(path), copy, NOW);
    expect(basename(keptAside ?? '')).toBe(`${basename(path)}.replaced-2026-01-02T03-04-05-000Z`);
    expect(checkStateFile(keptAside ?? '').profiles).toMatchObject([{ values: 2 }]);
    expect(readdirSync(dirname(path)).sort()).toEqual(
      [basename(path), basename(keptAside ?? ''), basename(copy)].sort(),
    );
    expect([modeOf(path), modeOf(keptAside ?? '')]).toEqual([0o600, 0o600]);
    await deliver(open(), 'C', '30');
  });

  it('takes no price or stock of the copy for confirmed, and keeps what a person decided and what only we know', async () => {
    const { path, open, store, copy } = await opened();
    const row = (key: string, wanted: string, outcome: 'delivered' | 'discarded' | 'braked') => ({
      key,
      odooId: 1,
      wanted,
      outcome,
    });
    await store.deliveries.record('price', [row('B', '20', 'discarded'), row('C', '30', 'braked')], 1000);
    await store.deliveries.record('stock', [row('A', '5', 'delivered'), row('B', 'unpublished', 'delivered')], 1000);
    await store.deliveries.record('order_state', [row('O', 'approved', 'delivered')], 1000);
    await store.runtimeState.put('live', '{"since":1,"by":"x"}', 1);
    await store.runtimeState.put('service', '{}', 1);
    await end(store, path);
    backUpStateFile(path, copy);
    restoreStateFile(pathsTo(path), copy, NOW);
    const { deliveries, runtimeState } = open();
    const price = await deliveries.get('price', ['A', 'B', 'C']);
    expect([...price.values()].map(({ key, outcome }) => [key, outcome])).toEqual([
      ['B', 'discarded'],
      ['C', 'braked'],
    ]);
    const stock = await deliveries.get('stock', ['A', 'B']);
    expect([...stock.values()]).toMatchObject([{ key: 'B', delivered: 'unpublished', deliveredAt: undefined }]);
    expect((await deliveries.get('order_state', ['O'])).get('O')).toMatchObject({
      delivered: 'approved',
      deliveredAt: 1000,
    });
    expect([...(await runtimeState.all()).keys()]).toEqual(['live']);
  });

  it('is refused while a job runs, or a process has the file open; what was there stays', async () => {
    const { path, open, store, copy } = await opened();
    backUpStateFile(path, copy);
    await deliver(store, 'B', '20');
    const taken = await store.leases.take('sync prices', 60_000);
    expect(() => restoreStateFile(pathsTo(path), copy, NOW)).toThrow(/`cartona sync prices` works with the data file/);
    if (taken.kind === 'taken') await taken.lease.release();
    expect(() => restoreStateFile(pathsTo(path), copy, NOW)).toThrow(/open/);
    await end(store, path);
    const again = open();
    expect((await again.deliveries.get('price', ['A', 'B'])).size).toBe(2);
    await end(again, path);
    expect(restoreStateFile(pathsTo(path), copy, NOW).keptAside).toBeDefined();
  });

  it('works where the data file is damaged or gone, whatever side files are left', async () => {
    const { path, open, store, copy } = await opened();
    backUpStateFile(path, copy);
    await end(store, path);
    writeFileSync(path, 'not a database'.repeat(1000));
    writeFileSync(`${path}-wal`, 'left behind');
    const { keptAside } = restoreStateFile(pathsTo(path), copy, NOW);
    expect(statSync(keptAside ?? '').size).toBe(14_000);
    rmSync(path);
    writeFileSync(`${path}-wal`, 'left behind');
    expect(restoreStateFile(pathsTo(path), copy, NOW + 1).keptAside).toBeUndefined();
    const restored = open();
    expect((await restored.deliveries.get('price', ['A'])).size).toBe(0);
  });

  it('refuses the data file itself as a copy', async () => {
    const { path } = await opened();
    expect(() => restoreStateFile(pathsTo(path), path, NOW)).toThrow(/the data file itself/);
  });
});

describe('the data file that is opened', () => {
  const openOn = (path: string, generationFile: string) => {
    const told: string[] = [];
    const store = openSqliteStore(path, 'default', { generationFile, onOtherFile: (age) => told.push(age) });
    return { store, told };
  };
  /** A data file that was used twice, a copy of the first time, and where its generation is kept. */
  async function used() {
    const { path } = dataFile();
    const copy = join(dirname(path), 'copy.sqlite');
    const generation = join(dirname(path), 'settings', 'data-generation');
    const first = openOn(path, generation);
    await deliver(first.store, 'A', '10');
    await end(first.store, path);
    copyFileSync(path, copy);
    const second = openOn(path, generation);
    await deliver(second.store, 'A', '20');
    await end(second.store, path);
    expect([...first.told, ...second.told]).toEqual([]);
    expect(modeOf(generation)).toBe(0o600);
    return { path, copy, generation };
  }

  it('is recognised as an older copy once, and nothing in it counts as confirmed', async () => {
    const { path, copy, generation } = await used();
    copyFileSync(copy, path);
    const { store, told } = openOn(path, generation);
    expect(told).toEqual(['older']);
    expect((await store.deliveries.get('price', ['A'])).size).toBe(0);
    await deliver(store, 'A', '30');
    await store.close();
    const next = openOn(path, generation);
    expect(next.told).toEqual([]);
    expect((await next.store.deliveries.get('price', ['A'])).get('A')).toMatchObject({ delivered: '30' });
    await next.store.close();
  });

  it('is not taken for an older one after a restore', async () => {
    const { path, copy, generation } = await used();
    restoreStateFile(pathsTo(path), copy, NOW);
    expect(openOn(path, generation).told).toEqual([]);
  });

  it('is recognised as a new one in the place of another', async () => {
    const { path, generation } = await used();
    rmSync(path);
    expect(openOn(path, generation).told).toEqual(['new']);
    expect(openOn(path, generation).told).toEqual([]);
  });

  it('counts as the same while several have it open, and where the generation cannot be kept', async () => {
    const { path, generation } = await used();
    const told = [1, 2, 3].flatMap(() => openOn(path, generation).told);
    writeFileSync(`${generation}-is-a-file`, '');
    told.push(...[1, 2].flatMap(() => openOn(path, join(`${generation}-is-a-file`, 'generation')).told));
    expect(told).toEqual([]);
  });
});
