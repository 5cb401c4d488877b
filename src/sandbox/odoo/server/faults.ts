import { z } from 'zod';
import { makeRandom } from '../../random.js';

const ODOO_FAULT_KINDS = [
  'latency',
  '500',
  '502-html',
  'timeout',
  'drop-before',
  'drop-after',
  '504-after',
  'malformed',
  'serialization',
  'expired-key',
] as const;

/**
 * What goes wrong:
 * - `latency`: the transaction begins at once and works `latencyMs` later, as a long one does; the work is done.
 * - `500`, `502-html`: an error page; nothing is done.
 * - `timeout`: never answered; nothing is done.
 * - `drop-before`: the connection is cut; nothing is done.
 * - `drop-after`: the work is done and committed, then the connection is cut before the answer.
 * - `504-after`: the work is done and committed, but a proxy has lost patience and shows its own page.
 * - `malformed`: the work is done, the answer is cut off in the middle.
 * - `serialization`: another transaction was first; nothing is done. `load` tells it in its messages, other methods
 *   fail.
 * - `expired-key`: the credentials are refused.
 */
export type OdooFaultKind = (typeof ODOO_FAULT_KINDS)[number];

const schema = z.strictObject({
  kind: z.enum(ODOO_FAULT_KINDS),
  /** Which calls; all when left out. */
  match: z
    .strictObject({ path: z.string().optional(), model: z.string().optional(), method: z.string().optional() })
    .optional(),
  /** How many calls it befalls; once unless told, without end where `rate` is given. */
  times: z.int().min(1).optional(),
  /** The share of the matching calls that it befalls; all unless told. The choice is seeded. */
  rate: z.number().min(0).max(1).optional(),
  /** For `latency`. */
  latencyMs: z.int().min(0).optional(),
});

export type OdooFault = z.infer<typeof schema>;

/** One fault or a list of them, as the control endpoint takes it. */
export const odooFaultsSchema = z.union([schema.transform((fault) => [fault]), z.array(schema)]);

/** A request as faults look at it; a call has a model and a method. */
export interface FaultTarget {
  readonly path: string;
  readonly model?: string | undefined;
  readonly method?: string | undefined;
}

interface Queued {
  readonly fault: OdooFault;
  left: number;
}

/** The faults still to come. A request meets at most one: the first that matches and whose turn it is. */
export class OdooFaults {
  #queue: Queued[] = [];
  readonly #random;

  constructor(seed: number) {
    this.#random = makeRandom(seed);
  }

  add(...faults: OdooFault[]): void {
    for (const fault of faults)
      this.#queue.push({ fault, left: fault.times ?? (fault.rate === undefined ? 1 : Infinity) });
  }

  clear(): void {
    this.#queue = [];
  }

  /** The faults that have not run out. */
  pending(): OdooFault[] {
    return this.#queue.map(({ fault }) => fault);
  }

  /** The fault that befalls this request, taken off its count. */
  take(target: FaultTarget): OdooFault | undefined {
    const met = this.#queue.find(
      ({ fault }) => matches(fault, target) && (fault.rate === undefined || this.#random.chance(fault.rate)),
    );
    if (!met) return undefined;
    met.left -= 1;
    if (met.left <= 0) this.#queue = this.#queue.filter((queued) => queued !== met);
    return met.fault;
  }
}

function matches({ match }: OdooFault, { path, model, method }: FaultTarget): boolean {
  if (match?.path !== undefined && !path.includes(match.path)) return false;
  return (
    (match?.model === undefined || match.model === model) && (match?.method === undefined || match.method === method)
  );
}
