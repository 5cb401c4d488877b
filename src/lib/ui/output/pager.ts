import { spawn } from 'node:child_process';

/** What a shell answers when a program cannot be started. */
const NOT_STARTED: ReadonlySet<number | null> = new Set([126, 127]);

/** Whether standard output is a terminal on which a text of so many lines does not fit. */
export const outgrowsTerminal = (lines: number): boolean =>
  process.stdout.isTTY === true &&
  process.stdin.isTTY === true &&
  process.stdout.rows > 0 &&
  lines > process.stdout.rows;

/**
 * Shows a text through the person's pager (`PAGER`, else `less`), until they leave it.
 * @returns false when there is no such program, and nothing was shown
 */
export async function throughPager(text: string): Promise<boolean> {
  const child = spawn(process.env['PAGER']?.trim() || 'less', {
    shell: true,
    stdio: ['pipe', 'inherit', 'inherit'],
    // What was shown stays on the screen, above the question.
    env: { LESS: 'FRX', ...process.env },
  });
  // Whoever leaves the pager early has seen enough.
  child.stdin.on('error', () => undefined);
  child.stdin.end(text);
  const code = await new Promise<number | null>((resolve) => {
    child.on('error', () => resolve(127));
    child.on('close', resolve);
  });
  return !NOT_STARTED.has(code);
}
