import { randomBytes } from 'node:crypto';
import { chmod, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { CartonaError } from '../common/errors.js';
import { withLocalErrors } from '../common/local-errors.js';
import { makePrivateDirectory } from '../common/private-directory.js';
import { closeToOthers } from './private-files.js';
import { getFromKeyStore, putIntoKeyStore, removeFromKeyStore } from './key-store.js';
import type { Paths } from './paths.js';
import type { Secrets } from './profile.js';

/** Where secrets were put: for telling the person. */
export type SecretPlace = 'key store' | 'file';

const KINDS = ['cartonaToken', 'odooKey'] as const;
const ENVIRONMENT = { cartonaToken: 'CARTONA_TOKEN', odooKey: 'CARTONA_ODOO_KEY' } as const;

/** Everything that is stored of a profile; a list is text with commas. */
const STORED_KINDS = [...KINDS, 'webhookToken', 'webhookSecrets'] as const;
export type StoredKind = (typeof STORED_KINDS)[number];

const storedSchema = z
  .object({ cartonaToken: z.string(), odooKey: z.string(), webhookToken: z.string(), webhookSecrets: z.string() })
  .partial();
const fileSchema = z.record(z.string(), storedSchema);
type SecretsFile = z.output<typeof fileSchema>;

/** The secrets that the environment gives; they win over stored ones and are never stored by themselves. */
export function environmentSecrets(env: NodeJS.ProcessEnv): Partial<Secrets> {
  const given: { cartonaToken?: string; odooKey?: string } = {};
  for (const kind of KINDS) {
    const value = env[ENVIRONMENT[kind]]?.trim();
    if (value) given[kind] = value;
  }
  return given;
}

/**
 * What is there of a profile's secrets: the environment's, else the file's, else the key store's.
 * @param warn told when the file was open to others
 * @throws CartonaError `local` when the file cannot be read or is damaged
 */
export async function findSecrets(
  paths: Paths,
  profileName: string,
  env: NodeJS.ProcessEnv,
  warn: (line: string) => void,
): Promise<Partial<Secrets>> {
  const given = environmentSecrets(env);
  if (given.cartonaToken !== undefined && given.odooKey !== undefined) return given;
  return {
    ...(await findStored(
      paths,
      profileName,
      KINDS.filter((kind) => given[kind] === undefined),
      warn,
    )),
    ...given,
  };
}

/** Of a profile's secrets the stored ones of these kinds: the file's, else the key store's. Errors as `findSecrets`. */
export async function findStored<Kind extends StoredKind>(
  paths: Paths,
  profileName: string,
  kinds: readonly Kind[],
  warn: (line: string) => void,
): Promise<Partial<Record<Kind, string>>> {
  const file = (await readSecretsFile(paths, warn))[profileName] ?? {};
  const found: Partial<Record<Kind, string>> = {};
  for (const kind of kinds) {
    const value =
      file[kind] ??
      (paths.useKeyStore ? await getFromKeyStore(account(profileName, kind)).catch(() => undefined) : undefined);
    if (value !== undefined) found[kind] = value;
  }
  return found;
}

/** The secrets of a profile, complete. @throws CartonaError as `findSecrets`, and `usage` naming what is missing */
export async function loadSecrets(
  paths: Paths,
  profileName: string,
  env: NodeJS.ProcessEnv,
  warn: (line: string) => void,
): Promise<Secrets> {
  const { cartonaToken, odooKey } = await findSecrets(paths, profileName, env, warn);
  if (cartonaToken !== undefined && odooKey !== undefined) return { cartonaToken, odooKey };
  const missing = [
    ...(cartonaToken === undefined ? [ENVIRONMENT.cartonaToken] : []),
    ...(odooKey === undefined ? [ENVIRONMENT.odooKey] : []),
  ];
  throw new CartonaError(
    'usage',
    `The secrets of profile "${profileName}" are not there; run \`cartona login\` again or set ${missing.join(' and ')}.`,
  );
}

/**
 * Stores a profile's secrets in the system's key store, else in the file; those of other kinds stay. @throws
 * CartonaError `local`
 */
export const saveSecrets = (
  paths: Paths,
  profileName: string,
  { cartonaToken, odooKey }: Secrets,
  warn: (line: string) => void,
): Promise<SecretPlace> => store(paths, profileName, { cartonaToken, odooKey }, warn);

/** As `saveSecrets`, for secrets of any kind. */
export async function store(
  paths: Paths,
  profileName: string,
  secrets: Readonly<Partial<Record<StoredKind, string>>>,
  warn: (line: string) => void,
): Promise<SecretPlace> {
  const given = STORED_KINDS.flatMap((kind) => (secrets[kind] === undefined ? [] : [[kind, secrets[kind]] as const]));
  if (paths.useKeyStore && (await storedInKeyStore(profileName, given))) {
    // What a machine without a key store had put there would win over the new.
    await changeFile(paths, profileName, Object.fromEntries(given.map(([kind]) => [kind, undefined])), warn);
    return 'key store';
  }
  await changeFile(paths, profileName, Object.fromEntries(given), warn);
  return 'file';
}

/** Removes a profile's secrets of these kinds (of all, unless told) wherever they are. */
export async function removeSecrets(
  paths: Paths,
  profileName: string,
  warn: (line: string) => void,
  kinds: readonly StoredKind[] = STORED_KINDS,
): Promise<void> {
  await changeFile(paths, profileName, Object.fromEntries(kinds.map((kind) => [kind, undefined])), warn);
  if (!paths.useKeyStore) return;
  for (const kind of kinds) await removeFromKeyStore(account(profileName, kind)).catch(() => undefined);
}

async function storedInKeyStore(
  profileName: string,
  secrets: readonly (readonly [StoredKind, string])[],
): Promise<boolean> {
  try {
    for (const [kind, secret] of secrets) await putIntoKeyStore(account(profileName, kind), secret);
    return true;
  } catch {
    // No key store on this machine (a server, a container): the file is the documented second place.
    return false;
  }
}

/**
 * Sets some of a profile's secrets in the file, or takes them out (`undefined`). A file that holds nothing any more is
 * removed.
 */
async function changeFile(
  paths: Paths,
  profileName: string,
  change: Readonly<Partial<Record<StoredKind, string | undefined>>>,
  warn: (line: string) => void,
): Promise<void> {
  const { [profileName]: before = {}, ...others } = await readSecretsFile(paths, warn);
  const after = storedSchema.parse({ ...before, ...change });
  const kept = Object.values(after).some((value) => value !== undefined);
  const all = kept ? { ...others, [profileName]: after } : others;
  if (Object.keys(all).length > 0) await writeSecretsFile(paths, all);
  else await withLocalErrors(() => rm(paths.secretsFile, { force: true }));
}

async function readSecretsFile(paths: Paths, warn: (line: string) => void): Promise<SecretsFile> {
  const text = await withLocalErrors(async () => {
    try {
      await closeToOthers(paths.secretsFile, warn);
      return await readFile(paths.secretsFile, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  });
  if (text === undefined) return {};
  const read = fileSchema.safeParse(parsed(text));
  if (read.success) return read.data;
  throw new CartonaError(
    'local',
    `The secrets file ${paths.secretsFile} is damaged; move it aside and run \`cartona login\` again.`,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A new file is made with mode 0600 from its first instant and takes the old one's place in one step. */
async function writeSecretsFile(paths: Paths, secrets: SecretsFile): Promise<void> {
  await withLocalErrors(async () => {
    const directory = dirname(paths.secretsFile);
    makePrivateDirectory(directory);
    const fresh = `${paths.secretsFile}.${randomBytes(6).toString('hex')}.tmp`;
    try {
      const file = await open(fresh, 'wx', 0o600);
      try {
        await file.writeFile(`${JSON.stringify(secrets, undefined, 2)}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await chmod(fresh, 0o600);
      await rename(fresh, paths.secretsFile);
    } catch (error) {
      await rm(fresh, { force: true });
      throw error;
    }
  });
}

const account = (profileName: string, kind: StoredKind): string => `${profileName}:${kind}`;
