import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSqliteStore } from '../../src/lib/store/sqlite/sqlite-store.js';
import { temporaryDirectory } from '../fixtures/cli.js';

const STORE = new URL('../../dist/lib/store/sqlite/sqlite-store.js', import.meta.url).href;

/** Opens a file, writes, reads what it wrote and closes, once for every line of its input, and answers each. */
const OPENER = `
  const { openSqliteStore } = await import(${JSON.stringify(STORE)});
  const { createInterface } = await import('node:readline');
  console.log('ready');
  for await (const path of createInterface({ input: process.stdin })) {
    try {
      const store = openSqliteStore(path, 'default');
      const key = 'K' + process.pid;
      await store.deliveries.recordObserved('price', [{ key, delivered: '1' }], 1);
      const seen = await store.deliveries.get('price', [key]);
      await store.close();
      console.log(seen.size === 1 ? 'done' : 'its row is gone');
    } catch (error) {
      console.log(error.message);
    }
  }`;

interface Opener {
  readonly pid: number;
  readonly answer: () => Promise<string>;
  readonly open: (path: string) => Promise<string>;
  readonly end: () => Promise<unknown>;
}

async function opener(): Promise<Opener> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', OPENER], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.on('close', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<string> => {
    const line = await lines.next();
    return line.done ? 'it ended' : line.value;
  };
  expect(await answer()).toBe('ready');
  return {
    pid: child.pid ?? 0,
    answer,
    open: (path) => {
      child.stdin.write(`${path}\n`);
      return answer();
    },
    end: () => {
      child.stdin.end();
      return ended;
    },
  };
}

describe('the data file under several processes', () => {
  it('is begun by many at once: none of them is told that it is locked', async () => {
    const directory = temporaryDirectory();
    const openers = await Promise.all(Array.from({ length: 8 }, opener));
    for (let round = 0; round < 10; round += 1) {
      const path = join(directory, `round-${round}`, 'cartona.sqlite');
      expect(await Promise.all(openers.map((one) => one.open(path)))).toEqual(openers.map(() => 'done'));
      const store = openSqliteStore(path, 'default');
      const keys = openers.map(({ pid }) => `K${pid}`);
      expect((await store.deliveries.get('price', keys)).size).toBe(openers.length);
      await store.close();
    }
  });

  it('stays whole when one process has it open twice and another one comes and goes', async () => {
    const path = join(temporaryDirectory(), 'cartona.sqlite');
    const first = openSqliteStore(path, 'default');
    await first.deliveries.recordObserved('price', [{ key: 'before', delivered: '1' }], 1);
    const second = openSqliteStore(path, 'default');
    const guest = await opener();
    expect(await guest.open(path)).toBe('done');
    await guest.end();
    // Without the locks of this process the guest would have taken itself for the last one, and have removed the log.
    expect(existsSync(`${path}-wal`)).toBe(true);
    await first.deliveries.recordObserved('price', [{ key: 'after', delivered: '1' }], 1);
    const reader = await opener();
    expect(await reader.open(path)).toBe('done');
    for (const store of [first, second])
      expect((await store.deliveries.get('price', ['before', 'after', `K${guest.pid}`, `K${reader.pid}`])).size).toBe(
        4,
      );
    await first.close();
    await second.close();
  });
});
