import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openSession } from '../../src/lib/open-session.js';
import { runCli, startCli, temporaryDirectory, type CliResult } from '../fixtures/cli.js';
import { logIn, startSandboxes, type Sandboxes } from '../fixtures/sandboxes.js';

interface LoginJson {
  profileName: string;
  profile: {
    cartona: { dialect: string; identifyBy: string };
    odoo: {
      protocol: string;
      version: { major: number };
      idField: { model: string; name: string } | null;
      uid: number;
    };
  };
  rights: { what: string; granted: boolean; grant: string }[];
  secretsIn: string;
}

const without = (env: Readonly<Record<string, string>>, ...names: string[]): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));
/** Runs `cartona login` to its good end. */
async function runLogin({ env }: Sandboxes, ...flags: string[]): Promise<CliResult> {
  const result = await runCli(['login', '--json', ...flags], { env });
  expect(result).toMatchObject({ code: 0, stderr: '' });
  return result;
}
const homeOf = (env: Readonly<Record<string, string>>): string => env['CARTONA_HOME'] ?? '';

describe('login', () => {
  let sandboxes: Sandboxes;
  beforeAll(async () => {
    sandboxes = await startSandboxes();
  });
  const fresh = (): Record<string, string> => ({ ...sandboxes.env, CARTONA_HOME: temporaryDirectory() });

  it('everything from the environment: finds both sides and stores them', async () => {
    const env = fresh();
    const result = await runCli(['login', '--json'], { env });
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.json<LoginJson>()).toMatchObject({
      profileName: 'default',
      secretsIn: 'file',
      profile: {
        cartona: { dialect: 'base-product', identifyBy: 'internal_product_id' },
        odoo: { version: { major: 18 }, protocol: 'json-rpc', idField: null },
      },
    });
    expect(result.json<LoginJson>().rights.every((right) => right.granted)).toBe(true);
    expect(statSync(join(homeOf(env), 'secrets.json')).mode & 0o777).toBe(0o600);
    const whoami = await runCli(['whoami', '--json'], { env: { CARTONA_HOME: homeOf(env) } });
    expect(whoami.code).toBe(0);
    expect(whoami.json()).toMatchObject({ cartona: { ok: true }, odoo: { ok: true, upgraded: false } });
  });

  it('tells a person what was found, and what comes next', async () => {
    const result = await runCli(['login'], { env: fresh() });
    expect(result.code).toBe(0);
    expect(result.stdout).toContain('dialect base-product');
    expect(result.stdout).toContain('over JSON-RPC');
    expect(result.stdout).toContain('`cartona odoo setup`');
    expect(result.stdout).toContain('profile "default" is stored');
  });

  it('addresses by flags, secrets as two lines of standard input', async () => {
    const { env } = sandboxes;
    const home = temporaryDirectory();
    const flags = [
      '--url',
      env['CARTONA_URL'] ?? '',
      '--odoo-url',
      `${env['CARTONA_ODOO_URL'] ?? ''}/web`,
      '--odoo-db',
      'sandbox',
      '--odoo-login',
      env['CARTONA_ODOO_LOGIN'] ?? '',
    ];
    const stdin = `${env['CARTONA_TOKEN'] ?? ''}\n${env['CARTONA_ODOO_KEY'] ?? ''}\n`;
    expect(
      await runCli(['login', ...flags, '--token-stdin', '--key-stdin'], { env: { CARTONA_HOME: home }, stdin }),
    ).toMatchObject({ code: 0 });
    const short = await runCli(['login', ...flags, '--token-stdin', '--key-stdin'], {
      env: { CARTONA_HOME: temporaryDirectory() },
      stdin: 'only-one-line\n',
    });
    expect(short).toMatchObject({ code: 2, stderr: expect.stringContaining('1 line') as string });
    expect(short.stderr).not.toContain('only-one-line');
  });

  it('without a terminal nothing is asked: all that is missing is named', async () => {
    const result = await runCli(['login'], { env: { CARTONA_HOME: temporaryDirectory(), CARTONA_ODOO_DB: 'sandbox' } });
    expect(result.code).toBe(2);
    for (const way of [
      '--url or CARTONA_URL',
      'CARTONA_TOKEN or --token-stdin',
      '--odoo-url or CARTONA_ODOO_URL',
      '--odoo-login or CARTONA_ODOO_LOGIN',
      'CARTONA_ODOO_KEY or --key-stdin',
    ]) {
      expect(result.stderr).toContain(way);
    }
    expect(result.stderr).not.toContain('CARTONA_ODOO_DB');
  });

  it.each([
    ['a wrong token', { CARTONA_TOKEN: 'wrong' }, 4, /token/],
    ['a wrong key', { CARTONA_ODOO_KEY: 'wrong' }, 4, /refused the login/],
    ['a wrong database', { CARTONA_ODOO_DB: 'wrong' }, 2, /no such database/],
    ["nothing at Odoo's address", { CARTONA_ODOO_URL: 'http://127.0.0.1:1' }, 5, /nothing listens/],
    ['no address', { CARTONA_URL: 'not an address' }, 2, /web address/],
  ])('%s: one sentence, its code, nothing stored', async (_case, change, code, reason) => {
    const env = { ...fresh(), ...change };
    const result = await runCli(['login'], { env });
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toMatch(/^Error: [^\n]+\n$/);
    expect(result.stderr).toMatch(reason);
    expect(readdirSync(homeOf(env))).toEqual([]);
  });

  it('the two addresses mixed up are told from each other', async () => {
    const env = { ...fresh(), CARTONA_URL: sandboxes.odoo.url, CARTONA_ODOO_URL: sandboxes.marketplace.url };
    const result = await runCli(['login'], { env });
    expect([2, 5]).toContain(result.code);
    expect(result.stderr).toMatch(/no supplier API at .* Also: What answers at .* is not an Odoo/);
  });

  it('a failed login leaves the profile that was there as it was', async () => {
    const env = fresh();
    await runCli(['login'], { env });
    const before = ['settings.json', 'secrets.json'].map((name) => readFileSync(join(homeOf(env), name), 'utf8'));
    expect((await runCli(['login'], { env: { ...env, CARTONA_TOKEN: 'wrong' } })).code).toBe(4);
    expect(['settings.json', 'secrets.json'].map((name) => readFileSync(join(homeOf(env), name), 'utf8'))).toEqual(
      before,
    );
  });

  it('logging in again keeps the settings and takes over what is not given', async () => {
    const env = fresh();
    await runCli(['login', '--identify-by', 'supplier_product_id'], { env });
    const home = { CARTONA_HOME: homeOf(env) };
    expect((await runCli(['settings', 'stock.measure', 'on_hand'], { env: home })).code).toBe(0);
    const again = await runCli(['login', '--token-stdin', '--json'], {
      env: home,
      stdin: `${env['CARTONA_TOKEN'] ?? ''}\n`,
    });
    expect(again.json<LoginJson>().profile).toMatchObject({
      cartona: { identifyBy: 'supplier_product_id' },
      stock: { measure: 'on_hand' },
    });
  });

  it('several profiles; logging out of one leaves the other', async () => {
    const env = fresh();
    await runCli(['login'], { env });
    await runCli(['login', '--profile', 'second'], { env });
    const home = { CARTONA_HOME: homeOf(env) };
    expect((await runCli(['logout'], { env: home })).code).toBe(0);
    const gone = await runCli(['whoami'], { env: home });
    expect(gone).toMatchObject({ code: 2, stderr: expect.stringContaining('"second"') as string });
    expect((await runCli(['whoami'], { env: { ...home, CARTONA_PROFILE: 'second' } })).code).toBe(0);
    expect((await runCli(['logout', '--profile', 'second'], { env: home })).code).toBe(0);
    expect(existsSync(join(homeOf(env), 'secrets.json'))).toBe(false);
    expect((await runCli(['logout'], { env: home })).code).toBe(2);
  });

  it('a user without the rights is told what to grant', async () => {
    const { salesLogin, salesKey } = sandboxes.odoo;
    const result = await runCli(['login'], {
      env: { ...fresh(), CARTONA_ODOO_LOGIN: salesLogin, CARTONA_ODOO_KEY: salesKey },
    });
    expect(result.code).toBe(0);
    expect(result.stderr).toMatch(/may not write the Cartona id on products: grant "Extra Rights: Product Creation"/);
    expect(result.stderr).toMatch(/may not create customers: grant "Extra Rights: Contact Creation"/);
  });

  it("the id in a field of the person's choice, or refused by name", async () => {
    const result = await runCli(['login', '--json', '--id-field', 'default_code'], { env: fresh() });
    expect(result.json<LoginJson>().profile.odoo.idField).toEqual({ model: 'product.product', name: 'default_code' });
    expect(await runCli(['login', '--id-field', 'x_nothing'], { env: fresh() })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('x_nothing') as string,
    });
  });

  it('a company that the user does not have is refused with the ones there are', async () => {
    expect(await runCli(['login', '--company', 'Nobody'], { env: fresh() })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no company "Nobody".*1 \(/) as string,
    });
  });

  it('there is no flag for a secret', async () => {
    const { stdout } = await runCli(['login', '--help']);
    expect(stdout).not.toMatch(/--(token|key|password|odoo-key|odoo-password)(=|\s)/);
  });
});

describe('what login finds', () => {
  it('a server that speaks the other dialect', async () => {
    const sandboxes = await startSandboxes({ marketplace: { dialects: ['supplier-product'] } });
    expect((await runLogin(sandboxes)).json<LoginJson>().profile.cartona.dialect).toBe('supplier-product');
    expect((await runCli(['whoami'], { env: { CARTONA_HOME: homeOf(sandboxes.env) } })).code).toBe(0);
  });

  it('Odoo 19: JSON-2 with an API key, JSON-RPC with a password, and what the person asks for', async () => {
    const sandboxes = await startSandboxes({ odoo: { version: 19 } });
    const protocolOf = (result: CliResult): string => result.json<LoginJson>().profile.odoo.protocol;
    expect(protocolOf(await runLogin(sandboxes))).toBe('json-2');
    const password = { ...sandboxes.env, CARTONA_ODOO_KEY: sandboxes.odoo.password };
    expect(protocolOf(await runCli(['login', '--json'], { env: password }))).toBe('json-rpc');
    expect(protocolOf(await runLogin(sandboxes, '--protocol', 'xml-rpc'))).toBe('xml-rpc');
    expect((await runCli(['whoami'], { env: { CARTONA_HOME: homeOf(sandboxes.env) } })).code).toBe(0);
  });

  it("JSON-2: a key of somebody else's is noticed", async () => {
    const sandboxes = await startSandboxes({ odoo: { version: 19 } });
    const env = { ...sandboxes.env, CARTONA_ODOO_KEY: sandboxes.odoo.salesKey };
    expect(await runCli(['login', '--protocol', 'json-2'], { env })).toMatchObject({
      code: 4,
      stderr: expect.stringContaining("not that user's") as string,
    });
    expect((await runCli(['login'], { env })).code).toBe(4);
  });

  it('Odoo 16', async () => {
    const sandboxes = await startSandboxes({ odoo: { version: 16 } });
    expect((await runLogin(sandboxes)).json<LoginJson>().profile.odoo).toMatchObject({
      version: { major: 16 },
      protocol: 'json-rpc',
    });
  });
});

describe('odoo setup', () => {
  it('makes the field once, tells before it does, and the profile knows it', async () => {
    const sandboxes = await startSandboxes();
    await logIn(sandboxes);
    const home = { CARTONA_HOME: homeOf(sandboxes.env) };
    const admin = {
      ...home,
      CARTONA_ODOO_ADMIN_LOGIN: sandboxes.odoo.adminLogin,
      CARTONA_ODOO_ADMIN_KEY: sandboxes.odoo.adminKey,
    };
    const idField = async (): Promise<unknown> =>
      (await runCli(['whoami', '--json'], { env: home })).json<{ profile: { odoo: { idField: unknown } } }>().profile
        .odoo.idField;

    expect((await runCli(['odoo', 'setup', '--dry-run', '--json'], { env: admin })).json()).toMatchObject({
      outcome: 'would create',
    });
    expect(await idField()).toBeNull();
    expect((await runCli(['odoo', 'setup', '--json'], { env: admin })).json()).toMatchObject({
      outcome: 'created',
      field: { model: 'product.product', name: 'x_cartona_id' },
    });
    expect(await idField()).toEqual({ model: 'product.product', name: 'x_cartona_id' });
    const again = await runCli(['odoo', 'setup'], { env: admin });
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing was changed') as string });
    const fields = sandboxes.odoo.store.records('ir.model.fields').filter((field) => field['name'] === 'x_cartona_id');
    expect(fields).toEqual([expect.objectContaining({ index: true, copied: false, ttype: 'char' })]);
  });

  it('the integration user may not, and is told so', async () => {
    const { odoo, env } = await startSandboxes();
    const result = await runCli(['odoo', 'setup', '--admin-login', odoo.login, '--key-stdin'], {
      env: without(env, 'CARTONA_ODOO_KEY', 'CARTONA_TOKEN'),
      stdin: odoo.key,
    });
    expect(result.code).toBe(4);
    expect(result.stderr).toMatch(/^Error: [^\n]*refused[^\n]*\n$/);
  });

  it('an Odoo that has a field for it is left alone', async () => {
    const { odoo, env } = await startSandboxes({ odoo: { cartonaField: 'template' } });
    const result = await runCli(['odoo', 'setup', '--json', '--admin-login', odoo.adminLogin, '--key-stdin'], {
      env,
      stdin: odoo.adminKey,
    });
    expect(result.json()).toMatchObject({
      outcome: 'exists',
      field: { model: 'product.template', name: 'x_cartona_id' },
    });
  });

  it('without a terminal, what is missing is named', async () => {
    const result = await runCli(['odoo', 'setup'], { env: { CARTONA_HOME: temporaryDirectory() } });
    expect(result.code).toBe(2);
    for (const part of ['address', 'database', 'CARTONA_ODOO_ADMIN_LOGIN', 'CARTONA_ODOO_ADMIN_KEY'])
      expect(result.stderr).toContain(part);
  });
});

describe('secrets', () => {
  it("stand in no output, no file but their own, and no process's arguments", async () => {
    const sandboxes = await startSandboxes({ marketplace: { token: 'planted-token-5f1c' } });
    const { odoo, env } = sandboxes;
    const secrets = ['planted-token-5f1c', odoo.key, odoo.adminKey];
    const home = { CARTONA_HOME: homeOf(env) };
    const admin = { ...home, CARTONA_ODOO_ADMIN_LOGIN: odoo.adminLogin, CARTONA_ODOO_ADMIN_KEY: odoo.adminKey };
    const runs: [string[], Record<string, string>][] = [
      [['login', '--verbose', '--debug'], { ...env }],
      [['login', '--json'], { ...env }],
      [['login', '--debug'], { ...env, CARTONA_ODOO_DB: 'wrong' }],
      [['login', '--debug', '--json'], { ...env, CARTONA_ODOO_LOGIN: 'wrong' }],
      [['login', '--debug'], { ...env, CARTONA_URL: odoo.url }],
      [['whoami', '--debug', '--verbose'], home],
      [['whoami', '--json'], home],
      [['odoo', 'setup', '--debug'], admin],
      [['settings'], home],
    ];
    for (const [args, given] of runs) {
      const { child, ended } = startCli(args, { env: given });
      const { stdout, stderr } = await ended;
      for (const secret of secrets)
        expect(`${args.join(' ')}: ${stdout}${stderr}${child.spawnargs.join(' ')}`).not.toContain(secret);
    }
    const files = readdirSync(homeOf(env)).filter((name) => name !== 'secrets.json');
    expect(files).toEqual(expect.arrayContaining(['settings.json', 'cartona.sqlite']));
    for (const name of files) {
      const content = readFileSync(join(homeOf(env), name), 'latin1');
      for (const secret of secrets) expect(content.includes(secret), `${name} holds a secret`).toBe(false);
    }
    expect(readFileSync(join(homeOf(env), 'secrets.json'), 'utf8')).toContain('planted-token-5f1c');
    expect(readFileSync(join(homeOf(env), 'secrets.json'), 'utf8')).not.toContain(odoo.adminKey);
  });
});

describe('a login at another address', () => {
  const elsewhere = (url: string): string => url.replace('127.0.0.1', 'localhost');
  const orders = async (env: Readonly<Record<string, string>>): Promise<number> => {
    const { store } = await openSession({ profileName: 'default', env });
    try {
      return (await store.inbox.list({})).length;
    } finally {
      await store.close();
    }
  };

  it('says that what was recorded does not count there, and takes it along with --moved', async () => {
    const sandboxes = await startSandboxes({ orders: 3, odoo: { cartonaField: 'product' } });
    await logIn(sandboxes);
    await runCli(['orders', 'pull'], { env: sandboxes.env });
    expect(await orders(sandboxes.env)).toBe(3);
    const there = { ...sandboxes.env, CARTONA_ODOO_URL: elsewhere(sandboxes.env['CARTONA_ODOO_URL'] ?? '') };
    const anew = await runCli(['login'], { env: there });
    expect(anew.stderr).toContain('does not count here');
    expect(await orders(there)).toBe(0);
    await runCli(['login'], { env: sandboxes.env });
    expect(await orders(sandboxes.env)).toBe(3);
    const moved = await runCli(['login', '--moved'], { env: there });
    expect(moved.stderr).not.toContain('does not count here');
    expect(await orders(there)).toBe(3);
    // Logging in there again, for a new key, stays with it.
    await runCli(['login'], { env: there });
    expect(await orders(there)).toBe(3);
  });
});
