import type { Ora } from 'ora';
import { grouped } from '../../common/words.js';

/** Work that is done sooner shows no spinner, and does not pay for loading one. */
const PATIENCE_MS = 300;

/**
 * A terminal that tells no width (one made by another program) would keep the spinner busy for ever with breaking its
 * line.
 */
const hasWidth = (): boolean => (process.stderr.columns ?? 0) > 0;

/** A spinner on standard error that says how far the work is; silent where `shown` is false. */
export class Progress {
  readonly #shown: boolean;
  #spinner: Ora | undefined;
  #timer: NodeJS.Timeout | undefined;
  #text = '';
  #stopped = false;

  constructor(shown: boolean) {
    this.#shown = shown && hasWidth();
  }

  report(step: string, done: number, total?: number): void {
    if (!this.#shown || this.#stopped) return;
    this.#text = `${step} ${grouped(done)}${total === undefined ? '' : ` of ${grouped(total)}`}`;
    if (this.#spinner) this.#spinner.text = this.#text;
    else this.#timer ??= setTimeout(() => void this.#start(), PATIENCE_MS).unref();
  }

  /** Takes the spinner off the screen, for a line of output; the next report brings it back. */
  hide(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#spinner?.stop();
    this.#spinner = undefined;
  }

  stop(): void {
    this.#stopped = true;
    this.hide();
  }

  async #start(): Promise<void> {
    const timer = this.#timer;
    const { default: ora } = await import('ora');
    // Hidden or stopped while it was loading.
    if (this.#stopped || this.#timer !== timer) return;
    // Ctrl-C stays ours: ora would otherwise swallow it with the input it discards.
    this.#spinner = ora({ text: this.#text, stream: process.stderr, discardStdin: false }).start();
  }
}
