import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  findProfile,
  listProfiles,
  loadProfile,
  removeProfile,
  saveProfile,
} from '../../../src/lib/settings/profiles.js';
import { shownProfile } from '../../../src/lib/settings/profile.js';
import { isSuperUser, sampleProfile, samplePaths } from '../../fixtures/profile.js';

describe('profiles', () => {
  it('are shown without what holds tokens', () => {
    const profile = sampleProfile();
    const full = {
      ...profile,
      odoo: { ...profile.odoo, push: { url: 'https://hints.example', secret: 'planted' } },
      alerts: { ...profile.alerts, webhook: 'https://chat.example/planted', command: 'curl -H planted' },
    };
    expect(JSON.stringify(shownProfile(full))).not.toContain('planted');
    expect(shownProfile(profile)).toEqual(profile);
  });

  it('come back as they were stored, several side by side', async () => {
    const paths = samplePaths();
    const second = { ...sampleProfile(), brake: { priceChangePercent: 10, zeroStockSharePercent: 5 } };
    await saveProfile(paths, 'default', sampleProfile());
    await saveProfile(paths, 'shop-2', second);
    expect(await loadProfile(paths, 'default')).toEqual(sampleProfile());
    expect(await loadProfile(paths, 'shop-2')).toEqual(second);
    expect(await listProfiles(paths)).toEqual(['default', 'shop-2']);
  });

  it("lie in a file and a directory of their owner's, with nothing half-written beside them", async () => {
    const paths = samplePaths();
    await saveProfile(paths, 'default', sampleProfile());
    expect(statSync(paths.settingsFile).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(paths.settingsFile)).mode & 0o777).toBe(0o700);
    expect(readdirSync(dirname(paths.settingsFile))).toEqual(['settings.json']);
  });

  it('a profile stored by an older version gets the defaults of what it does not have', async () => {
    const paths = samplePaths();
    await saveProfile(paths, 'default', sampleProfile());
    const stored = JSON.parse(readFileSync(paths.settingsFile, 'utf8')) as {
      profiles: Record<string, Record<string, unknown>>;
    };
    delete stored.profiles['default']?.['brake'];
    writeFileSync(paths.settingsFile, JSON.stringify(stored));
    expect((await loadProfile(paths, 'default')).brake).toEqual(sampleProfile().brake);
  });

  it('not logged in names the command, and the profiles that there are', async () => {
    const paths = samplePaths();
    await expect(loadProfile(paths, 'default')).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('`cartona login`') as string,
    });
    await saveProfile(paths, 'shop', sampleProfile());
    await expect(loadProfile(paths, 'other')).rejects.toMatchObject({
      kind: 'usage',
      message:
        'Not logged in: there is no profile "other" (there is "shop"; choose with --profile); run `cartona login --profile other`.',
    });
    expect(await findProfile(paths, 'other')).toBeUndefined();
  });

  it('removing one leaves the others', async () => {
    const paths = samplePaths();
    await saveProfile(paths, 'a', sampleProfile());
    await saveProfile(paths, 'b', sampleProfile());
    expect(await removeProfile(paths, 'a')).toBe(true);
    expect(await removeProfile(paths, 'a')).toBe(false);
    expect(await listProfiles(paths)).toEqual(['b']);
  });

  it.each(['../x', 'a b', '', '-x', '__proto__', 'a.b', 'x'.repeat(41)])('the name %j is refused', async (name) => {
    await expect(saveProfile(samplePaths(), name, sampleProfile())).rejects.toMatchObject({ kind: 'usage' });
  });

  it.each(['', '{', '[]', '{"profiles": 3}', '<html>'])(
    'a damaged file (%j) is named and never overwritten',
    async (content) => {
      const paths = samplePaths();
      mkdirSync(dirname(paths.settingsFile), { recursive: true });
      writeFileSync(paths.settingsFile, content);
      await expect(loadProfile(paths, 'default')).rejects.toMatchObject({
        kind: 'local',
        message: expect.stringContaining(paths.settingsFile) as string,
      });
      await expect(saveProfile(paths, 'default', sampleProfile())).rejects.toMatchObject({ kind: 'local' });
      expect(readFileSync(paths.settingsFile, 'utf8')).toBe(content);
    },
  );

  it('a damaged profile names the setting, and can be logged out of', async () => {
    const paths = samplePaths();
    mkdirSync(dirname(paths.settingsFile), { recursive: true });
    writeFileSync(
      paths.settingsFile,
      JSON.stringify({ profiles: { default: { ...sampleProfile(), stock: { measure: 'guess' } } } }),
    );
    await expect(loadProfile(paths, 'default')).rejects.toMatchObject({
      kind: 'local',
      message: expect.stringContaining('stock.measure') as string,
    });
    expect(await removeProfile(paths, 'default')).toBe(true);
  });

  it('a directory that is a file is a sentence, not a crash', async () => {
    const paths = samplePaths();
    writeFileSync(dirname(paths.settingsFile), 'a file');
    await expect(saveProfile(paths, 'default', sampleProfile())).rejects.toMatchObject({ kind: 'local' });
  });

  it.skipIf(isSuperUser)('a directory that cannot be written is a sentence, not a crash', async () => {
    const paths = samplePaths();
    mkdirSync(dirname(paths.settingsFile), { recursive: true });
    chmodSync(dirname(paths.settingsFile), 0o500);
    await expect(saveProfile(paths, 'default', sampleProfile())).rejects.toMatchObject({
      kind: 'local',
      message: expect.stringContaining('permission') as string,
    });
  });
});
