import { z } from 'zod';
import { DEFAULT_WEBHOOK_BEHAVIOUR, webhookBehaviourSchema } from './webhooks/webhook-behaviour.js';

/** The two dialects of the API: their paths and auth headers differ, their bodies hardly. */
export const DIALECTS = ['base-product', 'supplier-product'] as const;
export type Dialect = (typeof DIALECTS)[number];

export const ANSWER_SHAPES = [
  'results',
  'empty-object',
  'empty-array',
  'success-flag',
  'details-by-index',
  'details-by-id',
] as const;
/** How the bulk calls answer: the real shape is unknown, these were seen or documented. */
export type AnswerShape = (typeof ANSWER_SHAPES)[number];

/** What is unknown about the real marketplace, as settings that a test may change at any time. */
export const behaviourSchema = z.strictObject({
  /** Shape of the answers of bulk updates and line edits. */
  answerShape: z.enum(ANSWER_SHAPES),
  /**
   * One refused item refuses the whole batch with a 422 and nothing is applied; else the good items are applied and the
   * answer is a 200.
   */
  atomicBatches: z.boolean(),
  /**
   * `order`: `synced` acknowledges the order as it is now. `version`: only what this client last pulled, so a change in
   * between stays listed.
   */
  ackMeaning: z.enum(['order', 'version']),
  /** Lists always answer their first page. */
  ignorePage: z.boolean(),
  /** The stock path refuses items that carry no `base_product_id`. */
  requireBaseProductIdForStock: z.boolean(),
  /** More items in one request than this: 413. */
  maxItems: z.int().min(1),
  /**
   * Listing entries that are shown otherwise than they are, by `internal_product_id`: these fields in place of the right
   * ones, or something that is no object in place of the whole entry.
   */
  listedAs: z.record(z.string(), z.unknown()),
  /** Added to every request, in milliseconds. */
  latencyMs: z.int().min(0),
  /** At most so many requests in each window of so many seconds; beyond: 429 with Retry-After. */
  rateLimit: z.strictObject({ requests: z.int().min(1), seconds: z.int().min(1) }).nullable(),
  webhooks: webhookBehaviourSchema,
});
export type Behaviour = z.infer<typeof behaviourSchema>;

export const DEFAULT_BEHAVIOUR: Readonly<Behaviour> = {
  answerShape: 'results',
  atomicBatches: false,
  ackMeaning: 'order',
  ignorePage: false,
  requireBaseProductIdForStock: false,
  maxItems: 100,
  listedAs: {},
  latencyMs: 0,
  rateLimit: null,
  webhooks: DEFAULT_WEBHOOK_BEHAVIOUR,
};

/** Some settings anew; the others stay as they are. */
export const behaviourChangeSchema = behaviourSchema
  .partial()
  .extend({ webhooks: webhookBehaviourSchema.partial().optional() });
export type BehaviourChange = z.input<typeof behaviourChangeSchema>;

/** The behaviour with the change laid over it. @throws z.ZodError for a setting that makes no sense */
export function changedBehaviour(behaviour: Readonly<Behaviour>, change: BehaviourChange): Behaviour {
  return behaviourSchema.parse({ ...behaviour, ...change, webhooks: { ...behaviour.webhooks, ...change.webhooks } });
}
