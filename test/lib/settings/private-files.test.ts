import { chmodSync, chownSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keepPrivate } from '../../../src/lib/settings/private-files.js';
import type { Paths } from '../../../src/lib/settings/paths.js';
import { isSuperUser, samplePaths } from '../../fixtures/profile.js';

const FILES = ['settingsFile', 'secretsFile', 'dataFile'] as const;
const SOMEBODY = 4711;

function filled(): Paths {
  const paths = samplePaths();
  mkdirSync(dirname(paths.settingsFile), { mode: 0o700 });
  for (const file of FILES) writeFileSync(paths[file], '{}', { mode: 0o600 });
  writeFileSync(`${paths.dataFile}-wal`, '', { mode: 0o600 });
  return paths;
}
const modeOf = (path: string): number => statSync(path).mode & 0o777;

async function told(paths: Paths): Promise<string[]> {
  const lines: string[] = [];
  await keepPrivate(paths, (line) => lines.push(line));
  return lines;
}

describe.skipIf(process.platform === 'win32')("the user's own files", () => {
  it('that are private, or not there yet, are nothing to speak of', async () => {
    expect(await told(samplePaths())).toEqual([]);
    expect(await told(filled())).toEqual([]);
  });

  it('that others can change or read are closed to them, and each is told once', async () => {
    const paths = filled();
    chmodSync(paths.settingsFile, 0o666);
    chmodSync(paths.secretsFile, 0o640);
    chmodSync(`${paths.dataFile}-wal`, 0o644);
    chmodSync(dirname(paths.settingsFile), 0o777);
    expect(await told(paths)).toEqual([
      expect.stringContaining('could be changed by other users'),
      expect.stringMatching(/settings\.json could be changed .*666.*check what stands in it/),
      expect.stringMatching(/secrets\.json could be read .*have them replaced/),
      expect.stringContaining('cartona.sqlite-wal could be read'),
    ]);
    expect(modeOf(dirname(paths.settingsFile))).toBe(0o755);
    for (const path of [...FILES.map((file) => paths[file]), `${paths.dataFile}-wal`]) expect(modeOf(path)).toBe(0o600);
    expect(await told(paths)).toEqual([]);
  });

  it('in a place where others could exchange them are refused, with the mend', async () => {
    const paths = filled();
    const parent = dirname(dirname(paths.settingsFile));
    chmodSync(parent, 0o777);
    await expect(told(paths)).rejects.toMatchObject({
      kind: 'local',
      message: expect.stringContaining(`chmod go-w ${parent}`) as string,
    });
    // Where only owners may rename, as in /tmp.
    chmodSync(parent, 0o1777);
    expect(await told(paths)).toEqual([]);
  });

  it.skipIf(!isSuperUser)('that belong to another user are refused, with the mend', async () => {
    for (const file of FILES) {
      const paths = filled();
      chownSync(paths[file], SOMEBODY, SOMEBODY);
      await expect(told(paths)).rejects.toMatchObject({
        kind: 'local',
        message: expect.stringMatching(/belongs to another user \(uid 4711\).*chown/) as string,
      });
    }
    const paths = filled();
    chownSync(dirname(paths.settingsFile), SOMEBODY, SOMEBODY);
    await expect(told(paths)).rejects.toMatchObject({ kind: 'local' });
  });
});
