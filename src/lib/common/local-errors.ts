import { CartonaError } from './errors.js';

/** What the system said, and what a person does about it. */
const SENTENCES: Readonly<Record<string, string>> = {
  EACCES: 'permission denied; check who owns it and its permissions, or choose another place',
  EPERM: 'the system does not permit it; check who owns it and its permissions, or choose another place',
  EROFS: 'the disk is read-only; choose another place',
  ENOSPC: 'the disk is full; make room',
  EDQUOT: 'your disk quota is used up; make room',
  ENOENT: 'there is no such file or directory; check the path',
  ENOTDIR: 'a part of the path is a file, not a directory; check the path',
  EISDIR: 'it is a directory, not a file; name a file',
  EEXIST: 'something else of that name is already there; choose another name',
  EMFILE: 'too many files are open; close other programs or raise the limit',
  EIO: 'the disk reports an error; check the disk',
  ENAMETOOLONG: 'the name is too long; choose a shorter one',
  EADDRINUSE: 'that address is already in use; choose another port or stop the program that has it',
  EADDRNOTAVAIL: 'this machine does not have that address; choose another one',
};

/**
 * A refusal of this machine (disk, directory, permissions, port) as a `local` error; `undefined` when the error is none
 * of these.
 */
export function localError(error: unknown): CartonaError | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined;
  const sentence = SENTENCES[String(error.code)];
  if (sentence === undefined) return undefined;
  const { path, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  const what = path ?? (address === undefined ? 'what was asked for' : `${address}:${port ?? ''}`);
  return new CartonaError('local', `Cannot ${verbOf(String(error.syscall))} ${what}: ${sentence}.`, error.stack, {
    cause: error,
  });
}

/** Runs work on files and turns this machine's refusals into `local` errors; anything else passes through. */
export async function withLocalErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw localError(error) ?? error;
  }
}

function verbOf(syscall: string): string {
  if (syscall === 'mkdir') return 'make the directory';
  if (syscall === 'listen' || syscall === 'bind') return 'listen on';
  if (syscall === 'open' || syscall === 'read' || syscall === 'scandir' || syscall === 'stat' || syscall === 'lstat')
    return 'open';
  return 'write';
}
