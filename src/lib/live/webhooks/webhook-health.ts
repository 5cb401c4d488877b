import type { WebhookHealthEntry } from '../../operations/runtime-state.js';
import type { ReceiverEvent } from './receiver.js';
import type { RefusalReason } from './refusal.js';

/** The sender did not prove that it is Cartona. */
const CREDENTIALS: ReadonlySet<RefusalReason> = new Set([
  'unconfigured',
  'no-credentials',
  'token',
  'signature',
  'timestamp',
]);

/** How webhooks fare: the last that was taken, and those refused since for want of credentials. */
export class WebhookHealth {
  #entry: WebhookHealthEntry = { refused: 0 };
  #changed = true;

  note(event: ReceiverEvent, now: number): void {
    if (event.kind === 'received') this.#entry = { acceptedAt: now, refused: 0 };
    else if (event.kind === 'refused' && CREDENTIALS.has(event.reason))
      this.#entry = {
        ...this.#entry,
        refused: this.#entry.refused + 1,
        refusedSince: this.#entry.refusedSince ?? now,
        reason: event.message,
      };
    else return;
    this.#changed = true;
  }

  /** What is new since it was last taken. */
  take(): WebhookHealthEntry | undefined {
    if (!this.#changed) return undefined;
    this.#changed = false;
    return this.#entry;
  }
}
