import { z } from 'zod';
import { isFinal, leadsTo } from '../order-cycle.js';

/** A version of an order, as far as it decides which of two is the newer one. */
export interface OrderVersion {
  /** Cartona's status; any other text for an order that cannot be read. */
  readonly status: string;
  /** Digest of the order's whole content (`orderVersion`); of a status event: of the known order with that status. */
  readonly version: string;
  /**
   * When it became so by Cartona's own clock (UTC ms), where the body carries it; never from a header, which a retry
   * stamps anew.
   */
  readonly at: number | undefined;
}

/** `undecided`: only Cartona knows, so a pull must ask it. */
export type EventOrder = 'newer' | 'older' | 'same' | 'undecided';

/**
 * Whether what came is newer than what is known: its time decides where both have one, else Cartona's order
 * cycle. A final status is never left; where the times say it was, neither is believed.
 * @param kept what is known of the order; `undefined`: nothing
 * @param incoming a whole order, or a status event as the order that it makes of the known one
 */
export function eventOrder(kept: OrderVersion | undefined, incoming: OrderVersion): EventOrder {
  if (!kept) return 'newer';
  if (kept.version === incoming.version) return 'same';
  if (kept.at === undefined || incoming.at === undefined || kept.at === incoming.at)
    return byStatus(kept.status, incoming.status);
  const [earlier, later] = kept.at < incoming.at ? [kept, incoming] : [incoming, kept];
  if (isFinal(earlier.status) && earlier.status !== later.status) return 'undecided';
  return later === incoming ? 'newer' : 'older';
}

function byStatus(kept: string, incoming: string): EventOrder {
  const forwards = leadsTo(kept, incoming);
  const backwards = leadsTo(incoming, kept);
  if (forwards === backwards) return 'undecided';
  return forwards ? 'newer' : 'older';
}

/**
 * The time of a version that came again with the same content. It is the later one only while both are known: what came
 * without a time (a pull) was so at some later moment, and an event between the two must not seem newer.
 */
export function timeOfSame(kept: number | undefined, incoming: number | undefined): number | undefined {
  return kept === undefined || incoming === undefined ? undefined : Math.max(kept, incoming);
}

/** Where senders put an event's own time. */
const TIME_FIELDS = ['updated_at', 'event_time', 'occurred_at', 'timestamp'] as const;

const LATEST = 8.64e15;
/** Numbers below are seconds since 1970, above milliseconds: as milliseconds it lies in 1973. */
const FIRST_MILLISECOND = 1e11;

const instant = z.union([z.number(), z.string()]).transform((value, context) => {
  const text = String(value).trim();
  const read = /^\d+(\.\d+)?$/.test(text) ? fromEpoch(Number(text)) : fromIso(text);
  if (read === undefined) context.addIssue({ code: 'custom', message: 'no instant' });
  return read ?? z.NEVER;
});

function fromEpoch(value: number): number | undefined {
  const milliseconds = Math.round(value < FIRST_MILLISECOND ? value * 1000 : value);
  return milliseconds > 0 && milliseconds <= LATEST ? milliseconds : undefined;
}

/** An instant without an offset is taken as UTC: it is only compared with others of the same sender. */
function fromIso(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(text)) return undefined;
  const zoned = /(Z|[+-]\d{2}:?\d{2})$/i.test(text) ? text : `${text}Z`;
  const milliseconds = Date.parse(zoned.replace(' ', 'T'));
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

/** The event's own time in a body (UTC ms), where it carries one. */
export function eventTime(body: Readonly<Record<string, unknown>>): number | undefined {
  for (const field of TIME_FIELDS) {
    const read = instant.safeParse(body[field]);
    if (read.success) return read.data;
  }
  return undefined;
}

/** The body with this as its event's time, or without any. */
export function withEventTime(
  body: Readonly<Record<string, unknown>>,
  at: number | undefined,
): Record<string, unknown> {
  const others = Object.fromEntries(
    Object.entries(body).filter(([field]) => !(TIME_FIELDS as readonly string[]).includes(field)),
  );
  return at === undefined ? others : { ...others, [TIME_FIELDS[0]]: new Date(at).toISOString() };
}
