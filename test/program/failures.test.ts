import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sampleProfile } from '../fixtures/profile.js';
import { runCli, startCli, temporaryDirectory, type CliResult } from '../fixtures/cli.js';
import { startSandboxes } from '../fixtures/sandboxes.js';

interface ErrorJson {
  error: { kind: string; message: string; exitCode: number };
}

/** A home with a profile whose two servers are at one address. */
function homeWith(url: string): Record<string, string> {
  const home = temporaryDirectory();
  const profile = sampleProfile();
  const settings = {
    profiles: { default: { ...profile, cartona: { ...profile.cartona, url }, odoo: { ...profile.odoo, url } } },
  };
  writeFileSync(join(home, 'settings.json'), JSON.stringify(settings), { mode: 0o600 });
  return { CARTONA_HOME: home, CARTONA_TOKEN: 'planted-token', CARTONA_ODOO_KEY: 'planted-key' };
}

function expectOneLine(result: CliResult, code: number): void {
  expect(result.stdout).toBe('');
  expect(result.stderr).toMatch(/^Error: [^\n]+\.\n$/);
  expect(result.code).toBe(code);
}

describe('a wrong command line', () => {
  it.each([
    ['an unknown command', ['nonsense'], /no command `nonsense`/],
    ['an unknown command of a topic', ['map', 'nonsense'], /no command `map nonsense`/],
    ['an unknown flag', ['whoami', '--nonsense'], /--nonsense/],
    ['a wrong choice', ['login', '--dialect', 'nonsense'], /base-product/],
    ['too many arguments', ['settings', 'a', 'b', 'c'], /c/],
    ['two flags that exclude each other', ['whoami', '--quiet', '--verbose'], /--verbose/],
    ['a profile name that is none', ['whoami', '--profile', '../x'], /letters, digits/],
  ])('%s: one sentence and code 2, as text and as JSON', async (_case, args, reason) => {
    const env = { CARTONA_HOME: temporaryDirectory() };
    const text = await runCli(args, { env });
    expectOneLine(text, 2);
    expect(text.stderr).toMatch(reason);
    const json = await runCli([...args, '--json'], { env });
    expect(json.code).toBe(2);
    expect(json.stderr).toBe('');
    const { error } = json.json<ErrorJson>();
    expect(Object.keys(error).sort()).toEqual(['exitCode', 'kind', 'message']);
    expect(error).toMatchObject({ kind: 'usage', exitCode: 2, message: expect.stringMatching(reason) as string });
  });
});

describe('this machine', () => {
  it('a home that is a file, and settings that are damaged: code 8 and the path', async () => {
    const home = join(temporaryDirectory(), 'file');
    writeFileSync(home, '');
    const inFile = await runCli(['whoami'], { env: { CARTONA_HOME: home } });
    expectOneLine(inFile, 8);
    expect(inFile.stderr).toContain(home);
    const damaged = homeWith('http://127.0.0.1:1');
    writeFileSync(join(damaged['CARTONA_HOME'] ?? '', 'settings.json'), '{"profiles"', { mode: 0o600 });
    expectOneLine(await runCli(['whoami'], { env: damaged }), 8);
  });

  it('data that cannot be opened: code 8', async () => {
    const env = homeWith('http://127.0.0.1:1');
    mkdirSync(join(env['CARTONA_HOME'] ?? '', 'cartona.sqlite'));
    const result = await runCli(['whoami'], { env });
    expectOneLine(result, 8);
    expect(result.stderr).toContain('cartona.sqlite');
  });
});

/** A file system of 100 KiB, where this machine lets the test mount one. */
function mountSmallDisk(): string | undefined {
  const path = temporaryDirectory();
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=100k', 'tmpfs', path]).status !== 0) return undefined;
  onTestFinished(() => void spawnSync('umount', [path]));
  return path;
}

describe('a disk that gives out', () => {
  it.runIf(process.platform === 'linux')('a directory that cannot be made: code 8, at once', async () => {
    const sandboxes = await startSandboxes({ products: 10, orders: 0 });
    const result = await runCli(['login'], { env: { ...sandboxes.env, CARTONA_HOME: '/proc/cartona' } });
    expectOneLine(result, 8);
    expect(result.stderr).toContain('/proc/cartona');
  });

  it('a full disk: code 8, and all goes on when there is room again', async (context) => {
    const home = mountSmallDisk();
    if (home === undefined) return context.skip('this machine lets nobody mount');
    const sandboxes = await startSandboxes({ products: 400, orders: 0, odoo: { cartonaField: 'product' } });
    const env = { ...sandboxes.env, CARTONA_HOME: home };
    expect((await runCli(['login'], { env })).code).toBe(0);
    writeFileSync(join(home, 'filling'), Buffer.alloc(20_000));
    const full = await runCli(['sync', 'prices', '--yes'], { env });
    expectOneLine(full, 8);
    expect(full.stderr).toMatch(/full|disk/);
    const settings = await runCli(['settings', 'stock.measure', 'on_hand'], { env });
    expect([0, 8]).toContain(settings.code);
    expect(spawnSync('mount', ['-o', 'remount,size=10m', home]).status).toBe(0);
    expect((await runCli(['sync', 'prices', '--yes'], { env })).code).toBe(0);
    expect(
      (await runCli(['sync', 'prices', '--json'], { env })).json<{ delivered: number; differs: number }>(),
    ).toMatchObject({ delivered: 0, differs: 0 });
  });
});

describe('a profile and its servers', () => {
  it('the environment never redirects a profile to another server', async () => {
    const env = homeWith('http://127.0.0.1:1');
    const result = await runCli(['whoami'], { env: { ...env, CARTONA_ODOO_URL: 'http://127.0.0.1:2' } });
    expectOneLine(result, 2);
    expect(result.stderr).toContain('CARTONA_ODOO_URL is http://127.0.0.1:2');
  });

  it('nothing listens there: both sides are named, code 5', async () => {
    const result = await runCli(['whoami', '--json'], { env: homeWith('http://127.0.0.1:1') });
    expect(result.code).toBe(5);
    expect(result.json()).toMatchObject({
      cartona: { ok: false, error: { kind: 'unreachable' } },
      odoo: { ok: false, error: { kind: 'unreachable' } },
    });
  });

  it('servers that never answer: whoami asks each of them once, does not wait long, and names both', async () => {
    let asked = 0;
    const silent = createServer(() => (asked += 1));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      silent.closeAllConnections();
      silent.close();
    });
    const result = await runCli(['whoami'], {
      env: homeWith(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`),
    });
    expect([result.code, asked]).toEqual([5, 2]);
    expect(result.stderr).toMatch(
      /^Error: Cartona at [^\n]+ did not answer in full within 10 s; [^\n]+\nError: Odoo at [^\n]+ did not answer in full within 10 s; [^\n]+\n$/,
    );
  });

  it('Ctrl-C stops cleanly: code 130, no stack', async () => {
    const silent = createServer();
    const asked = new Promise((resolve) => silent.once('request', resolve));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      silent.closeAllConnections();
      silent.close();
    });
    const { child, ended } = startCli(['whoami'], {
      env: homeWith(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`),
    });
    await asked;
    child.kill('SIGINT');
    const result = await ended;
    expect(result.code).toBe(130);
    expect(result.stderr).toMatch(/Error: Stopped on request[^\n]*\n$/);
    expect(result.stderr).not.toContain('    at ');
  });
});

describe('what is shown', () => {
  it('a reader that goes away does not crash the program', async () => {
    const { child, ended } = startCli(['settings'], { env: homeWith('http://127.0.0.1:1') });
    child.stdout.destroy();
    child.stderr.destroy();
    expect((await ended).code).toBe(0);
  });

  it('--quiet shows no result, and fails as loudly', async () => {
    const env = homeWith('http://127.0.0.1:1');
    expect(await runCli(['settings', '--quiet'], { env })).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expectOneLine(await runCli(['settings', 'nonsense', '--quiet'], { env }), 2);
  });

  it('--debug adds the stack and never a secret', async () => {
    const env = homeWith('http://127.0.0.1:1');
    const debug = await runCli(['whoami', '--profile', 'planted-token', '--debug'], { env });
    expect(debug.code).toBe(2);
    expect(debug.stderr).toContain('    at ');
    expect(debug.stderr).toContain('[secret]');
    const json = await runCli(['whoami', '--profile', 'planted-key', '--debug', '--json'], { env });
    expect(json.json<{ error: { stack: string } }>().error.stack).toContain('    at ');
    expect(debug.stdout + debug.stderr + json.stdout + json.stderr).not.toMatch(/planted-(token|key)/);
  });

  it.each(['--help', 'login --help', 'odoo setup --help', '--version'])('%s is code 0', async (line) => {
    const result = await runCli(line.split(' '));
    expect(result.code).toBe(0);
    expect(result.stdout).not.toBe('');
  });
});
