import { isCartonaError } from '../../common/errors.js';
import type { NewEvent } from '../../store/store.js';

/** Events in one commit; a request's own are never parted. */
const LARGEST = 2000;
const LONGEST_REST_MS = 20;

interface Waiting {
  readonly events: readonly NewEvent[];
  readonly resolve: (isNew: readonly boolean[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Keeps the events of many requests with few commits: those that come while one is under way share the next. */
export class GroupCommit {
  readonly #keep: (events: readonly NewEvent[]) => Promise<readonly boolean[]>;
  #waiting: Waiting[] = [];
  #running = false;

  constructor(keep: (events: readonly NewEvent[]) => Promise<readonly boolean[]>) {
    this.#keep = keep;
  }

  /**
   * @returns of each event whether it was new, once all are durable. Errors are those of the store; then none was kept.
   */
  keep(events: readonly NewEvent[]): Promise<readonly boolean[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ events, resolve, reject });
      if (this.#running) return;
      this.#running = true;
      // After what else has arrived by now was read.
      setImmediate(() => void this.#run());
    });
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const started = performance.now();
      await this.#commit(this.#take());
      // A commit blocks this thread. As long as it took, answers leave and what arrived meanwhile is read.
      const took = performance.now() - started;
      await new Promise((resolve) => setTimeout(resolve, Math.min(took, LONGEST_REST_MS)));
    }
    this.#running = false;
  }

  #take(): Waiting[] {
    let size = 0;
    const end = this.#waiting.findIndex(({ events }, at) => (size += events.length) > LARGEST && at > 0);
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end);
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    try {
      const isNew = await this.#keep(batch.flatMap(({ events }) => events));
      let from = 0;
      for (const { events, resolve } of batch) resolve(isNew.slice(from, (from += events.length)));
    } catch (error) {
      // A full disk refuses each of them; anything else may be the fault of one, which must not cost the others.
      if (batch.length === 1 || isCartonaError(error, 'local')) for (const { reject } of batch) reject(error);
      else for (const one of batch) await this.#commit([one]);
    }
  }
}
