import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ORDER_STATUSES, orderIdText, withoutPickupOtp } from '../../cartona/schemas.js';
import type { NewEvent } from '../../store/store.js';
import { malformed, type Refusal } from './refusal.js';

/** Orders in one request. */
const MOST_ITEMS = 1000;
/**
 * Levels of arrays and objects in a body; an order has three. More would exhaust the stack of whoever walks through it.
 */
const DEEPEST = 32;
const LONGEST_ID = 200;

const itemSchema = z.looseObject({ hashed_id: orderIdText.pipe(z.string().max(LONGEST_ID)) });
/** `synced` is no state: it says that somebody acknowledged the order. */
const STATUSES: ReadonlySet<unknown> = new Set([...ORDER_STATUSES, 'synced']);

export type ReadMessages =
  | { readonly kind: 'read'; readonly events: readonly NewEvent[] }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

const refused = (refusal: Refusal): ReadMessages => ({ kind: 'refused', refusal });

/**
 * Reads the body of a webhook: one object or an array of them. Of an order only its id must be readable, for an order
 * that cannot be understood is kept for a person; a status event must name a known status.
 * @param route where it was posted; an object with lines is an order wherever it comes
 * @param webhookId the sender's id of the message, where it has one
 */
export function readMessages(route: NewEvent['kind'], body: Buffer, webhookId: string | undefined): ReadMessages {
  if (body.length === 0) return refused(malformed('The body is empty; an order or an array of orders is expected.'));
  if (webhookId !== undefined && webhookId.length > LONGEST_ID)
    return refused(malformed(`The webhook-id is longer than ${LONGEST_ID} characters.`));
  const parsed = parseJson(body);
  if (parsed === undefined) return refused(malformed('The body is not JSON in UTF-8.'));
  const items = Array.isArray(parsed.value) ? (parsed.value as readonly unknown[]) : [parsed.value];
  if (items.length > MOST_ITEMS)
    return refused({
      status: 413,
      reason: 'too-large',
      message: `At most ${MOST_ITEMS} objects are taken in one request; this one has ${items.length}.`,
    });
  const events: NewEvent[] = [];
  const seen = new Map<string, number>();
  for (const [at, item] of items.entries()) {
    const event = readItem(route, item);
    if (typeof event === 'string')
      return refused(malformed(`${Array.isArray(parsed.value) ? `Object ${at + 1}` : 'The object'} ${event}.`));
    events.push({ ...event, webhookId: webhookId && partOf(webhookId, `${event.kind} ${event.hashedId}`, seen) });
  }
  return { kind: 'read', events };
}

/** One message may tell of one order several times, which are no repeats of each other. */
function partOf(webhookId: string, what: string, seen: Map<string, number>): string {
  const before = seen.get(what) ?? 0;
  seen.set(what, before + 1);
  return before === 0 ? webhookId : `${webhookId}#${before + 1}`;
}

/** @returns the event, or what is wrong */
function readItem(route: NewEvent['kind'], item: unknown): Omit<NewEvent, 'webhookId'> | string {
  const read = itemSchema.safeParse(item);
  if (!read.success) return read.error.issues[0]?.path.length === 0 ? 'is not an order' : 'has no readable hashed_id';
  const { hashed_id: hashedId, status, order_details: lines } = read.data;
  const kind = lines === undefined ? route : 'order';
  if (kind === 'status' && !STATUSES.has(status)) return 'has no known status';
  if (isDeeper(read.data, DEEPEST)) return `is nested deeper than ${DEEPEST} levels`;
  const payload = JSON.stringify(withoutPickupOtp(read.data));
  // Of the parsed content: spaces and spellings of numbers make no other one. A sender writes its fields in one
  // sequence.
  return { kind, hashedId, digest: createHash('sha256').update(payload).digest('hex'), payload };
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const inner of Object.values(value)) if (isDeeper(inner, levels - 1)) return true;
  return false;
}

function parseJson(body: Buffer): { readonly value: unknown } | undefined {
  if (!isUtf8(body)) return undefined;
  try {
    return { value: JSON.parse(body.toString('utf8')) as unknown };
  } catch {
    return undefined;
  }
}
