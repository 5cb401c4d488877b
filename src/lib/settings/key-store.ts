/**
 * The system's key store (Keychain, Credential Manager, Secret Service). Every operation fails where the system has
 * none.
 */
const SERVICE = 'cartona';
/** A locked or absent key store may never answer. */
const PATIENCE_MS = 20_000;

async function entry(account: string): Promise<import('@napi-rs/keyring').AsyncEntry> {
  const { AsyncEntry } = await import('@napi-rs/keyring');
  // Left to choose, Linux may take the kernel's keyring, which forgets everything at a reboot.
  return new AsyncEntry(SERVICE, account, { linux: { store: 'secret-service' } });
}

export async function getFromKeyStore(account: string): Promise<string | undefined> {
  return (await (await entry(account)).getPassword(AbortSignal.timeout(PATIENCE_MS))) ?? undefined;
}

/** Writes and reads back: a key store that forgets at once is none. */
export async function putIntoKeyStore(account: string, secret: string): Promise<void> {
  const place = await entry(account);
  await place.setPassword(secret, AbortSignal.timeout(PATIENCE_MS));
  if ((await place.getPassword(AbortSignal.timeout(PATIENCE_MS))) !== secret)
    throw new Error('the key store did not keep the secret');
}

export async function removeFromKeyStore(account: string): Promise<void> {
  await (await entry(account)).deletePassword(AbortSignal.timeout(PATIENCE_MS));
}
