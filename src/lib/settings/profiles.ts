import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { z } from 'zod';
import { CartonaError } from '../common/errors.js';
import { withLocalErrors } from '../common/local-errors.js';
import { requirementOf } from '../common/http/unreadable.js';
import { makePrivateDirectory } from '../common/private-directory.js';
import type { Paths } from './paths.js';
import { profileSchema, type Profile } from './profile.js';

const fileSchema = z.object({ profiles: z.record(z.string(), z.unknown()).default({}) });

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/;

/** @throws CartonaError `usage` for a name that is not letters, digits, `-` and `_` */
export function requireProfileName(name: string): string {
  if (NAME.test(name)) return name;
  throw new CartonaError('usage', `"${name}" cannot name a profile; use up to 40 letters, digits, - and _.`);
}

/** The names of the stored profiles, sorted. */
export async function listProfiles(paths: Paths): Promise<string[]> {
  return Object.keys(await readProfiles(paths)).sort();
}

/**
 * The stored profile of a name.
 * @throws CartonaError `usage` when nobody logged in under that name; `local` when the settings cannot be read or are
 * damaged
 */
export async function loadProfile(paths: Paths, name: string): Promise<Profile> {
  const stored = await findProfile(paths, name);
  if (stored) return stored;
  throw notLoggedIn(name, await listProfiles(paths));
}

/** The stored profile of a name; `undefined` when there is none. Errors as `loadProfile`. */
export async function findProfile(paths: Paths, name: string): Promise<Profile | undefined> {
  const stored = (await readProfiles(paths))[requireProfileName(name)];
  if (stored === undefined) return undefined;
  const read = profileSchema.safeParse(stored);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new CartonaError(
    'local',
    `The profile "${name}" in ${paths.settingsFile} is damaged (${issue?.path.join('.') ?? ''}: ${requirementOf(issue)}); run \`cartona logout\`, then \`cartona login\`, for it.`,
  );
}

/** Stores a profile under its name, beside the others; the file is replaced as a whole or not at all. */
export async function saveProfile(paths: Paths, name: string, profile: Profile): Promise<void> {
  const profiles = await readProfiles(paths);
  await writeProfiles(paths, { ...profiles, [requireProfileName(name)]: profile });
}

/** Removes a profile. @returns whether there was one */
export async function removeProfile(paths: Paths, name: string): Promise<boolean> {
  const { [requireProfileName(name)]: removed, ...others } = await readProfiles(paths);
  if (removed === undefined) return false;
  await writeProfiles(paths, others);
  return true;
}

/**
 * Profiles are read without `conf`, which takes longer to load than a short command to run; it writes what is read
 * here.
 */
async function readProfiles(paths: Paths): Promise<Record<string, unknown>> {
  const text = await withLocalErrors(async () => {
    try {
      return await readFile(paths.settingsFile, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  });
  if (text === undefined) return {};
  const read = fileSchema.safeParse(parsed(text));
  if (read.success) return read.data.profiles;
  throw new CartonaError(
    'local',
    `The settings file ${paths.settingsFile} is damaged; correct it, or move it aside and run \`cartona login\` again.`,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

async function writeProfiles(paths: Paths, profiles: Record<string, unknown>): Promise<void> {
  const { default: Conf } = await import('conf');
  await withLocalErrors(async () => {
    const directory = dirname(paths.settingsFile);
    makePrivateDirectory(directory);
    const conf = new Conf<{ profiles: Record<string, unknown> }>({
      cwd: directory,
      configName: basename(paths.settingsFile, '.json'),
      accessPropertiesByDotNotation: false,
      configFileMode: 0o600,
    });
    conf.set('profiles', profiles);
  });
}

function notLoggedIn(name: string, others: string[]): CartonaError {
  const there =
    others.length === 0
      ? ''
      : ` (there is ${others
          .sort()
          .map((other) => `"${other}"`)
          .join(', ')}; choose with --profile)`;
  return new CartonaError(
    'usage',
    `Not logged in: there is no profile "${name}"${there}; run \`${loginCommand(name)}\`.`,
  );
}

const loginCommand = (name: string): string =>
  name === 'default' ? 'cartona login' : `cartona login --profile ${name}`;
