import { serializationFailure, spaceInExternalId } from '../orm/errors.js';
import type { Env } from '../orm/types.js';
import type { Row } from '../orm/values.js';

const MODEL = 'ir.model.data';

export interface ExternalId {
  /** `module.name`. */
  readonly key: string;
  readonly model: string;
  readonly id: number;
  readonly noupdate: boolean;
}

/** The external id, if it was committed before this transaction began or made by it. */
export function findExternalId(env: Env, key: string): Row | undefined {
  const row = keptRow(env, key);
  return row && isVisible(env, row) ? row : undefined;
}

function keptRow(env: Env, key: string): Row | undefined {
  for (const id of env.table(MODEL).lookup('key', key)) return env.table(MODEL).get(id);
  return undefined;
}

// One transaction works at a time, so what is not committed is its own.
const isVisible = (env: Env, row: Row): boolean =>
  row.committed === undefined || Number(row.committed) <= env.tx.startedAfter;

/**
 * Keeps external ids. One that another transaction has made since this one began makes this one fail, as PostgreSQL's
 * unique index does.
 * @param updating in `update` mode a protected external id is not turned to another record
 * @throws OdooError for a space in a name; a serialization failure
 */
export function keepExternalIds(env: Env, ids: readonly ExternalId[], updating: boolean): void {
  const table = env.table(MODEL);
  for (const { key, model, id, noupdate } of ids) {
    const row = keptRow(env, key);
    if (row && !isVisible(env, row)) throw serializationFailure();
    if (row) {
      const moved = row.res_id !== id || row.model !== model;
      if (moved && !(updating && row.noupdate === true))
        env.tx.log(table.update(row.id, { res_id: id, model, write_date: env.tx.now }));
      continue;
    }
    const [module, name] = splitKey(key);
    if (name.includes(' ')) throw spaceInExternalId(module, name, model);
    const { row: made, undo } = table.insert({
      key,
      module,
      name,
      model,
      res_id: id,
      noupdate,
      create_date: env.tx.now,
      write_date: env.tx.now,
    });
    env.tx.log(undo);
    env.tx.announce(made);
  }
}

function splitKey(key: string): [string, string] {
  const dot = key.indexOf('.');
  return [key.slice(0, dot), key.slice(dot + 1)];
}

/** The external ids of a record, oldest first. */
export function externalIdsOf(env: Env, model: string, id: number): Row[] {
  const table = env.table(MODEL);
  return [...table.lookup('res_id', id)]
    .sort((a, b) => a - b)
    .map((key) => table.get(key))
    .filter((row): row is Row => row?.model === model);
}

/** Forgets a deleted record's external ids. */
export function dropExternalIds(env: Env, model: string, id: number): void {
  for (const row of externalIdsOf(env, model, id)) env.tx.log(env.table(MODEL).remove(row.id));
}

/** Forgets one external id. */
export function dropExternalId(env: Env, row: Row): void {
  env.tx.log(env.table(MODEL).remove(row.id));
}
