import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../fixtures/cli.js';
import { logIn, startSandboxes, type Sandboxes } from '../fixtures/sandboxes.js';

describe('odoo setup --push and odoo teardown', () => {
  let sandboxes: Sandboxes;
  let admin: Record<string, string>;
  beforeAll(async () => {
    sandboxes = await startSandboxes();
    await logIn(sandboxes);
    admin = {
      CARTONA_HOME: home(),
      CARTONA_ODOO_ADMIN_LOGIN: sandboxes.odoo.adminLogin,
      CARTONA_ODOO_ADMIN_KEY: sandboxes.odoo.adminKey,
    };
  });
  const home = (): string => sandboxes.env['CARTONA_HOME'] ?? '';
  const rules = (): number => sandboxes.odoo.store.records('base.automation').length;
  const urls = (): Set<unknown> =>
    new Set(sandboxes.odoo.store.records('ir.actions.server').map((action) => action['webhook_url']));
  const push = (): { url: string; secret: string } | undefined => {
    const { profiles } = JSON.parse(readFileSync(join(home(), 'settings.json'), 'utf8')) as {
      profiles: { default: { odoo: { push?: { url: string; secret: string } } } };
    };
    return profiles.default.odoo.push;
  };

  it('needs an address, and a profile of this Odoo', async () => {
    expect(await runCli(['odoo', 'setup', '--push'], { env: admin })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--push-url') as string,
    });
    const other = {
      ...admin,
      CARTONA_PROFILE: 'other',
      CARTONA_ODOO_URL: sandboxes.odoo.url,
      CARTONA_ODOO_DB: sandboxes.odoo.db,
    };
    expect(await runCli(['odoo', 'setup', '--push', '--push-url', 'https://a.example'], { env: other })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('cartona login') as string,
    });
    expect(rules()).toBe(0);
  });

  it('a dry run makes nothing and keeps nothing', async () => {
    const result = await runCli(['odoo', 'setup', '--push', '--push-url', 'https://a.example', '--dry-run', '--json'], {
      env: admin,
    });
    expect(result.json()).toMatchObject({
      outcome: 'would create',
      push: { outcome: 'would create', url: 'https://a.example' },
    });
    expect(rules()).toBe(0);
    expect(push()).toBeUndefined();
  });

  it('installs the rules once; again, it turns them to another address under the same secret, which is shown nowhere', async () => {
    const first = await runCli(['odoo', 'setup', '--push', '--push-url', 'https://a.example/'], { env: admin });
    expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('automation rules') as string });
    const kept = push();
    const made = rules();
    expect(kept?.url).toBe('https://a.example');
    expect(urls()).toEqual(new Set([`https://a.example/odoo/hint/${kept?.secret ?? ''}`]));
    const again = await runCli(['odoo', 'setup', '--push', '--push-url', 'https://b.example/proxy', '--json'], {
      env: admin,
    });
    expect(again.json()).toMatchObject({ push: { outcome: 'updated', url: 'https://b.example/proxy' } });
    expect(rules()).toBe(made);
    expect(urls()).toEqual(new Set([`https://b.example/proxy/odoo/hint/${kept?.secret ?? ''}`]));
    const whoami = await runCli(['whoami', '--json'], { env: { CARTONA_HOME: home() } });
    for (const { stdout, stderr } of [first, again, whoami])
      expect(stdout + stderr).not.toContain(kept?.secret ?? 'none');
  });

  it('logging in again keeps what was pushed to', async () => {
    const before = push();
    expect(await runCli(['login'], { env: sandboxes.env })).toMatchObject({ code: 0 });
    expect([before, push()]).toEqual([expect.objectContaining({ url: 'https://b.example/proxy' }), before]);
  });

  it('teardown wants a yes, then removes what setup made: the rules, and the field only where asked for', async () => {
    const refused = await runCli(['odoo', 'teardown'], { env: admin });
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') as string });
    expect(rules()).toBe(7);
    expect((await runCli(['odoo', 'teardown', '--dry-run', '--json'], { env: admin })).json()).toMatchObject({
      dryRun: true,
      rules: 7,
      field: null,
    });
    expect(rules()).toBe(7);
    expect((await runCli(['odoo', 'teardown', '--yes', '--json'], { env: admin })).json()).toMatchObject({
      rules: 7,
      field: null,
    });
    expect(rules()).toBe(0);
    expect(push()).toBeUndefined();
    const field = await runCli(['odoo', 'teardown', '--id-field', '--yes'], { env: admin });
    expect(field).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('x_cartona_id with the Cartona ids of 0 products') as string,
    });
    expect(sandboxes.odoo.store.records('ir.model.fields').filter((one) => one['name'] === 'x_cartona_id')).toEqual([]);
    expect(await runCli(['odoo', 'teardown', '--yes'], { env: admin })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('holds nothing') as string,
    });
  });
});
