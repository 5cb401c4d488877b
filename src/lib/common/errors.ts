/**
 * Why something could not be done, in the terms a caller acts on:
 * - `usage`: what the person typed or left out; they must type it differently
 * - `credentials`: a token, key, password or right was refused
 * - `unreachable`: the other side did not answer, or answers only with failures; trying later may help
 * - `outcome-unknown`: a write left the house and no answer came back: look before repeating it
 * - `answer`: the other side answered something that cannot be understood
 * - `refused`: the other side understood and said no; repeating it unchanged is useless
 * - `busy`: another run of the same job is under way
 * - `brake`: the change is larger than the set bounds and nobody agreed to it
 * - `partial`: the good ones were done, others are rejected or held and were named
 * - `local`: this machine: disk, directory, permissions, a damaged file
 * - `interrupted`: a person or the system asked us to stop
 */
export type ErrorKind =
  | 'usage'
  | 'credentials'
  | 'unreachable'
  | 'outcome-unknown'
  | 'answer'
  | 'refused'
  | 'busy'
  | 'brake'
  | 'partial'
  | 'local'
  | 'interrupted';

/**
 * An error meant for a person. `message` is one sentence that names the thing, the reason and the next step, and never
 * holds a secret. `detail` (a server's traceback, a raw answer) is shown with `--debug` only. Anything that is thrown
 * and is not a `CartonaError` is a bug.
 */
export class CartonaError extends Error {
  override readonly name = 'CartonaError';

  constructor(
    readonly kind: ErrorKind,
    message: string,
    readonly detail?: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** True when `error` is a `CartonaError` of one of the given kinds (of any kind, when none is given). */
export function isCartonaError(error: unknown, ...kinds: ErrorKind[]): error is CartonaError {
  return error instanceof CartonaError && (kinds.length === 0 || kinds.includes(error.kind));
}

/** Throws `interrupted` once the signal was raised; long work calls it between steps, so that Ctrl-C stops cleanly. */
export function throwIfInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new CartonaError(
      'interrupted',
      'Stopped on request; what was done is recorded, and the next run goes on from there.',
    );
}
