import { chunks, halves } from '../common/collections.js';
import { CartonaError } from '../common/errors.js';
import { readBulkAnswer, type ItemNames, type ItemOutcome } from './outcomes.js';

/** One try of a bulk call: the status and the parsed body. Throws what `Http` throws. */
export type PostBatch<T> = (items: readonly T[]) => Promise<{ status: number; answer: unknown }>;

/** The largest batch the server has been seen to take; shared by the batches of one run, and only ever made smaller. */
export class BatchLimit {
  #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  get size(): number {
    return this.#size;
  }

  tooLarge(sent: number): void {
    this.#size = Math.max(1, Math.min(this.#size, Math.floor(sent / 2)));
  }
}

/**
 * From this many items on, a batch in which every single item is refused for one reason is taken for a refusal of the
 * whole job.
 */
const SYSTEMIC = 10;

/**
 * Sends one batch and says of every item whether Cartona accepted it. Values sent are absolute, so sending an item
 * again does no harm. A 2xx fails only the items it names; a refusal of the whole batch (4xx, or a 2xx that says so)
 * condemns nobody: named items are taken out, else the batch is halved until the bad ones stand alone; a 413 makes all
 * later batches smaller.
 * @returns the outcomes in the order of `items`
 * @throws CartonaError `credentials` for 401/403; `refused` when Cartona refuses every item for one and the same
 * reason; and what `post` throws
 */
export async function sendBatch<T>(
  items: readonly T[],
  names: (item: T) => ItemNames,
  post: PostBatch<T>,
  limit: BatchLimit,
): Promise<ItemOutcome[]> {
  if (items.length > limit.size) return sendParts(chunks(items, limit.size), names, post, limit);
  const { status, answer } = await post(items);
  if (status === 413 && items.length > 1) {
    limit.tooLarge(items.length);
    return sendParts(chunks(items, limit.size), names, post, limit);
  }
  const verdict = readBulkAnswer(answer, items.map(names));
  const wentThrough = status >= 200 && status < 300;
  if (wentThrough && verdict.kind === 'items') {
    return items.map((_, at) => outcome(verdict.refused.get(at)));
  }
  if (verdict.kind === 'items' && verdict.refused.size > 0) {
    // A 4xx that names the bad ones: nothing says that the others were taken, so they go again without them.
    const good = items.filter((_, at) => !verdict.refused.has(at));
    const again = good.length === 0 ? [] : await sendBatch(good, names, post, limit);
    let next = 0;
    return items.map((_, at) =>
      verdict.refused.has(at) ? outcome(verdict.refused.get(at)) : (again[next++] ?? outcome('no answer')),
    );
  }
  const reason = verdict.kind === 'whole' ? verdict.reason : `HTTP ${status}`;
  if (items.length === 1) return [outcome(reason)];
  const outcomes = await sendParts(halves(items), names, post, limit);
  const reasons = new Set(outcomes.map((o) => (o.kind === 'accepted' ? '' : o.reason)));
  if (items.length >= SYSTEMIC && reasons.size === 1 && !reasons.has('')) {
    throw new CartonaError(
      'refused',
      `Cartona refuses every product it is sent: ${[...reasons][0] ?? ''}; check the account with \`cartona whoami\`.`,
    );
  }
  return outcomes;
}

async function sendParts<T>(
  parts: readonly (readonly T[])[],
  names: (item: T) => ItemNames,
  post: PostBatch<T>,
  limit: BatchLimit,
): Promise<ItemOutcome[]> {
  const outcomes: ItemOutcome[] = [];
  for (const part of parts) outcomes.push(...(await sendBatch(part, names, post, limit)));
  return outcomes;
}

const outcome = (reason: string | undefined): ItemOutcome =>
  reason === undefined ? { kind: 'accepted' } : { kind: 'refused', reason };
