import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { writeWhole } from '../../../src/lib/common/csv-output.js';

function place(): (name: string) => string {
  const directory = mkdtempSync(join(tmpdir(), 'cartona-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return (name) => join(directory, name);
}
const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('a file that is written whole', () => {
  it("is the user's alone, or keeps the mode that the old one had", async () => {
    const at = place();
    await writeWhole(at('a.csv'), (write) => write('new'));
    expect([modeOf(at('a.csv')), readFileSync(at('a.csv'), 'utf8')]).toEqual([0o600, 'new']);
    chmodSync(at('a.csv'), 0o640);
    await writeWhole(at('a.csv'), (write) => write('newer'));
    expect([modeOf(at('a.csv')), readFileSync(at('a.csv'), 'utf8')]).toEqual([0o640, 'newer']);
  });

  it('takes the place of a link and never writes where it points', async () => {
    const at = place();
    writeFileSync(at('target'), 'kept', { mode: 0o644 });
    symlinkSync(at('target'), at('a.csv'));
    await writeWhole(at('a.csv'), (write) => write('new'));
    expect(readFileSync(at('target'), 'utf8')).toBe('kept');
    expect([lstatSync(at('a.csv')).isSymbolicLink(), modeOf(at('a.csv'))]).toEqual([false, 0o600]);
  });

  it('goes through no name that somebody else can guess, is private from its first byte, and leaves nothing when it fails', async () => {
    const at = place();
    for (const name of [`a.csv.${process.pid}.tmp`, 'a.csv.tmp']) symlinkSync(at('victim'), at(name));
    const names: string[] = [];
    await writeWhole(at('a.csv'), async (write) => {
      // So much that it is on its way when it is taken.
      await write('new'.repeat(100_000));
      const fresh = readdirSync(at('.')).filter((name) => lstatSync(at(name)).isFile());
      names.push(...fresh);
      expect(fresh.map((name) => modeOf(at(name)))).toEqual([0o600]);
    });
    await writeWhole(at('a.csv'), async () => {
      names.push(...readdirSync(at('.')).filter((name) => name.endsWith('.tmp') && lstatSync(at(name)).isFile()));
      await Promise.reject(new Error('stop'));
    }).catch(() => undefined);
    expect(new Set(names).size).toBe(2);
    expect(readdirSync(at('.')).sort()).toEqual(['a.csv', `a.csv.${process.pid}.tmp`, 'a.csv.tmp'].sort());
    expect(readFileSync(at('a.csv'), 'utf8')).toMatch(/^newnew/);
  });

  it('is no folder', async () => {
    const at = place();
    mkdirSync(at('folder'));
    await expect(writeWhole(at('folder'), (write) => write('x'))).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('is a folder') as string,
    });
  });
});
