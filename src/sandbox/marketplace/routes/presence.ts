import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Webhooks } from '../webhooks/webhooks.js';

/**
 * Another process may have been lent the port in between: how often, and after how many milliseconds, it is asked for
 * again.
 */
const PORT_TRIES = 40;
const PORT_WAIT_MS = 50;

/** Whether the marketplace is there: it can go away and come back at the same address, with everything that it knew. */
export class Presence {
  readonly #closed = new AbortController();
  #awake = Promise.resolve();
  #wake: (() => void) | undefined;
  #address: AddressInfo | undefined;

  constructor(
    private readonly server: Server,
    private readonly webhooks: Pick<Webhooks, 'pause' | 'resume'>,
  ) {}

  /** Resolves at once, or when a pause ends: whatever wants to be answered waits here. */
  awake(): Promise<void> {
    return this.#awake;
  }

  /**
   * Connections are accepted and nothing is answered, nor any webhook sent, until `resume`; then what has waited is
   * done.
   */
  pause(): void {
    if (this.#wake !== undefined) return;
    this.#awake = new Promise((resolve) => {
      this.#wake = resolve;
    });
    this.webhooks.pause();
  }

  /** Cuts every connection and frees the port until `resume`; no webhook is sent meanwhile. */
  async stop(): Promise<void> {
    const address = this.server.address();
    if (address === null || typeof address === 'string') return;
    this.#address = address;
    this.webhooks.pause();
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  /**
   * Ends a pause or a stop: listens at the same address again. @throws the system's error where another process keeps
   * the port
   */
  async resume(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    if (this.#address !== undefined) await listenAgain(this.server, this.#address);
    this.#address = undefined;
    this.#wake?.();
    this.#wake = undefined;
    this.webhooks.resume();
  }

  /** Stops, and comes back after so many milliseconds; resolves when it listens again. */
  async restart({ downMs = 0 }: { downMs?: number } = {}): Promise<void> {
    await this.stop();
    await sleep(downMs, undefined, { signal: this.#closed.signal }).catch(() => undefined);
    await this.resume();
  }

  /** For good: no `resume` brings it back. */
  close(): void {
    this.#closed.abort();
    this.#wake?.();
  }
}

async function listenAgain(server: Server, { address: host, port }: AddressInfo): Promise<void> {
  for (let left = PORT_TRIES; ; left -= 1) {
    try {
      const listening = once(server, 'listening');
      server.listen(port, host);
      await listening;
      return;
    } catch (error) {
      if (left === 0 || !(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
      await sleep(PORT_WAIT_MS);
    }
  }
}
