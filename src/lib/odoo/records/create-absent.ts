import { halves } from '../../common/collections.js';
import { CartonaError, throwIfInterrupted } from '../../common/errors.js';
import type { OdooClient } from '../client.js';
import { load, reasonsOf, type LoadError } from './load.js';

/** One record of a `load` call: its first row, and a further row for each further line it has. */
export interface LoadRecord {
  /** How the caller knows it. */
  readonly key: string;
  readonly rows: readonly (readonly string[])[];
}

export interface CreateResult {
  /** Database ids of what is in Odoo now, by key. */
  readonly loaded: Map<string, number>;
  /** What Odoo refused, with its words, by key. */
  readonly rejected: Map<string, string>;
}

/**
 * `noupdate` marks what is created, and `mode: update` respects the mark: nothing that exists is written. The
 * integration user does not become a follower of every record, and no record gets a message that it was created.
 */
const CREATE_ABSENT = { mode: 'update', noupdate: true, mail_create_nosubscribe: true, mail_create_nolog: true };

/**
 * Creates the records whose external id (column `id`) Odoo does not have, and leaves those it has untouched: decided in
 * Odoo's database, so that it may be repeated and done from many processes at once. Odoo takes a call whole or not at
 * all; records it refuses are taken out and the others are sent again.
 * @throws CartonaError `interrupted` between two calls; as any call of Odoo
 */
export async function createAbsent(
  odoo: OdooClient,
  model: string,
  fields: readonly string[],
  records: readonly LoadRecord[],
  signal: AbortSignal | undefined,
): Promise<CreateResult> {
  const created: CreateResult = { loaded: new Map(), rejected: new Map() };
  const [first] = records;
  if (first === undefined) return created;
  throwIfInterrupted(signal);
  const rows = records.flatMap((record) => record.rows);
  const result = await load(odoo, model, fields, rows, { context: CREATE_ABSENT, createsKeys: true });
  if (result.kind === 'loaded') {
    if (result.ids.length !== records.length)
      throw new CartonaError(
        'answer',
        `Odoo loaded ${result.ids.length} records of ${model} where ${records.length} were sent; the next run sends what is missing.`,
      );
    records.forEach((record, at) => created.loaded.set(record.key, result.ids[at] ?? 0));
    return created;
  }
  if (records.length === 1) {
    created.rejected.set(first.key, reasonsOf(result.errors));
    return created;
  }
  for (const part of apart(records, result.errors)) {
    const { loaded, rejected } = await createAbsent(odoo, model, fields, part, signal);
    for (const [key, id] of loaded) created.loaded.set(key, id);
    for (const [key, reason] of rejected) created.rejected.set(key, reason);
  }
  return created;
}

/**
 * The records that Odoo does not blame together, and each one that it blames alone: Odoo repeats a batch's error under
 * the name of its first record, so that being named proves nothing. Where it names none, or all, halves.
 */
function apart(records: readonly LoadRecord[], errors: readonly LoadError[]): readonly (readonly LoadRecord[])[] {
  const blamed = new Set(errors.flatMap((error) => error.record ?? []));
  const good = records.filter((_, at) => !blamed.has(at));
  if (good.length === records.length || good.length === 0) return halves(records);
  return [good, ...records.flatMap((record, at) => (blamed.has(at) ? [[record]] : []))];
}
