import type { Behaviour } from '../behaviour.js';
import type { WebhookKind, WebhookMessage } from './webhook-messages.js';

/** One event and what became of it. */
export interface LoggedWebhook {
  /** Of the event. */
  readonly at: Date;
  /** The `webhook-id`, the same at every attempt and repeat. */
  readonly id: string;
  readonly kind: WebhookKind;
  readonly hashedId: string;
  /** Requests sent, repeats included. */
  attempts: number;
  /** The HTTP status of the last answer; null while there is none, and where the last attempt brought none. */
  lastStatus: number | null;
  /**
   * `delivered` by any one 2xx; `lost`: was never to be sent; `given-up`: tried as often as it may be, or there was
   * nobody to tell.
   */
  outcome: 'waiting' | 'delivered' | 'lost' | 'given-up';
}

/** One event on its way. */
export interface Delivery extends WebhookMessage {
  readonly entry: LoggedWebhook;
  /** Grows from event to event. */
  readonly sequence: number;
  /** How often it is sent from here on, whatever becomes of each time. */
  copies: number;
  /** How many later events are sent before it. */
  behind: number;
  /** Failed attempts of the present copy. */
  failures: number;
}

/** One attempt: the answer's HTTP status, null where none came, undefined where there is nobody to send to. */
export type Attempt = (delivery: Delivery, signal: AbortSignal) => Promise<number | null | undefined>;

/** Sends deliveries in their order, at most so many at once; tries again, repeats and holds back as told. */
export class WebhookSender {
  #queue: Delivery[] = [];
  readonly #timers = new Map<Delivery, NodeJS.Timeout>();
  readonly #held = new Set<Delivery>();
  readonly #underWay = new Set<AbortController>();
  #whenQuiet: (() => void)[] = [];
  #paused = false;

  constructor(
    private readonly behaviour: Pick<Behaviour, 'webhooks'>,
    private readonly attempt: Attempt,
  ) {}

  add(delivery: Delivery): void {
    if (delivery.behind === 0) this.#enqueue(delivery);
    else {
      this.#held.add(delivery);
      this.#later(delivery, this.behaviour.webhooks.holdMs);
    }
  }

  /** Resolves when nothing is on its way any more; what is held back goes at once, what failed still waits its time. */
  quiet(): Promise<void> {
    for (const delivery of [...this.#held].sort((a, b) => a.sequence - b.sequence)) this.#enqueue(delivery);
    return new Promise((resolve) => {
      this.#whenQuiet.push(resolve);
      this.#tellQuiet();
    });
  }

  /** Cuts what is under way, which is sent again later, and sends nothing until `resume`. */
  pause(): void {
    this.#paused = true;
    for (const controller of this.#underWay) controller.abort();
  }

  resume(): void {
    this.#paused = false;
    this.#send();
  }

  /** Forgets everything that is on its way. */
  close(): void {
    this.pause();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#held.clear();
    this.#queue = [];
    this.#tellAll();
  }

  #enqueue(delivery: Delivery): void {
    clearTimeout(this.#timers.get(delivery));
    this.#timers.delete(delivery);
    this.#held.delete(delivery);
    this.#queue.push(delivery);
    this.#send();
  }

  #later(delivery: Delivery, ms: number): void {
    this.#timers.set(
      delivery,
      setTimeout(() => this.#enqueue(delivery), ms),
    );
  }

  #send(): void {
    while (!this.#paused && this.#underWay.size < this.behaviour.webhooks.concurrency) {
      const delivery = this.#queue.shift();
      if (delivery === undefined) return;
      void this.#try(delivery);
    }
  }

  async #try(delivery: Delivery): Promise<void> {
    const controller = new AbortController();
    this.#underWay.add(controller);
    const timer = setTimeout(() => controller.abort(), this.behaviour.webhooks.timeoutMs);
    const status = await this.attempt(delivery, controller.signal);
    clearTimeout(timer);
    this.#underWay.delete(controller);
    if (this.#paused && status === null) this.#queue.unshift(delivery);
    else this.#settle(delivery, status);
    this.#send();
    this.#tellQuiet();
  }

  #settle(delivery: Delivery, status: number | null | undefined): void {
    const { entry } = delivery;
    const accepted = typeof status === 'number' && status >= 200 && status < 300;
    if (accepted) entry.outcome = 'delivered';
    if (entry.attempts === 1) this.#release(delivery.sequence);
    if (!accepted && status !== undefined && delivery.failures < this.behaviour.webhooks.retries) {
      this.#later(delivery, this.behaviour.webhooks.backoffMs * 2 ** delivery.failures);
      delivery.failures += 1;
      return;
    }
    if (entry.outcome === 'waiting') entry.outcome = 'given-up';
    delivery.copies -= 1;
    delivery.failures = 0;
    if (delivery.copies > 0) this.#queue.push(delivery);
  }

  /** Lets go of what was held back behind as many events as have now been sent. */
  #release(sequence: number): void {
    for (const held of this.#held) {
      if (held.sequence >= sequence) continue;
      held.behind -= 1;
      if (held.behind === 0) this.#enqueue(held);
    }
  }

  #tellQuiet(): void {
    if (this.#queue.length > 0 || this.#timers.size > 0 || this.#underWay.size > 0) return;
    this.#tellAll();
  }

  #tellAll(): void {
    for (const resolve of this.#whenQuiet.splice(0)) resolve();
  }
}
