import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { backoffMs } from '../../common/backoff.js';
import { CartonaError } from '../../common/errors.js';
import type { OdooClient } from '../client.js';
import { isSerializationFailure } from '../faults.js';

/** One error of a refused `load`: Odoo's words, and the place of the record it blames, where it blames one. */
export interface LoadError {
  readonly message: string;
  readonly record: number | undefined;
}

/**
 * What became of a `load`, which Odoo takes whole or not at all:
 * - `loaded`: the database id of each record, in the order sent
 * - `refused`: nothing was written
 * - `contended`: nothing was written, because other transactions kept changing the same records
 */
export type LoadResult =
  | { readonly kind: 'loaded'; readonly ids: readonly number[] }
  | { readonly kind: 'refused' | 'contended'; readonly errors: readonly LoadError[] };

const LONGEST_PAUSE_MS = 10_000;

export interface LoadOptions {
  readonly context?: Readonly<Record<string, unknown>>;
  /** Loading twice is the same as once (the default), so that a lost answer is no reason to look first. */
  readonly repeatable?: boolean;
  /** A duplicate key means that another transaction has just created the record: loading again finds it. */
  readonly createsKeys?: boolean;
}

const loadResponse = z.object({
  ids: z.union([z.array(z.number()), z.literal(false), z.null()]).optional(),
  messages: z
    .array(
      z.looseObject({
        type: z.string().default('error'),
        message: z.unknown().transform((value) => (typeof value === 'string' ? value : 'no reason given')),
        record: z.number().int().optional(),
      }),
    )
    .default([]),
});

const TRIES = 6;

/**
 * Odoo's import: one call that creates or writes many records. It is repeated while it loses against other
 * transactions.
 * @param rows the cells of each row, in the order of `fields`; `.id` is the database id, `id` the external id
 */
export async function load(
  odoo: OdooClient,
  model: string,
  fields: readonly string[],
  rows: readonly (readonly string[])[],
  { context, repeatable = true, createsKeys = false }: LoadOptions = {},
): Promise<LoadResult> {
  const data = rows.map((row) => row.map(writable));
  for (let attempt = 1; ; attempt += 1) {
    // Odoo reads instants in the user's zone unless it is given another.
    const args = { fields, data, context: { ...context, tz: 'UTC' } };
    const { ids, messages } = await odoo.call(model, 'load', args, loadResponse, { repeatable });
    const errors = messages
      .filter((message) => message.type === 'error')
      .map(({ message, record }) => ({ message, record }));
    if (errors.length === 0 && Array.isArray(ids)) return { kind: 'loaded', ids };
    if (!errors.some(({ message }) => isContention(message, createsKeys))) return { kind: 'refused', errors };
    if (attempt === TRIES) return { kind: 'contended', errors };
    await sleep(backoffMs(attempt, 50, LONGEST_PAUSE_MS));
  }
}

const isContention = (message: string, createsKeys: boolean): boolean =>
  isSerializationFailure({ name: '', message, traceback: '' }) || (createsKeys && /duplicate key/i.test(message));

/**
 * Writes fields of existing records (column `.id`), all of one call or none.
 * @throws CartonaError `refused` with Odoo's words
 */
export async function writeExisting(
  odoo: OdooClient,
  model: string,
  fields: readonly string[],
  rows: readonly (readonly string[])[],
): Promise<void> {
  const result = await load(odoo, model, fields, rows);
  if (result.kind !== 'loaded')
    throw new CartonaError('refused', `Odoo refused to write ${model}: ${reasonsOf(result.errors)}`);
}

/** The errors in one line. */
export const reasonsOf = (errors: readonly LoadError[]): string =>
  errors.map((error) => error.message).join('; ') || 'no reason given';

/** Text without what neither PostgreSQL nor XML can hold: control characters and halves of surrogate pairs. */
const writable = (text: string): string => text.replace(/(?![\n\t])[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, '');
