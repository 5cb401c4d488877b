import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bareEnv } from '../fixtures/cli.js';
import { eventually } from '../fixtures/service.js';
import { openShop, type Shop } from '../fixtures/shop.js';

const BINARY = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
/** A process tree of its own, in which the program is process 1, as in a container. */
const APART = ['--user', '--map-root-user', '--pid', '--fork', '--mount-proc', '--kill-child'];
const canBeApart = spawnSync('unshare', [...APART, 'true']).status === 0;

function serveApart(shop: Shop): { said: () => string; kill: () => Promise<unknown> } {
  const child = spawn('unshare', [...APART, process.execPath, BINARY, 'serve', '--port', '0'], {
    env: bareEnv(shop.env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()));
  const ended = new Promise((resolve) => child.on('close', resolve));
  const kill = (): Promise<unknown> => {
    child.kill('SIGKILL');
    return ended;
  };
  onTestFinished(async () => void (await kill()));
  return { said: () => said, kill };
}

describe.skipIf(!canBeApart)('cartona serve as process 1 of a container', () => {
  it('starts again at once after it was killed', async () => {
    const shop = await openShop();
    const first = serveApart(shop);
    await eventually(first.said, (said) => said.includes('Ready.'), 90_000);
    await first.kill();
    const entry = await shop.withRows((session) => session.store.runtimeState.get('service'));
    expect(JSON.parse(entry?.value ?? '')).toMatchObject({ pid: 1 });
    const second = serveApart(shop);
    await eventually(second.said, (said) => said.includes('Ready.') || said.includes('Error'), 90_000);
    expect(second.said()).toContain('Ready.');
  }, 240_000);
});
