import type { Ora } from 'ora';
import { grouped } from './numbers.js';

/** Work that is done sooner shows no spinner, and does not pay for loading one. */
const PATIENCE_MS = 300;

/** A spinner on standard error that says how far the work is; silent where `shown` is false. */
export class Progress {
  readonly #shown: boolean;
  #spinner: Ora | undefined;
  #timer: NodeJS.Timeout | undefined;
  #text = '';
  #stopped = false;

  constructor(shown: boolean) {
    this.#shown = shown;
  }

  report(step: string, done: number, total?: number): void {
    if (!this.#shown || this.#stopped) return;
    this.#text = `${step} ${grouped(done)}${total === undefined ? '' : ` of ${grouped(total)}`}`;
    if (this.#spinner) this.#spinner.text = this.#text;
    else this.#timer ??= setTimeout(() => void this.#start(), PATIENCE_MS).unref();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#spinner?.stop();
  }

  async #start(): Promise<void> {
    const { default: ora } = await import('ora');
    if (this.#stopped) return;
    // Ctrl-C stays ours: ora would otherwise swallow it with the input it discards.
    this.#spinner = ora({ text: this.#text, stream: process.stderr, discardStdin: false }).start();
  }
}
