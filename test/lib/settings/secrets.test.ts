import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findSecrets, loadSecrets, removeSecrets, saveSecrets } from '../../../src/lib/settings/secrets.js';
import { samplePaths } from '../../fixtures/profile.js';

const SECRETS = { cartonaToken: 'token-αβγ-1', odooKey: 'key-2' };
const noWarning = (line: string): never => {
  throw new Error(`unexpected warning: ${line}`);
};

describe('secrets in a file', () => {
  it('come back, for each profile its own', async () => {
    const paths = samplePaths();
    expect(await saveSecrets(paths, 'default', SECRETS, noWarning)).toBe('file');
    await saveSecrets(paths, 'other', { cartonaToken: 'x', odooKey: 'y' }, noWarning);
    expect(await loadSecrets(paths, 'default', {}, noWarning)).toEqual(SECRETS);
    expect(await loadSecrets(paths, 'other', {}, noWarning)).toEqual({ cartonaToken: 'x', odooKey: 'y' });
  });

  it('the file is 0600 in a directory 0700, whatever the umask, and nothing else is left there', async () => {
    const paths = samplePaths();
    const before = process.umask(0);
    try {
      await saveSecrets(paths, 'default', SECRETS, noWarning);
      await saveSecrets(paths, 'other', SECRETS, noWarning);
    } finally {
      process.umask(before);
    }
    expect(statSync(paths.secretsFile).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(paths.secretsFile)).mode & 0o777).toBe(0o700);
    expect(readdirSync(dirname(paths.secretsFile))).toEqual(['secrets.json']);
  });

  it('no file of it can be read by others at any moment of being written', async () => {
    const paths = samplePaths();
    const directory = dirname(paths.secretsFile);
    mkdirSync(directory, { recursive: true });
    const modes = new Set<number>();
    const before = process.umask(0);
    let done = false;
    const looking = (async () => {
      while (!done) {
        for (const name of readdirSync(directory))
          modes.add((statSync(join(directory, name), { throwIfNoEntry: false })?.mode ?? 0o600) & 0o777);
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    try {
      for (let round = 0; round < 20; round += 1) await saveSecrets(paths, `p${round}`, SECRETS, noWarning);
    } finally {
      done = true;
      await looking;
      process.umask(before);
    }
    expect([...modes]).toEqual([0o600]);
  });

  it('the environment wins, and alone is enough', async () => {
    const paths = samplePaths();
    await saveSecrets(paths, 'default', SECRETS, noWarning);
    expect(await loadSecrets(paths, 'default', { CARTONA_TOKEN: ' fresh ' }, noWarning)).toEqual({
      cartonaToken: 'fresh',
      odooKey: 'key-2',
    });
    expect(
      await loadSecrets(samplePaths(), 'default', { CARTONA_TOKEN: 'a', CARTONA_ODOO_KEY: 'b' }, noWarning),
    ).toEqual({ cartonaToken: 'a', odooKey: 'b' });
  });

  it('what is missing is named, by the variable that could give it', async () => {
    const paths = samplePaths();
    await expect(loadSecrets(paths, 'default', {}, noWarning)).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('CARTONA_TOKEN and CARTONA_ODOO_KEY') as string,
    });
    await expect(loadSecrets(paths, 'default', { CARTONA_TOKEN: 'a' }, noWarning)).rejects.toMatchObject({
      message: expect.stringContaining('set CARTONA_ODOO_KEY') as string,
    });
    expect(await findSecrets(paths, 'default', { CARTONA_TOKEN: 'a' }, noWarning)).toEqual({
      cartonaToken: 'a',
      odooKey: undefined,
    });
  });

  it('a file that others can read is closed to them and used, with a warning', async () => {
    const paths = samplePaths();
    await saveSecrets(paths, 'default', SECRETS, noWarning);
    chmodSync(paths.secretsFile, 0o644);
    const warnings: string[] = [];
    expect(await loadSecrets(paths, 'default', {}, (line) => warnings.push(line))).toEqual(SECRETS);
    expect(warnings).toEqual([expect.stringContaining('could be read by other users')]);
    expect(statSync(paths.secretsFile).mode & 0o777).toBe(0o600);
    await saveSecrets(paths, 'default', SECRETS, () => undefined);
    expect(statSync(paths.secretsFile).mode & 0o777).toBe(0o600);
  });

  it('a damaged file is named, not overwritten, and its content is not shown', async () => {
    const paths = samplePaths();
    mkdirSync(dirname(paths.secretsFile), { recursive: true });
    writeFileSync(paths.secretsFile, '{"default": {"cartonaToken": "planted-tok', { mode: 0o600 });
    const failure = await loadSecrets(paths, 'default', {}, noWarning).catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind: 'local', message: expect.stringContaining(paths.secretsFile) as string });
    expect(JSON.stringify(failure) + String(failure)).not.toContain('planted-tok');
    await expect(saveSecrets(paths, 'default', SECRETS, noWarning)).rejects.toMatchObject({ kind: 'local' });
    expect(readFileSync(paths.secretsFile, 'utf8')).toContain('planted-tok');
  });

  it("removing a profile's leaves the others', and the last one takes the file along", async () => {
    const paths = samplePaths();
    await saveSecrets(paths, 'a', SECRETS, noWarning);
    await saveSecrets(paths, 'b', SECRETS, noWarning);
    await removeSecrets(paths, 'a', noWarning);
    expect(await loadSecrets(paths, 'b', {}, noWarning)).toEqual(SECRETS);
    await expect(loadSecrets(paths, 'a', {}, noWarning)).rejects.toMatchObject({ kind: 'usage' });
    await removeSecrets(paths, 'b', noWarning);
    expect(existsSync(paths.secretsFile)).toBe(false);
  });
});
