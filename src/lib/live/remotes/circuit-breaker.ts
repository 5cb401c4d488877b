import {
  BrokenCircuitError,
  CircuitState,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  type IBreaker,
} from 'cockatiel';
import { setTimeout as sleep } from 'node:timers/promises';
import { CartonaError, isCartonaError } from '../../common/errors.js';

export type RemoteState = 'up' | 'down' | 'refused';

export interface BreakerState {
  readonly state: RemoteState;
  /** UTC ms. */
  readonly since: number;
  readonly reason: string | undefined;
}

export interface CircuitBreakerOptions {
  /** As it is called in messages: "Cartona", "Odoo". */
  readonly name: string;
  /** Requests under way at once. */
  readonly slots: number;
  /** A cheap request that shows whether the other side is there and takes the credentials. */
  readonly probe: () => Promise<void>;
  readonly now: () => number;
  readonly onChange: (state: BreakerState) => void;
  readonly onError: (error: CartonaError) => void;
  /** The longest pause between two probes of a side that is away. */
  readonly longestPauseMs?: number;
}

const FAILURES_TO_OPEN = 3;
/** A request that failed after so long has waited in vain, more than once: the other side hangs. */
const HANGING_MS = 10_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** How often a side that refused the credentials is asked again: they may have been renewed there. */
const REFUSED_PAUSE_MS = 60_000;

/** Opens after a few failures in a row, or after one that was waited for in vain. */
class WeighedFailures implements IBreaker {
  state = 0;
  #hung = false;

  async timed<T>(work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    try {
      return await work();
    } catch (error) {
      this.#hung = performance.now() - started >= HANGING_MS;
      throw error;
    }
  }

  success(): void {
    this.state = 0;
  }

  failure(): boolean {
    this.state += this.#hung ? FAILURES_TO_OPEN : 1;
    this.#hung = false;
    return this.state >= FAILURES_TO_OPEN;
  }
}

/**
 * One of the two other sides, seen over time: a circuit breaker, so that a dead side costs nothing and recovers by
 * itself; the refusal of the credentials, after which nobody knocks until they are replaced; and room for so many
 * requests at once, given by priority.
 */
export class CircuitBreaker {
  #state: BreakerState;
  readonly #failures = new WeighedFailures();
  #breaker;
  #free: number;
  readonly #queue: { readonly priority: number; readonly enter: () => void }[] = [];
  readonly #waiters = new Set<() => void>();

  constructor(private readonly options: CircuitBreakerOptions) {
    this.#state = { state: 'up', since: options.now(), reason: undefined };
    this.#free = options.slots;
    this.#breaker = newBreaker(options, this.#failures);
  }

  get state(): BreakerState {
    return this.#state;
  }

  /**
   * Does a request when there is room for it; the lowest priority number goes first.
   * @throws CartonaError `unreachable` or `credentials` at once while the other side is taken for away
   */
  async run<T>(priority: number, work: () => Promise<T>): Promise<T> {
    await this.#enter(priority);
    try {
      if (this.#state.state === 'refused')
        throw new CartonaError('credentials', this.#state.reason ?? `${this.options.name} refused the credentials.`);
      return await this.#attempt(work);
    } finally {
      this.#leave();
    }
  }

  /** Resolves when the other side may be asked. */
  async usable(signal: AbortSignal): Promise<void> {
    while (this.#state.state !== 'up' && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          this.#waiters.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        this.#waiters.add(done);
        signal.addEventListener('abort', done);
      });
    }
  }

  /** The credentials were replaced: they are tried at once. */
  async credentialsReplaced(): Promise<void> {
    if (this.#state.state === 'refused') await this.#probe();
  }

  /**
   * The breaker counts its pauses by this machine's clock: an open one would stay so until the old time is reached
   * again.
   */
  clockSetBack(): void {
    this.#breaker = newBreaker(this.options, this.#failures);
  }

  /** Probes the side while it is away, until the signal. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const pause = this.#state.state === 'refused' ? REFUSED_PAUSE_MS : FIRST_PAUSE_MS;
      await sleep(pause, undefined, { signal }).catch(() => undefined);
      if (this.#state.state !== 'up' && !signal.aborted) await this.#probe();
    }
  }

  async #probe(): Promise<void> {
    await this.#attempt(this.options.probe).catch(() => undefined);
  }

  async #attempt<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await this.#breaker.execute(() => this.#failures.timed(work));
      // An answer to a request that was sent before the side went away does not bring it back.
      if (this.#breaker.state === CircuitState.Closed) this.#become('up', undefined);
      return result;
    } catch (error) {
      if (error instanceof BrokenCircuitError)
        throw new CartonaError('unreachable', this.#state.reason ?? `${this.options.name} is away.`);
      if (isCartonaError(error)) await this.#noteFailure(error, work);
      throw error;
    }
  }

  async #noteFailure(error: CartonaError, work: () => Promise<unknown>): Promise<void> {
    if (error.kind === 'interrupted') return;
    this.options.onError(error);
    // A missing right on one thing is no refusal of the credentials: the probe tells them apart.
    if (error.kind === 'credentials' && (work === this.options.probe || (await this.#refusesProbe())))
      this.#become('refused', error.message);
    else if (this.#breaker.state === CircuitState.Open) this.#become('down', error.message);
  }

  async #refusesProbe(): Promise<boolean> {
    return this.options.probe().then(
      () => false,
      (error: unknown) => isCartonaError(error, 'credentials'),
    );
  }

  #become(state: RemoteState, reason: string | undefined): void {
    if (this.#state.state === state) return;
    this.#state = { state, since: this.options.now(), reason };
    this.options.onChange(this.#state);
    if (state === 'up') for (const wake of [...this.#waiters]) wake();
  }

  async #enter(priority: number): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>((enter) => {
      const at = this.#queue.findIndex((waiting) => waiting.priority > priority);
      this.#queue.splice(at === -1 ? this.#queue.length : at, 0, { priority, enter });
    });
  }

  #leave(): void {
    const next = this.#queue.shift();
    if (next) next.enter();
    else this.#free += 1;
  }
}

const newBreaker = ({ longestPauseMs }: CircuitBreakerOptions, failures: WeighedFailures) =>
  circuitBreaker(
    handleWhen((error) => isCartonaError(error, 'unreachable', 'outcome-unknown')),
    {
      breaker: failures,
      halfOpenAfter: new ExponentialBackoff({
        initialDelay: FIRST_PAUSE_MS,
        maxDelay: longestPauseMs ?? LONGEST_PAUSE_MS,
      }),
    },
  );
