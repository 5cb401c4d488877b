import { Errors } from '@oclif/core';
import { isCartonaError } from '../common/errors.js';
import { oneLine } from '../common/plain-text.js';
import { localError } from '../common/local-errors.js';
import { exitCodeOf, type ExitReason } from './exit-codes.js';

/** An error as it is shown: one sentence, the code the program exits with, and what `--debug` adds. */
export interface ShownError {
  readonly kind: ExitReason;
  readonly message: string;
  readonly exitCode: number;
  readonly detail: string | undefined;
  readonly stack: string | undefined;
}

/**
 * Sorts whatever was thrown. Only what is neither ours, nor oclif's about the arguments, nor this machine's is a bug.
 */
export function shownErrorOf(error: unknown): ShownError {
  const known = isCartonaError(error) ? error : localError(error);
  if (known) return shownError(known.kind, known.message, known.stack, known.detail);
  if (error instanceof Errors.CLIError) return shownError('usage', usageSentence(error.message), error.stack);
  const message = error instanceof Error ? error.message : String(error);
  const said = `A fault in cartona itself: ${oneLine(message).replace(/\.$/, '')}. Run the command again with --debug and report what it prints.`;
  return shownError('bug', said, error instanceof Error ? error.stack : undefined);
}

function shownError(kind: ExitReason, message: string, stack: string | undefined, detail?: string): ShownError {
  return { kind, message, exitCode: exitCodeOf(kind), detail, stack };
}

const SHORTEST_SECRET = 16;

const ADVICE = 'see what it takes with --help';

/** oclif's parse errors run over several lines, with lists and hints of their own. */
function usageSentence(message: string): string {
  const said = withoutValues(message)
    .replace(/\n?See more help with --help$/, '')
    .replace(/\n\nNote: [\s\S]*$/, '')
    .replace(/^The following errors? occurred:\s*/, '')
    .split('\n')
    .map((line) => line.trim().replace(/\s{2,}/g, ' '))
    .filter(Boolean);
  const [first, ...rest] = said;
  const sentence = first?.endsWith(':') ? `${first} ${rest.join('; ')}` : said.join('; ');
  return `${capital(sentence.replace(/\.$/, ''))}; ${ADVICE}.`;
}

/**
 * What was typed where it does not belong may be a secret: only what is shorter than any is repeated, and of a flag that
 * does not exist the name.
 */
function withoutValues(message: string): string {
  const word = (typed: string): string =>
    typed.length < SHORTEST_SECRET ? typed : '(a text that is not repeated here)';
  return message
    .replace(
      /^(Unexpected arguments?: )([\s\S]*?)(?=\nSee more help|$)/,
      (_, said: string, typed: string) => `${said}${typed.split(', ').map(word).join(', ')}`,
    )
    .replace(
      /^(Expected )([\s\S]*?)( to be one of: )/,
      (_, said: string, typed: string, rest: string) => `${said}${word(typed)}${rest}`,
    )
    .replace(/^Nonexistent flags?: .*/, (said) => said.replace(/=[^,]*/g, ''));
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
