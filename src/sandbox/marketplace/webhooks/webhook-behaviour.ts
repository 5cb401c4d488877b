import { z } from 'zod';

const share = z.number().min(0).max(1);

/**
 * How webhooks are sent, as settings that a test may change at any time; a change counts from the next event or attempt
 * on.
 */
export const webhookBehaviourSchema = z.strictObject({
  /** A new order's body: the order itself, or an array that holds it. */
  ordersAs: z.enum(['object', 'array']),
  /** A status event's body: `hashed_id`, `status` and the reason of a cancellation, or the whole order. */
  statusBody: z.enum(['status', 'order']),
  /** Status events carry the event's time as `updated_at`. */
  updatedAt: z.boolean(),
  /** What the supplier itself changed through the API is told too. */
  echo: z.boolean(),
  /** The share of events that is sent two or three times under one id; a repeat comes after what already waits. */
  repeat: share,
  /** The share of events that is held back until one to three later ones were sent. */
  reorder: share,
  /** Nothing is held back longer than this, in milliseconds, where no later event comes. */
  holdMs: z.int().min(0),
  /** The share of events that is never sent. */
  loss: share,
  /** How often an event is tried again that was not answered with a 2xx. */
  retries: z.int().min(0),
  /** Milliseconds before the first of these tries; each further wait is twice as long. */
  backoffMs: z.int().min(0),
  /** Milliseconds that the receiver has to answer in. */
  timeoutMs: z.int().min(1),
  /** How many requests are under way at once; with one, first attempts leave in the order of the events. */
  concurrency: z.int().min(1),
});
export type WebhookBehaviour = z.infer<typeof webhookBehaviourSchema>;

export const DEFAULT_WEBHOOK_BEHAVIOUR: Readonly<WebhookBehaviour> = {
  ordersAs: 'object',
  statusBody: 'status',
  updatedAt: false,
  echo: false,
  repeat: 0,
  reorder: 0,
  holdMs: 500,
  loss: 0,
  retries: 5,
  backoffMs: 200,
  timeoutMs: 5000,
  concurrency: 1,
};
