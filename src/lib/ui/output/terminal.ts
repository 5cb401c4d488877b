import { harmlessJson, oneLine } from '../../common/plain-text.js';

/**
 * The one place from which anything is printed (the linter refuses other ways), so that no text from outside reaches a
 * terminal as it came.
 */
export type Output = 'stdout' | 'stderr';

/** Prints one line: whatever is in it, it stays one. */
export function printLine(output: Output, line: string): void {
  process[output].write(`${oneLine(line)}\n`);
}

/** Prints a value as JSON, on one line unless it is to be indented. */
export function printJson(value: unknown, indent?: number): void {
  process.stdout.write(`${harmlessJson(JSON.stringify(value, undefined, indent))}\n`);
}

/**
 * Prints a piece of a file's text on standard output: as it is for a file or a program that reads it, with harmless
 * characters for a terminal. Throws the system's error, as EPIPE when the reader has gone.
 */
export function printFile(text: string): Promise<void> {
  const shown = process.stdout.isTTY ? text.split('\n').map(lineOfFile).join('\n') : text;
  return new Promise((resolve, reject) => {
    process.stdout.write(shown, (error) => (error ? reject(error) : resolve()));
  });
}

const lineOfFile = (line: string): string => oneLine(line.replace(/\r$/, ''));
