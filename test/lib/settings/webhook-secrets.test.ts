import { existsSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadSecrets, removeSecrets, saveSecrets } from '../../../src/lib/settings/secrets.js';
import { fingerprint, newSigningSecret, signingKey } from '../../../src/lib/settings/signing-secret.js';
import {
  findWebhookSecrets,
  newToken,
  removeWebhookToken,
  saveSigningSecrets,
  saveWebhookToken,
  storedWebhookSecrets,
} from '../../../src/lib/settings/webhook-secrets.js';
import { samplePaths } from '../../fixtures/profile.js';

const SECRETS = { cartonaToken: 'token-1', odooKey: 'key-2' };
const silent = (): void => undefined;

describe('webhook secrets', () => {
  it('come back, for each profile its own; none is no error', async () => {
    const paths = samplePaths();
    expect(await findWebhookSecrets(paths, 'default', {}, silent)).toEqual({ token: undefined, signing: [] });
    const [token, one, two] = [newToken(), newSigningSecret(), newSigningSecret()];
    await saveWebhookToken(paths, 'default', token, silent);
    await saveSigningSecrets(paths, 'default', [one, two], silent);
    await saveWebhookToken(paths, 'other', newToken(), silent);
    expect(await findWebhookSecrets(paths, 'default', {}, silent)).toEqual({ token, signing: [one, two] });
    expect(statSync(paths.secretsFile).mode & 0o777).toBe(0o600);
  });

  it('stay when somebody logs in again, and go with a logout', async () => {
    const paths = samplePaths();
    await saveSecrets(paths, 'default', SECRETS, silent);
    const token = newToken();
    await saveWebhookToken(paths, 'default', token, silent);
    await saveSecrets(paths, 'default', { ...SECRETS, odooKey: 'key-3' }, silent);
    expect(await loadSecrets(paths, 'default', {}, silent)).toEqual({ ...SECRETS, odooKey: 'key-3' });
    expect((await storedWebhookSecrets(paths, 'default', silent)).token).toBe(token);
    await removeSecrets(paths, 'default', silent);
    expect(existsSync(paths.secretsFile)).toBe(false);
  });

  it('can be removed one by one, and leave the others', async () => {
    const paths = samplePaths();
    const secret = newSigningSecret();
    await saveSecrets(paths, 'default', SECRETS, silent);
    await saveWebhookToken(paths, 'default', newToken(), silent);
    await saveSigningSecrets(paths, 'default', [secret], silent);
    await removeWebhookToken(paths, 'default', silent);
    expect(await storedWebhookSecrets(paths, 'default', silent)).toEqual({ token: undefined, signing: [secret] });
    await saveSigningSecrets(paths, 'default', [], silent);
    expect(JSON.parse(readFileSync(paths.secretsFile, 'utf8'))).toEqual({ default: SECRETS });
  });

  it('the environment wins, each kind as a whole', async () => {
    const paths = samplePaths();
    const [token, stored, one, two] = [newToken(), newSigningSecret(), newSigningSecret(), newSigningSecret()];
    await saveWebhookToken(paths, 'default', token, silent);
    await saveSigningSecrets(paths, 'default', [stored], silent);
    expect(await findWebhookSecrets(paths, 'default', { CARTONA_WEBHOOK_SECRETS: ` ${one}, ${two},` }, silent)).toEqual(
      { token, signing: [one, two] },
    );
    expect(
      await findWebhookSecrets(
        paths,
        'default',
        { CARTONA_WEBHOOK_TOKEN: ' a-token-of-the-environment ', CARTONA_WEBHOOK_SECRETS: '' },
        silent,
      ),
    ).toEqual({ token: 'a-token-of-the-environment', signing: [stored] });
  });

  it.each(['short', 'a token with spaces in it', 'ein-schlüssel-mit-umlauten'])(
    'a token that is none (%s) is refused, and not shown',
    async (token) => {
      for (const refused of [
        saveWebhookToken(samplePaths(), 'default', token, silent),
        findWebhookSecrets(samplePaths(), 'default', { CARTONA_WEBHOOK_TOKEN: token }, silent),
      ]) {
        await expect(refused).rejects.toMatchObject({ kind: 'usage', message: expect.not.stringContaining(token) });
      }
    },
  );

  it('a signing secret that is none is refused, and not shown', async () => {
    await expect(
      findWebhookSecrets(samplePaths(), 'default', { CARTONA_WEBHOOK_SECRETS: 'planted-secret' }, silent),
    ).rejects.toMatchObject({ kind: 'usage', message: expect.not.stringContaining('planted') });
  });

  it('new ones are sound and never the same', () => {
    expect(signingKey(newSigningSecret())).toHaveLength(32);
    expect(newSigningSecret()).not.toBe(newSigningSecret());
    expect(fingerprint('a')).toMatch(/^[0-9a-f]{8}$/);
    expect(fingerprint('a')).not.toBe(fingerprint('b'));
  });
});
