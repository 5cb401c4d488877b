import { createHmac } from 'node:crypto';
import { z } from 'zod';

const PREFIX = 'whsec_';

/** Who is told, and how the marketplace proves that it is the one who tells. */
export const subscriberSchema = z.strictObject({
  /** Before `/cartona_integration/webhook/…`. */
  url: z.url({ protocol: /^https?$/, error: 'must be an http(s) address' }).transform((url) => url.replace(/\/+$/, '')),
  /** Sent as `Authorization: Bearer`. */
  bearer: z.string().min(1).optional(),
  /**
   * Keys of Standard Webhooks, `whsec_` and base64; while they are exchanged there are several, and as many signatures.
   */
  secrets: z.array(z.string().regex(/^whsec_[A-Za-z0-9+/]+={0,2}$/, 'must be whsec_ and base64')).default([]),
});
export type Subscriber = z.infer<typeof subscriberSchema>;
export type NewSubscriber = z.input<typeof subscriberSchema>;

/**
 * The headers of one webhook request: content type, the bearer token where there is one, and the Standard Webhooks
 * headers where there are secrets. A subscriber with neither is told unsigned.
 * @param sentAt of this attempt: a repeat keeps the id, not the time
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function webhookHeaders(
  { bearer, secrets }: Pick<Subscriber, 'bearer' | 'secrets'>,
  id: string,
  sentAt: Date,
  body: string,
): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (bearer !== undefined) headers['authorization'] = `Bearer ${bearer}`;
  if (secrets.length === 0) return headers;
  const timestamp = String(Math.floor(sentAt.getTime() / 1000));
  headers['webhook-id'] = id;
  headers['webhook-timestamp'] = timestamp;
  headers['webhook-signature'] = secrets.map((secret) => `v1,${sign(secret, `${id}.${timestamp}.${body}`)}`).join(' ');
  return headers;
}

function sign(secret: string, content: string): string {
  return createHmac('sha256', Buffer.from(secret.slice(PREFIX.length), 'base64'))
    .update(content)
    .digest('base64');
}
