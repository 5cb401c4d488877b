import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSession } from '../../src/lib/open-session.js';
import type { Profile } from '../../src/lib/settings/profile.js';
import { saveProfile } from '../../src/lib/settings/profiles.js';
import { saveSecrets } from '../../src/lib/settings/secrets.js';
import { sampleProfile, samplePaths } from '../fixtures/profile.js';

const silent = (): void => undefined;

async function loggedIn(profile: Profile = sampleProfile()) {
  const paths = samplePaths();
  await saveProfile(paths, 'default', profile);
  await saveSecrets(paths, 'default', { cartonaToken: 'token-1', odooKey: 'key-2' }, silent);
  return { paths, env: { CARTONA_HOME: join(paths.settingsFile, '..') } };
}

describe('opening a profile', () => {
  it('gives both sides, the rows, the clock, and tells whoever prints the secrets', async () => {
    const { env } = await loggedIn();
    const secrets: string[] = [];
    const session = await openSession({
      profileName: 'default',
      env,
      now: () => 42,
      onSecret: (secret) => secrets.push(secret),
    });
    expect(session).toMatchObject({
      profileName: 'default',
      profile: sampleProfile(),
      odoo: { url: 'https://odoo.example', major: 18 },
    });
    expect(session.now()).toBe(42);
    expect(secrets).toEqual(['token-1', 'key-2']);
    await session.store.close();
  });

  it('logged in at another server, what was recorded for the first does not count; back there, it does', async () => {
    const { paths, env } = await loggedIn();
    const recorded = async (): Promise<number> => {
      const { store } = await openSession({ profileName: 'default', env });
      const { size } = await store.deliveries.get('price', ['P1']);
      await store.close();
      return size;
    };
    const { store } = await openSession({ profileName: 'default', env });
    await store.deliveries.recordObserved('price', [{ key: 'P1', delivered: '10' }], 1);
    await store.close();
    expect(await recorded()).toBe(1);
    const there = sampleProfile();
    await saveProfile(paths, 'default', { ...there, odoo: { ...there.odoo, db: 'another' } });
    expect(await recorded()).toBe(0);
    await saveProfile(paths, 'default', there);
    expect(await recorded()).toBe(1);
  });

  it.each([
    ['CARTONA_URL', 'https://other.example'],
    ['CARTONA_ODOO_URL', 'https://other.example'],
    ['CARTONA_ODOO_DB', 'other'],
    ['CARTONA_ODOO_LOGIN', 'other'],
  ])("%s of another server than the profile's is refused, the same one is not", async (name, value) => {
    const { env } = await loggedIn();
    await expect(openSession({ profileName: 'default', env: { ...env, [name]: value } })).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining(name) as string,
    });
    const same = {
      CARTONA_URL: 'https://cartona.example/',
      CARTONA_ODOO_URL: 'https://odoo.example',
      CARTONA_ODOO_DB: 'shop',
      CARTONA_ODOO_LOGIN: 'cartona',
    };
    await (await openSession({ profileName: 'default', env: { ...env, ...same } })).store.close();
  });

  it('not logged in, nothing is made on the disk', async () => {
    const { settingsFile } = samplePaths();
    await expect(
      openSession({ profileName: 'default', env: { CARTONA_HOME: join(settingsFile, '..') } }),
    ).rejects.toMatchObject({ kind: 'usage' });
    expect(existsSync(join(settingsFile, '..'))).toBe(false);
  });
});
