import { Errors, run } from '@oclif/core';
import { CartonaError } from '../common/errors.js';
import { printJson, printLine } from './output/terminal.js';
import { shownErrorOf } from './shown-error.js';

/**
 * Runs the program with this process's arguments. Commands show their own failures; here end those that have no command
 * (a name that does not exist) and what nobody caught.
 * @param dir the executable's `import.meta.url`
 */
export async function main(dir: string): Promise<void> {
  // Whoever read our errors has gone; the work goes on. oclif does the same for standard output.
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  process.on('uncaughtException', (error) => {
    end(error);
    process.exit();
  });
  try {
    const [first = '', ...others] = process.argv.slice(2);
    // `cartona help sync prices`, as many programs take it.
    await run(first === 'help' ? [...others, '--help'] : process.argv.slice(2), dir);
  } catch (error) {
    if (error instanceof Errors.ExitError) process.exitCode = error.oclif.exit ?? 0;
    else end(error);
  }
}

function end(error: unknown): void {
  const { kind, message, exitCode, stack } = shownErrorOf(withoutCommand(error) ?? error);
  process.exitCode = exitCode;
  if (process.argv.includes('--json')) printJson({ error: { kind, message, exitCode } }, 2);
  else printLine('stderr', `Error: ${message}`);
  if (process.argv.includes('--debug') && stack !== undefined)
    for (const line of stack.split('\n')) printLine('stderr', line);
}

function withoutCommand(error: unknown): CartonaError | undefined {
  const name = error instanceof Error ? /^command (.+) not found$/i.exec(error.message)?.[1] : undefined;
  if (name?.startsWith('-'))
    return new CartonaError(
      'usage',
      `${name} comes before a command; flags follow it, as in \`cartona whoami ${name}\`.`,
    );
  return name === undefined
    ? undefined
    : new CartonaError(
        'usage',
        `There is no command \`${name.replaceAll(':', ' ')}\`; see them all with \`cartona --help\`.`,
      );
}
