import { z } from 'zod';
import { makeRandom } from '../../random.js';

export const FAULT_KINDS = [
  'latency',
  '429',
  '500',
  '502-html',
  'timeout',
  'drop-before',
  'drop-after',
  'malformed-json',
  'html',
  'item-error',
  '413',
] as const;

/**
 * What goes wrong:
 * - `latency`: answered `latencyMs` later; the work is done.
 * - `429` (with Retry-After when `retryAfter` is told), `413`, `500`, `502-html`: refused at the door, nothing is done.
 * - `html`: a 200 with a web page, as a proxy's login shows; nothing is done.
 * - `timeout`: never answered; nothing is done.
 * - `drop-before`: the connection is cut; nothing is done.
 * - `drop-after`: the work is done, then the connection is cut before the answer.
 * - `malformed-json`: the work is done, the answer is cut off in the middle.
 * - `item-error`: bulk updates refuse the items whose ids stand in `items`, as the present answer shape tells it.
 */
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  kind: FaultKind;
  /** Which requests; all when left out. */
  match?: {
    /** A part of the path, or a pattern for it; the query string is not looked at. */
    path?: string | RegExp;
    method?: string;
  };
  /** Of how many requests it befalls; once unless told, without end where `rate` is given. */
  times?: number;
  /** The share of the matching requests that it befalls, from 0 to 1; all unless told. The choice is seeded. */
  rate?: number;
  /** Seconds, for `429`. */
  retryAfter?: number;
  /** Milliseconds, for `latency`. */
  latencyMs?: number;
  /** internal_product_id or supplier_product_id of the items that `item-error` refuses. */
  items?: string[];
}

/** A fault as the control endpoint takes it: as `Fault`, but a pattern is text in `match.pattern`. */
export const faultSchema = z
  .strictObject({
    kind: z.enum(FAULT_KINDS),
    match: z
      .strictObject({
        path: z.string().optional(),
        pattern: z.string().refine(isPattern, 'not a regular expression').optional(),
        method: z.string().optional(),
      })
      .optional(),
    times: z.int().min(1).optional(),
    rate: z.number().min(0).max(1).optional(),
    retryAfter: z.number().min(0).optional(),
    latencyMs: z.int().min(0).optional(),
    items: z.array(z.string()).optional(),
  })
  .transform(({ match, ...fault }): Fault => {
    const path = match?.pattern === undefined ? match?.path : new RegExp(match.pattern);
    return withoutUndefined({ ...fault, match: match && withoutUndefined({ path, method: match.method }) }) as Fault;
  });

interface Queued {
  fault: Fault;
  left: number;
}

/**
 * The faults still to come. Each request meets at most one: the first in the queue that matches and whose turn it is.
 */
export class Faults {
  #queue: Queued[] = [];
  readonly #random;

  constructor(seed: number) {
    this.#random = makeRandom(seed);
  }

  add(...faults: Fault[]): void {
    for (const fault of faults)
      this.#queue.push({ fault, left: fault.times ?? (fault.rate === undefined ? 1 : Number.POSITIVE_INFINITY) });
  }

  clear(): void {
    this.#queue = [];
  }

  /** The faults that have not run out. */
  pending(): Fault[] {
    return this.#queue.map(({ fault }) => fault);
  }

  /** The fault that befalls this request, taken off its count; undefined when none does. */
  take(method: string, path: string): Fault | undefined {
    const met = this.#queue.find(
      ({ fault }) => matches(fault, method, path) && (fault.rate === undefined || this.#random.chance(fault.rate)),
    );
    if (met === undefined) return undefined;
    met.left -= 1;
    if (met.left <= 0) this.#queue = this.#queue.filter((queued) => queued !== met);
    return met.fault;
  }
}

function matches({ match }: Fault, method: string, path: string): boolean {
  if (match?.method !== undefined && match.method.toUpperCase() !== method) return false;
  if (match?.path === undefined) return true;
  // A pattern with a `g` or `y` flag remembers where it stood: search() does not.
  return typeof match.path === 'string' ? path.includes(match.path) : path.search(match.path) >= 0;
}

function withoutUndefined<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text).source !== '';
  } catch {
    return false;
  }
}
