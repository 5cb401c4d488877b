import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { alertChannels, type AlertMessage } from '../../../../src/lib/live/alerts/alert-channels.js';
import { alertMessage, Alerts } from '../../../../src/lib/live/alerts/alerts.js';
import { dataFile } from '../../../fixtures/store.js';

const MIN = 60_000;
const down = { cause: 'odoo.down', reason: 'no network' };

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'cartona-test-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Somebody's webhook: what it was told, and what it answers next. */
async function hook() {
  const told: AlertMessage[] = [];
  const state = { status: 200 };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      if (state.status < 300) told.push(JSON.parse(body) as AlertMessage);
      response.writeHead(state.status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/s3cr3t-path?x=1`, told, state };
}

const message = alertMessage('default', 'raised', 'odoo.down', 'no network', 0, MIN);

describe('alerts', () => {
  async function ground(command = '') {
    const file = dataFile();
    const { url, told, state } = await hook();
    const log: string[] = [];
    const channels = alertChannels({ command, webhook: url, afterMinutes: 5 }, process.env);
    const start = (): Alerts =>
      new Alerts({
        store: file.open(),
        profileName: 'default',
        settings: { afterMinutes: 5 },
        channels,
        log: (_level, line) => log.push(line),
      });
    return { start, told, state, log, file };
  }

  it('tell a trouble once, when it has lasted, and once that it is over', async () => {
    const { start, told, log, file } = await ground();
    const alerts = start();
    await alerts.check(0, [down]);
    await alerts.check(4 * MIN, [down]);
    expect(told).toEqual([]);
    await alerts.check(5 * MIN, [down]);
    await alerts.check(6 * MIN, [{ ...down, reason: 'still no network' }]);
    expect(told).toMatchObject([
      {
        state: 'raised',
        cause: 'odoo.down',
        profile: 'default',
        since: new Date(0).toISOString(),
        text: 'cartona (default): no network',
      },
    ]);
    await alerts.check(7 * MIN, []);
    await alerts.check(8 * MIN, []);
    expect(told.map(({ state }) => state)).toEqual(['raised', 'cleared']);
    expect(log).toEqual(['no network', 'over: still no network']);
    expect(await file.open().alerts.list()).toEqual([]);
  });

  it('say nothing of what passes by itself, and count anew when it returns', async () => {
    const { start, told } = await ground();
    const alerts = start();
    await alerts.check(0, [down]);
    await alerts.check(4 * MIN, []);
    await alerts.check(5 * MIN, [down]);
    await alerts.check(9 * MIN, [down]);
    expect(told).toEqual([]);
    await alerts.check(10 * MIN, [down]);
    expect(told).toHaveLength(1);
  });

  it('a restart tells nothing twice and forgets nothing', async () => {
    const { start, told } = await ground();
    await start().check(0, [down]);
    await start().check(5 * MIN, [down]);
    await start().check(6 * MIN, [down]);
    await start().check(7 * MIN, []);
    expect(told.map(({ state }) => state)).toEqual(['raised', 'cleared']);
  });

  it('what did not get through is tried again, and only where it did not', async () => {
    const path = join(directory(), 'told');
    const { start, told, state, log } = await ground(`echo "$CARTONA_ALERT_STATE" >> ${path}`);
    const alerts = start();
    state.status = 404;
    await alerts.check(0, [down]);
    await alerts.check(5 * MIN, [down]);
    expect(log).toEqual(['no network', expect.stringContaining('HTTP 404')]);
    expect(log.join()).not.toContain('s3cr3t-path');
    state.status = 200;
    await alerts.check(6 * MIN, [down]);
    await alerts.check(7 * MIN, [down]);
    expect(told).toHaveLength(1);
    expect(readFileSync(path, 'utf8')).toBe('raised\n');
  });
});

describe('the command', () => {
  const channel = (command: string, env: NodeJS.ProcessEnv = process.env, ms = 30_000) => {
    const [one] = alertChannels({ command, webhook: '', afterMinutes: 5 }, env, ms);
    if (!one) throw new Error('no channel');
    return one;
  };

  it('gets JSON on its input and facts in its environment, no secret, and nothing in its line', async () => {
    const home = directory();
    const script = join(home, 'told.mjs');
    writeFileSync(
      script,
      `import { readFileSync, writeFileSync } from 'node:fs';
      writeFileSync(${JSON.stringify(join(home, 'out.json'))}, JSON.stringify({ input: JSON.parse(readFileSync(0, 'utf8')), env: process.env }));`,
    );
    const nasty = alertMessage('default', 'raised', 'x', `$(touch ${join(home, 'pwned')}); "'\``, 0, MIN);
    await channel(`"${process.execPath}" "${script}"`, {
      ...process.env,
      CARTONA_TOKEN: 'planted-secret',
      CARTONA_HOME: home,
    }).tell(nasty);
    const out = readFileSync(join(home, 'out.json'), 'utf8');
    expect(JSON.parse(out)).toMatchObject({
      input: nasty,
      env: { CARTONA_ALERT_CAUSE: 'x', CARTONA_ALERT_REASON: nasty.reason, CARTONA_HOME: home },
    });
    expect(out).not.toContain('planted-secret');
    expect(existsSync(join(home, 'pwned'))).toBe(false);
  });

  it('that reads nothing is fine; that fails or does not end is told so', async () => {
    await channel('true').tell(message);
    await expect(channel('exit 3').tell(message)).rejects.toMatchObject({
      kind: 'local',
      message: expect.stringContaining('code 3'),
    });
    await expect(channel('printf "first\\nno such room\\033[2J" >&2; exit 4').tell(message)).rejects.toMatchObject({
      message: expect.stringMatching(/code 4 \(first no such room\ufffd\[2J\); correct it/) as string,
    });
    await expect(channel('no-such-program-anywhere').tell(message)).rejects.toMatchObject({
      kind: 'local',
      message: expect.stringMatching(/code 127 \(.*no-such-program-anywhere.*not found\)/) as string,
    });
    await expect(channel('sleep 600', process.env, 200).tell(message)).rejects.toThrow(/did not end within 0.2 s/);
  });
});

describe('the webhook', () => {
  it('that is no address, or cannot be reached, is told without what may be secret in it', async () => {
    const of = (webhook: string) => alertChannels({ command: '', webhook, afterMinutes: 5 }, {})[0]?.tell(message);
    await expect(of('file:///etc/passwd')).rejects.toMatchObject({ kind: 'usage' });
    const failed = await of('http://127.0.0.1:1/s3cr3t-path')?.catch((error: unknown) => error);
    expect(failed).toMatchObject({ kind: 'unreachable' });
    expect(String(failed)).not.toContain('s3cr3t-path');
  });
});
