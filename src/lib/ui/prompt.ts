/** Questions are asked on a terminal only: both ends must be one. */
export const hasTerminal = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

/** Asks yes or no; no is the default. Only with a terminal. */
export async function askYesNo(question: string): Promise<boolean> {
  const { default: inquirer } = await import('inquirer');
  const { yes } = await inquirer.prompt<{ yes: boolean }>([{ type: 'confirm', name: 'yes', message: question, default: false }], {});
  return yes;
}
