import { CartonaError } from '../../common/errors.js';
import { oneLine } from '../../common/plain-text.js';

/** Questions are asked on a terminal only: where they are read and where they are shown must both be one. */
export const hasTerminal = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

/** Asks yes or no; no is the default. */
export const askYesNo = (question: string): Promise<boolean> =>
  asking((prompt) =>
    prompt<{ answer: boolean }>([{ type: 'confirm', name: 'answer', message: oneLine(question), default: false }]),
  );

/** Asks for a line of text; `preset` is what Enter alone means. */
export async function askText(question: string, preset?: string): Promise<string> {
  const text = await asking((prompt) =>
    prompt<{ answer: string }>([
      { type: 'input', name: 'answer', message: oneLine(question), default: preset, validate: filled },
    ]),
  );
  return text.trim();
}

/** Asks for a secret without showing it; where it is not needed, Enter alone gives an empty text. */
export async function askSecret(question: string, needed = true): Promise<string> {
  const validate = (text: string): true | string => !needed || filled(text);
  const text = await asking((prompt) =>
    prompt<{ answer: string }>([
      { type: 'password', name: 'answer', message: oneLine(question), mask: false, validate },
    ]),
  );
  return text.trim();
}

const filled = (text: string): true | string => text.trim() !== '' || 'This is needed.';

type Prompt = ReturnType<(typeof import('inquirer'))['default']['createPromptModule']>;

/** Questions go to standard error: standard output is for the result. @throws CartonaError `interrupted` at Ctrl-C */
async function asking<T>(ask: (prompt: Prompt) => Promise<{ answer: T }>): Promise<T> {
  const { default: inquirer } = await import('inquirer');
  try {
    return (await ask(inquirer.createPromptModule({ output: process.stderr }))).answer;
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError')
      throw new CartonaError('interrupted', 'Stopped at the question; what it asks about was not done.');
    throw error;
  }
}

/**
 * The lines that were piped in, as many as are needed: for secrets, which must not stand among a process's arguments.
 * @throws CartonaError `usage` when there are fewer
 */
export async function readStdinLines(count: number, what: string): Promise<string[]> {
  let text = '';
  process.stdin.setEncoding('utf8');
  if (process.stdin.isTTY !== true) for await (const part of process.stdin) text += String(part);
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  if (lines.length >= count) return lines.slice(0, count);
  throw new CartonaError(
    'usage',
    `Standard input holds ${lines.length === 0 ? 'nothing' : `${lines.length} line`}, but ${what} ${count === 1 ? 'was' : 'were'} to come from it; pipe ${count === 1 ? 'it' : 'them, one a line,'} into the command.`,
  );
}
