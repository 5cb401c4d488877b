import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sampleProfile } from '../fixtures/profile.js';
import { runCli, temporaryDirectory } from '../fixtures/cli.js';

const GIVEN = `whsec_${Buffer.from('a key that Cartona gave to us...').toString('base64')}`;

function home(): { env: Record<string, string>; stored: () => string } {
  const directory = temporaryDirectory();
  const settings = JSON.stringify({ profiles: { default: sampleProfile() } });
  writeFileSync(join(directory, 'settings.json'), settings, { mode: 0o600 });
  return { env: { CARTONA_HOME: directory }, stored: () => readFileSync(join(directory, 'secrets.json'), 'utf8') };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);

interface Shown {
  orders: string;
  hasToken: boolean;
  token?: string;
  secrets: { fingerprint: string; secret?: string }[];
}

describe('cartona webhook', () => {
  it('show: the addresses, and that everything is refused until something is set', async () => {
    const { env } = home();
    const { code, stdout, stderr } = await runCli(['webhook', 'show'], { env });
    expect(code).toBe(0);
    expect(stdout).toContain('http://127.0.0.1:8474/cartona_integration/webhook/orders');
    expect(stdout).toContain('http://127.0.0.1:8474/cartona_integration/webhook/order_status');
    expect(stderr).toContain('cartona webhook token');
  });

  it('token: a new one is shown, and later only when asked for; a given one never', async () => {
    const { env, stored } = home();
    const { token = '' } = (await runCli(['webhook', 'token', '--json'], { env })).json<{ token?: string }>();
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(stored()).toContain(token);
    const shown = await runCli(['webhook', 'show'], { env });
    expect(shown.stdout).toMatch(new RegExp(`Bearer token: +fingerprint ${sha256(token)}\n`));
    expect((await runCli(['webhook', 'show', '--reveal'], { env })).stdout).toContain(
      `fingerprint ${sha256(token)}, ${token}\n`,
    );
    expect(shown.stdout + shown.stderr).not.toContain(token);
    expect((await runCli(['webhook', 'show', '--reveal', '--json'], { env })).json<Shown>().token).toBe(token);
    // Cartona's webhooks would be refused from then on.
    const unasked = await runCli(['webhook', 'token'], { env });
    expect([unasked.code, unasked.stderr]).toEqual([2, expect.stringContaining('--yes')]);
    expect(stored()).toContain(token);
    const given = await runCli(['webhook', 'token', '--stdin', '--yes'], {
      env,
      stdin: 'a-token-that-cartona-gave\n',
    });
    expect(given.code).toBe(0);
    expect(given.stdout + given.stderr).not.toContain('a-token-that');
    expect(stored()).toContain('a-token-that-cartona-gave');
    expect(stored()).not.toContain(token);
    expect((await runCli(['webhook', 'token', '--stdin'], { env, stdin: 'a-token-that-cartona-gave\n' })).code).toBe(0);
    expect((await runCli(['webhook', 'token', '--remove'], { env })).stdout).toContain('is removed');
    expect((await runCli(['webhook', 'token', '--remove'], { env })).stdout).toContain('No webhook token was stored');
    expect((await runCli(['webhook', 'show', '--json'], { env })).json<Shown>().hasToken).toBe(false);
  });

  it('secret: added, exchanged and removed by fingerprint', async () => {
    const { env } = home();
    const first = await runCli(['webhook', 'secret', 'add', '--stdin'], { env, stdin: `${GIVEN}\n` });
    expect([first.code, (first.stdout + first.stderr).includes(GIVEN)]).toEqual([0, false]);
    const { secret = '' } = (await runCli(['webhook', 'secret', 'add', '--json'], { env })).json<{ secret?: string }>();
    const { secrets } = (await runCli(['webhook', 'show', '--json'], { env })).json<Shown>();
    expect(secrets).toHaveLength(2);
    expect((await runCli(['webhook', 'secret', 'remove', secrets[0]?.fingerprint ?? ''], { env })).stdout).toContain(
      '1 holds now',
    );
    expect((await runCli(['webhook', 'show', '--json', '--reveal'], { env })).json<Shown>().secrets).toEqual([
      { fingerprint: secrets[1]?.fingerprint, secret },
    ]);
    expect(secrets.map((one) => one.fingerprint)).toEqual([sha256(GIVEN), sha256(secret)]);
    expect((await runCli(['webhook', 'show', '--reveal'], { env })).stdout).toMatch(
      new RegExp(`Signing secret: +fingerprint ${sha256(secret)}, whsec_`),
    );
    const unknown = await runCli(['webhook', 'secret', 'remove', 'ffffffffffff'], { env });
    expect([unknown.code, unknown.stderr.includes(secrets[1]?.fingerprint ?? '-')]).toEqual([2, true]);
    expect((await runCli(['webhook', 'secret', 'remove'], { env })).code).toBe(2);
  });

  it('a secret that is typed as an argument is refused, not repeated, and nothing is stored', async () => {
    const { env } = home();
    for (const args of [
      ['webhook', 'secret', 'add', GIVEN],
      ['webhook', 'token', GIVEN],
      ['login', GIVEN],
    ]) {
      const { code, stdout, stderr } = await runCli(args, { env });
      expect([args, code, (stdout + stderr).includes(GIVEN)]).toEqual([args, 2, false]);
    }
    const { hasToken, secrets } = (await runCli(['webhook', 'show', '--json'], { env })).json<Shown>();
    expect([hasToken, secrets]).toEqual([false, []]);
  });

  it('what is no secret is refused without being shown; no profile is said', async () => {
    const { env } = home();
    const wrong = await runCli(['webhook', 'secret', 'add', '--stdin'], { env, stdin: 'planted-secret\n' });
    expect([wrong.code, (wrong.stdout + wrong.stderr).includes('planted')]).toEqual([2, false]);
    expect((await runCli(['webhook', 'token'], { env: { CARTONA_HOME: temporaryDirectory() } })).stderr).toContain(
      'cartona login',
    );
  });
});
