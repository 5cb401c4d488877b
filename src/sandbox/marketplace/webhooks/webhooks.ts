import { randomUUID } from 'node:crypto';
import { makeRandom } from '../../random.js';
import type { ApiOrder } from '../../supplier/supplier-types.js';
import type { Behaviour } from '../behaviour.js';
import { BoundedLog } from '../bounded-log.js';
import type { OrderEvent } from '../orders/order-book.js';
import { parseStrictly } from '../refusal.js';
import { WEBHOOK_PATHS, webhookMessage } from './webhook-messages.js';
import { WebhookSender, type Delivery, type LoggedWebhook } from './webhook-sender.js';
import { subscriberSchema, webhookHeaders, type NewSubscriber, type Subscriber } from './webhook-signing.js';

/** What the marketplace tells of its own accord, to one subscriber at most. */
export class Webhooks {
  readonly #log: BoundedLog<LoggedWebhook>;
  readonly #random;
  readonly #sender: WebhookSender;
  #subscriber: Subscriber | undefined;
  #events = 0;

  /**
   * @param seed of the choices which events are lost, repeated and held back: the same events with the same settings
   * meet the same fate
   */
  constructor(
    private readonly behaviour: Pick<Behaviour, 'webhooks'>,
    private readonly show: (order: ApiOrder) => unknown,
    private readonly clock: () => Date,
    seed: number,
    logLimit: number,
  ) {
    this.#random = makeRandom(seed);
    this.#log = new BoundedLog(logLimit);
    this.#sender = new WebhookSender(behaviour, (delivery, signal) => this.#attempt(delivery, signal));
  }

  /**
   * From now on this subscriber is told, and no other; also what already waits goes there. @throws Refusal for a
   * malformed address or secret
   */
  subscribe(subscriber: NewSubscriber): void {
    this.#subscriber = parseStrictly(subscriberSchema, subscriber);
  }

  /** From now on nobody is told; what waits is given up. */
  unsubscribe(): void {
    this.#subscriber = undefined;
  }

  /** The last events, oldest first; each shows its present standing. Without a subscriber there are none. */
  log(): readonly LoggedWebhook[] {
    return this.#log.kept();
  }

  /** Resolves when no event is on its way any more; what is held back is let go at once. */
  quiet(): Promise<void> {
    return this.#sender.quiet();
  }

  /** Sends nothing until `resume`; a request under way is cut, and sent again then. */
  pause(): void {
    this.#sender.pause();
  }

  resume(): void {
    this.#sender.resume();
  }

  close(): void {
    this.#sender.close();
  }

  /** An event of the order book. */
  tell(event: OrderEvent): void {
    if (this.#subscriber === undefined || (event.by === 'supplier' && !this.behaviour.webhooks.echo)) return;
    const message = webhookMessage(event, this.behaviour.webhooks, this.show);
    const fate = this.#fate();
    const entry = this.#log.add({
      at: event.record.updatedAt,
      id: `msg_${randomUUID()}`,
      kind: message.kind,
      hashedId: event.record.order.hashed_id,
      attempts: 0,
      lastStatus: null,
      outcome: fate.lost ? 'lost' : 'waiting',
    });
    this.#events += 1;
    if (!fate.lost)
      this.#sender.add({
        ...message,
        entry,
        sequence: this.#events,
        copies: fate.copies,
        behind: fate.behind,
        failures: 0,
      });
  }

  /** As many draws for every event, so that one setting's change leaves the other choices as they were. */
  #fate(): { lost: boolean; copies: number; behind: number } {
    const random = this.#random;
    const { loss, repeat, reorder } = this.behaviour.webhooks;
    const [lost, repeated, copies, held, behind] = [
      random.chance(loss),
      random.chance(repeat),
      random.int(2, 3),
      random.chance(reorder),
      random.int(1, 3),
    ];
    return { lost, copies: repeated ? copies : 1, behind: held ? behind : 0 };
  }

  async #attempt({ entry, kind, body }: Delivery, signal: AbortSignal): Promise<number | null | undefined> {
    if (this.#subscriber === undefined) return undefined;
    entry.attempts += 1;
    const headers = webhookHeaders(this.#subscriber, entry.id, this.clock(), body);
    entry.lastStatus = await post(`${this.#subscriber.url}${WEBHOOK_PATHS[kind]}`, headers, body, signal);
    return entry.lastStatus;
  }
}

/**
 * The answer's status; null where none came. Redirections are not followed: a receiver that moves has to be subscribed
 * anew.
 */
async function post(
  url: string,
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal,
): Promise<number | null> {
  try {
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
    // Read to its end, or the connection could not be used again.
    await response.arrayBuffer();
    return response.status;
  } catch {
    return null;
  }
}
