import type { ErrorKind } from '../common/errors.js';

/**
 * Why a command ended as it did: an error's kind, or `bug` for anything that was thrown and is not meant for a person.
 */
export type ExitReason = ErrorKind | 'bug';

/** What each exit code means; the README's table is made of the same words. */
export const EXIT_CODES: Readonly<Record<number, string>> = {
  0: 'done',
  1: 'a fault of the program itself: please report it',
  2: 'wrong usage: something typed wrongly or missing, or not logged in',
  3: 'done in part: items were rejected, held or refused, and are named; cartona status: something waits for a person',
  4: 'credentials or rights were refused; cartona status: a side refuses them',
  5: 'the other side cannot be reached, or answers nonsense; trying later may help; cartona status: a side is away, or the service is late or does not run',
  6: 'another run of the same job is under way',
  7: 'the brake: the change is larger than the set bounds and needs --yes',
  8: 'this machine: disk, directory, permissions, a damaged file',
  130: 'interrupted',
};

const CODE_OF: Readonly<Record<ExitReason, number>> = {
  bug: 1,
  usage: 2,
  partial: 3,
  refused: 3,
  credentials: 4,
  unreachable: 5,
  'outcome-unknown': 5,
  answer: 5,
  busy: 6,
  brake: 7,
  local: 8,
  interrupted: 130,
};

export const exitCodeOf = (kind: ExitReason): number => CODE_OF[kind];
