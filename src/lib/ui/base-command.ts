import { Command, Errors, Flags, type Interfaces } from '@oclif/core';
import { writeTable } from './output/csv-file.js';
import { counted } from '../common/words.js';
import { outgrowsTerminal, throughPager } from './output/pager.js';
import { Redactor } from '../common/http/redact.js';
import { openSession, type Timeouts } from '../open-session.js';
import type { Session } from '../session.js';
import { pathsOf } from '../settings/paths.js';
import { keepPrivate } from '../settings/private-files.js';
import { exitCodeOf, type ExitReason } from './exit-codes.js';
import { shownErrorOf } from './shown-error.js';
import { Progress } from './output/progress.js';
import { askYesNo, hasTerminal } from './prompts/prompt.js';
import { withStopSignal } from './signals.js';
import { tableLines, type Cell } from './output/table.js';
import { printJson, printLine } from './output/terminal.js';

export type CommandFlags<T extends typeof Command> = Interfaces.InferredFlags<
  (typeof BaseCommand)['baseFlags'] & T['flags']
>;
export type CommandArgs<T extends typeof Command> = Interfaces.InferredArgs<T['args']>;

/**
 * The environment's secrets: of the integration user's two accounts, of the administrator who sets Odoo up, and of
 * Cartona's webhooks.
 */
const SECRET_VARIABLES = ['CARTONA_TOKEN', 'CARTONA_ODOO_KEY', 'CARTONA_ODOO_ADMIN_KEY', 'CARTONA_WEBHOOK_TOKEN'];

/** For commands that show a list on which a person's yes rests, see `listToAgree`. */
export const exportFlag = (more: { dependsOn?: string[] } = {}) =>
  Flags.string({ ...more, summary: 'Write the changes into this file as CSV instead of showing them.' });

/**
 * What every command shares: the global flags, opening a profile, showing things, and failing in one way. A command's
 * `run` returns its result; `--json` prints that result and nothing else on standard output.
 */
export abstract class BaseCommand<T extends typeof Command> extends Command {
  static override enableJsonFlag = true;

  static override baseFlags = {
    profile: Flags.string({
      char: 'p',
      summary: 'The profile to use: one supplier account and one Odoo.',
      env: 'CARTONA_PROFILE',
      default: 'default',
      helpGroup: 'GLOBAL',
    }),
    quiet: Flags.boolean({
      char: 'q',
      summary: 'Show errors and warnings only.',
      helpGroup: 'GLOBAL',
      exclusive: ['verbose'],
    }),
    verbose: Flags.boolean({ char: 'v', summary: 'Also tell what is being done.', helpGroup: 'GLOBAL' }),
    debug: Flags.boolean({
      summary: "With an error, also show the server's answer and the stack.",
      env: 'CARTONA_DEBUG',
      helpGroup: 'GLOBAL',
    }),
  };

  protected flags!: CommandFlags<T>;
  protected args!: CommandArgs<T>;
  /** Blots out the secrets of this run; whoever reads one from elsewhere adds it. */
  protected readonly redactor = new Redactor();
  #progress: Progress | undefined;

  override async init(): Promise<void> {
    await super.init();
    for (const name of SECRET_VARIABLES) this.redactor.add(process.env[name]?.trim());
    for (const secret of process.env['CARTONA_WEBHOOK_SECRETS']?.split(',') ?? []) this.redactor.add(secret.trim());
    const { args, flags } = await this.parse({
      flags: this.ctor.flags,
      baseFlags: BaseCommand.baseFlags,
      enableJsonFlag: this.ctor.enableJsonFlag,
      args: this.ctor.args,
      strict: this.ctor.strict,
    });
    this.flags = flags as CommandFlags<T>;
    this.args = args as CommandArgs<T>;
    await keepPrivate(pathsOf(process.env), (line) => void this.warn(line));
  }

  /**
   * Opens the chosen profile for some work and closes it afterwards. The first Ctrl-C or SIGTERM raises
   * `session.signal`, the second ends the process. Progress shows on a terminal only, never under --json or --quiet.
   */
  protected async withSession<R>(work: (session: Session) => Promise<R>): Promise<R> {
    return this.withStop((signal) => this.withSessionUntil(signal, work));
  }

  /** The same for a caller that has a stop signal of its own. */
  protected async withSessionUntil<R>(
    signal: AbortSignal,
    work: (session: Session) => Promise<R>,
    timeouts?: Timeouts,
  ): Promise<R> {
    const progress = this.progress();
    const session = await openSession({
      profileName: this.flags.profile,
      env: process.env,
      signal,
      progress: (step, done, total) => progress.report(step, done, total),
      onSecret: (secret) => this.redactor.add(secret),
      warn: (line) => this.warn(line),
      timeouts: timeouts,
    });
    try {
      return await work(session);
    } finally {
      progress.stop();
      await session.store.close();
    }
  }

  /** Runs work that needs no profile with the same stop signal as `withSession`. */
  protected async withStop<R>(work: (signal: AbortSignal) => Promise<R>): Promise<R> {
    return withStopSignal(() => this.toStderr('Stopping; press Ctrl-C again to stop at once.'), work);
  }

  private progress(): Progress {
    this.#progress = new Progress(process.stderr.isTTY === true && !this.jsonEnabled() && !this.flags.quiet);
    return this.#progress;
  }

  /** One line of the result, whatever is in it, on standard output; nothing under --json or --quiet. */
  protected say(line = ''): void {
    if (this.jsonEnabled() || this.flags.quiet) return;
    this.#progress?.hide();
    printLine('stdout', line);
  }

  /** A line about what is being done, on standard error; with --verbose only. */
  protected note(line: string): void {
    if (this.flags.verbose) this.toStderr(line);
  }

  /** A line that deserves attention, on standard error, whatever the flags: `Warning: …`. */
  override warn(input: Error | string): Error | string {
    this.toStderr(`Warning: ${typeof input === 'string' ? input : input.message}`);
    return input;
  }

  /**
   * Rows in columns, on standard output, each with a sentence of its own under it where there is one; nothing under
   * --json or --quiet.
   */
  protected async table(
    head: readonly string[],
    rows: readonly (readonly Cell[])[],
    sentences: readonly Cell[] = [],
  ): Promise<void> {
    if (this.jsonEnabled() || this.flags.quiet) return;
    const lines = await tableLines(head, rows, { of: sentences, columns: process.stdout.columns });
    for (const line of lines) this.say(line);
  }

  /**
   * A list on which a person's yes rests: every row of it. Where it does not fit on the terminal it goes through a
   * pager; with `file` it goes there instead, as CSV.
   * @throws CartonaError `local` when the file cannot be written
   */
  protected async listToAgree(
    title: string,
    head: readonly string[],
    rows: readonly (readonly Cell[])[],
    file: string | undefined,
  ): Promise<void> {
    if (file !== undefined) {
      await writeTable(file, head, rows);
      this.say(`${title}: ${counted(rows.length, 'row')} written to ${file}.`);
    } else if (rows.length > 0 && !this.jsonEnabled() && !this.flags.quiet) {
      const lines = [`${title}:`, ...(await tableLines(head, rows)), ''];
      this.#progress?.hide();
      if (!outgrowsTerminal(lines.length) || !(await throughPager(lines.join('\n'))))
        for (const line of lines) this.say(line);
    }
  }

  /**
   * Whether a person agrees: `yesFlag` says so beforehand; on a terminal it is asked; without one, and under --json, it
   * is no, as it is under --quiet, which shows nothing to agree to. What no means is the caller's to say.
   */
  protected async confirm(question: string, yesFlag: boolean): Promise<boolean> {
    if (yesFlag) return true;
    if (!this.canAsk() || this.flags.quiet) return false;
    this.#progress?.hide();
    return askYesNo(question);
  }

  /** Whether there is somebody to ask. */
  protected canAsk(): boolean {
    return hasTerminal() && !this.jsonEnabled();
  }

  /** Ends the command with the code for "done in part"; its result is shown as ever. */
  protected endPartial(): void {
    this.endAs('partial');
  }

  /** Ends the command with the code of a failure that its result tells; the result is shown as ever. */
  protected endAs(kind: ExitReason): void {
    process.exitCode = exitCodeOf(kind);
  }

  /** Shows a failure in one line (under --json as one object on standard output) and sets its exit code. */
  override async catch(error: Error): Promise<void> {
    // Asked for by oclif itself: help was shown, the program ends.
    if (error instanceof Errors.ExitError) throw error;
    process.exitCode = shownErrorOf(error).exitCode;
    if (this.jsonEnabled()) this.logJson(this.toErrorJson(error));
    else this.showError(error);
  }

  /** A failure's line on standard error; with --debug also what is behind it. */
  protected showError(error: unknown): void {
    const { message, detail, stack } = shownErrorOf(error);
    const more = this.debugging() ? [detail, stack].filter((part) => part !== undefined) : [];
    this.toStderr(`Error: ${message}`);
    // Indented, so that no line of a server's answer passes for one of ours.
    for (const part of more) for (const line of ['', ...part.split('\n')]) this.toStderr(`    ${line}`.trimEnd());
  }

  override toErrorJson(error: unknown): {
    error: { kind: string; message: string; exitCode: number; detail?: string; stack?: string };
  } {
    const { kind, message, exitCode, detail, stack } = shownErrorOf(error);
    const clean = (text: string | undefined): string | undefined =>
      text === undefined ? undefined : this.redactor.text(text);
    return {
      error: {
        kind,
        message: this.redactor.text(message),
        exitCode,
        ...(this.debugging() ? { detail: clean(detail), stack: clean(stack) } : {}),
      },
    };
  }

  /** Indented, and never coloured: it is for programs. */
  override logJson(json: unknown): void {
    printJson(json, 2);
  }

  private toStderr(line: string): void {
    this.#progress?.hide();
    printLine('stderr', this.redactor.text(line));
  }

  /** Also when the flags themselves could not be read. */
  private debugging(): boolean {
    return (this.flags as { debug?: boolean } | undefined)?.debug ?? this.argv.includes('--debug');
  }
}
