import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../src/lib/store/sqlite/sqlite-store.js';
import { sampleProfile } from '../fixtures/profile.js';
import { ORDERS, TOKEN, order } from '../fixtures/webhook-receiver.js';
import { bareEnv, temporaryDirectory } from '../fixtures/cli.js';

const built = (path: string): string =>
  JSON.stringify(pathToFileURL(join(import.meta.dirname, '../../dist/lib', path)).href);

/** A receiver in a process of its own, which says its address. */
const RECEIVER = `
  import { startReceiver } from ${built('live/webhooks/receiver.js')};
  import { openSqliteStore } from ${built('store/sqlite/sqlite-store.js')};
  const { dataFile, settings, token } = JSON.parse(process.argv[1]);
  const { events } = openSqliteStore(dataFile, 'test');
  const { url } = await startReceiver({ host: '127.0.0.1', port: 0, settings, bearerToken: token, signingSecrets: [], keep: (some) => events.keep(some, Date.now()), onKept: () => undefined });
  console.log(url);
`;

describe('a receiver that is killed', () => {
  it.each([1, 7, 40, 150])('has in its file what it answered with 2xx: after %i answers', async (answers) => {
    const dataFile = join(temporaryDirectory(), 'data.sqlite');
    const settings = { ...sampleProfile().webhooks, requestsPerSecond: 0 };
    const child = spawn(
      process.execPath,
      ['--input-type=module', '-e', RECEIVER, JSON.stringify({ dataFile, settings, token: TOKEN })],
      { env: bareEnv(), stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const ended = new Promise((resolve) => child.on('close', resolve));
    const url = await new Promise<string>((resolve) =>
      child.stdout.setEncoding('utf8').once('data', (line: string) => resolve(line.trim())),
    );
    const answered: string[] = [];
    let next = 0;
    const sender = async (): Promise<void> => {
      for (;;) {
        const hashedId = `K${(next += 1)}`;
        const answer = await fetch(`${url}${ORDERS}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
          body: order(hashedId),
        }).catch(() => undefined);
        if (!answer) return;
        if (answer.status === 200) answered.push(hashedId);
        if (answered.length >= answers) child.kill('SIGKILL');
      }
    };
    await Promise.all(Array.from({ length: 12 }, sender));
    await ended;
    const store = openSqliteStore(dataFile, 'test');
    const kept = new Set((await store.events.waiting(100_000)).map(({ hashedId }) => hashedId));
    await store.close();
    expect(answered.length).toBeGreaterThanOrEqual(answers);
    expect(answered.filter((hashedId) => !kept.has(hashedId))).toEqual([]);
  });
});
