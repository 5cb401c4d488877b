import type { Stats } from 'node:fs';
import { chmod, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CartonaError } from '../common/errors.js';
import { withLocalErrors } from '../common/local-errors.js';
import type { Paths } from './paths.js';

/** Bits of a mode. */
const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;
const GROUP_WRITES = 0o020;
const EVERYBODY_WRITES = 0o002;
/** Only a file's owner may rename or remove it in such a directory. */
const STICKY = 0o1000;

/**
 * Keeps settings, secrets and data from other users: whoever can write the settings can have this program run a command
 * (`alerts.command`) or send its tokens elsewhere. What is the user's own and open to others is closed, and told; what
 * cannot be closed is refused. Does nothing on Windows, where a user's own directories are private.
 * @throws CartonaError `local` where another user owns one of them or can put another in its place, with the mend
 */
export async function keepPrivate(paths: Paths, warn: (line: string) => void): Promise<void> {
  if (process.getuid === undefined) return;
  await withLocalErrors(async () => {
    const directories = new Set([dirname(paths.settingsFile), dirname(paths.dataFile)]);
    for (const directory of directories) {
      await refuseOpenParent(dirname(directory), directory);
      await closeToOthers(directory, warn, OTHERS_WRITE);
    }
    const data = ['', '-wal', '-shm'].map((suffix) => `${paths.dataFile}${suffix}`);
    for (const file of [paths.settingsFile, paths.secretsFile, ...data])
      // A directory in a file's place is told of by whoever opens it.
      if ((await statOf(file))?.isDirectory() !== true) await closeToOthers(file, warn);
  });
}

/**
 * The same for one file or directory; nothing where there is none.
 * @param open the bits of its mode that are taken away
 */
export async function closeToOthers(path: string, warn: (line: string) => void, open = OTHERS): Promise<void> {
  const uid = process.getuid?.();
  const found = await statOf(path);
  if (uid === undefined || !found) return;
  // What root gives, as a mounted secret, is as good as one's own.
  if (found.uid !== uid && found.uid !== 0)
    throw new CartonaError(
      'local',
      `${path} belongs to another user (uid ${found.uid}), who could change it under this program; run cartona as that user, or make it yours with \`chown\`.`,
    );
  if (found.uid !== uid || (found.mode & open) === 0) return;
  const others = (found.mode & OTHERS_WRITE) === 0 ? 'read' : 'changed';
  await chmod(path, found.mode & 0o777 & ~open);
  // Some file systems (a Windows drive, a USB stick) take a mode and keep none.
  const closed = (((await statOf(path))?.mode ?? 0) & open) === 0;
  const outcome = closed
    ? 'and is now private'
    : 'and its file system keeps no modes: choose another place with CARTONA_HOME';
  warn(
    `${path} could be ${others} by other users of this machine (mode ${octal(found.mode)}), ${outcome}; ${others === 'read' ? 'if secrets stand in it, have them replaced' : 'check what stands in it'}.`,
  );
}

/** In a directory that others can write, our own directory can be exchanged for theirs. */
async function refuseOpenParent(parent: string, directory: string): Promise<void> {
  const found = await statOf(parent);
  if (!found || (found.mode & STICKY) !== 0 || !(await statOf(directory))) return;
  // Many systems give every user a group of their own, and let it write.
  const byGroup = (found.mode & GROUP_WRITES) !== 0 && found.gid !== process.getgid?.();
  if (!byGroup && (found.mode & EVERYBODY_WRITES) === 0) return;
  throw new CartonaError(
    'local',
    `${parent} can be changed by other users (mode ${octal(found.mode)}), who could put another directory in the place of ${directory}; run \`chmod go-w ${parent}\`, or choose another place with CARTONA_HOME.`,
  );
}

const octal = (mode: number): string => (mode & 0o7777).toString(8);

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    // Not there yet; whatever else is wrong with it, opening it will tell.
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(String((error as NodeJS.ErrnoException).code))) return undefined;
    throw error;
  }
}
