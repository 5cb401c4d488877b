import { rm } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { secretsReader } from '../../../src/lib/live/secrets-watch.js';
import { openSession } from '../../../src/lib/open-session.js';
import { pathsOf } from '../../../src/lib/settings/paths.js';
import { removeProfile } from '../../../src/lib/settings/profiles.js';
import { openShop } from '../../fixtures/shop.js';

describe('the secrets of a running profile', () => {
  it('that are not there are no logout, which ends the service: the profile alone tells', async () => {
    const { env } = await openShop();
    const session = await openSession({ profileName: 'default', env });
    onTestFinished(() => session.store.close());
    const read = secretsReader({
      session,
      env,
      timeouts: { attempts: 1, cartonaTimeoutMs: 1000 },
      signal: new AbortController().signal,
      onSecret: () => undefined,
    });
    expect(await read()).toMatchObject({ kind: 'read', clients: undefined });
    const { secretsFile } = pathsOf(env);
    await rm(secretsFile);
    await expect(read()).rejects.toMatchObject({
      kind: 'local',
      message: expect.stringContaining('are not there, or their key store does not answer') as string,
    });
    await removeProfile(pathsOf(env), 'default');
    expect(await read()).toMatchObject({ kind: 'ended', reason: expect.stringContaining('was logged out') as string });
  });
});
