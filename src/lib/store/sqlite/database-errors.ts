import { CartonaError } from '../../common/errors.js';
import { localError } from '../../common/local-errors.js';

/** SQLite's primary result codes that mean something to a person. */
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const PROTOCOL = 15;
const NOTADB = 26;

/**
 * SQLite's primary result code, or `undefined` when something else failed. Nothing is decided by the words of a
 * message: "malformed JSON" says nothing about the file.
 */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('rawCode' in error && typeof error.rawCode === 'number') return error.rawCode & 0xff;
  // The driver has no field for the code of a failed open; it writes it behind the path.
  const opening = /^ConnectionFailed\(.*: (\d+)"\)$/s.exec(error.message)?.[1];
  return opening === undefined ? undefined : Number(opening) & 0xff;
}

/** Another process holds a lock that has to be waited for. */
export const isLocked = (error: unknown): boolean => [BUSY, LOCKED, PROTOCOL].includes(resultCode(error) ?? -1);

/** SQLite takes the file for damaged. It is wrong about that when another process changes the file at that moment. */
export const isCorrupt = (error: unknown): boolean => [CORRUPT, NOTADB].includes(resultCode(error) ?? -1);

/**
 * What a person is told of a failure of the data file; what is none passes through.
 * @param isSound looks at the file once more before it is called damaged
 */
export function databaseError(error: unknown, path: string, isSound: () => boolean): unknown {
  if (!(error instanceof Error) || error instanceof CartonaError) return error;
  const sentence = sentenceOf(resultCode(error), path, isSound);
  return sentence === undefined
    ? (localError(error) ?? error)
    : new CartonaError('local', sentence, error.stack, { cause: error });
}

function sentenceOf(code: number | undefined, path: string, isSound: () => boolean): string | undefined {
  switch (code) {
    case FULL:
      return `The disk that holds ${path} is full; make room, nothing recorded is lost.`;
    case READONLY:
    case CANTOPEN:
      return `The data file ${path} cannot be written; check the directory's permissions, or choose another one with CARTONA_HOME.`;
    case BUSY:
    case LOCKED:
    case PROTOCOL:
      return `The data file ${path} is locked by another program; wait until that is done, or end it.`;
    case CORRUPT:
    case NOTADB:
      return isSound()
        ? `The data file ${path} could not be read for a moment; a check found it sound, so run the command again.`
        : `The data file ${path} is damaged; put a copy back with \`cartona state restore FILE\`, or move it aside, and a new one is begun (docs/data-and-secrets.md tells what is then not known any more).`;
    case IOERR:
      return `The data file ${path} cannot be read or written (disk error or full disk); check the disk.`;
    default:
      return undefined;
  }
}
