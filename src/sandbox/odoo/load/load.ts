import { DatabaseError, OdooError, validationError } from '../orm/errors.js';
import { dropExternalId, findExternalId, keepExternalIds, type ExternalId } from './external-ids.js';
import { gatherRecords, parsePath, type RawRow } from './load-cells.js';
import { convertRecord } from './load-convert.js';
import type { Env, Model } from '../orm/types.js';
import { isFilled, textOf } from '../orm/values.js';

/** What `load` tells about a row that it cannot take. */
export interface LoadMessage {
  readonly type: 'error' | 'warning';
  readonly message: string;
  readonly rows?: { readonly from: number; readonly to: number };
  readonly record?: number;
  readonly field?: string;
  readonly [more: string]: unknown;
}

export interface LoadAnswer {
  readonly ids: number[] | false;
  readonly messages: LoadMessage[];
  readonly nextrow: 0;
}

interface Item {
  readonly key: string | undefined;
  readonly id: number | undefined;
  readonly values: Record<string, unknown>;
  readonly info: { readonly rows: RawRow['rows']; readonly record: number };
}

const MOST_ERRORS = 10;

/**
 * Imports rows as Odoo's `load` does: all of them or none. External ids decide what is made and what is changed; with
 * `mode: 'update'` in the context, records whose external id is protected (`noupdate`) stay as they are and their ids
 * are given all the same. Failures of single records come as messages, a lost race with another transaction among them.
 */
export function load(
  given: Env,
  model: Model,
  columns: readonly string[],
  data: readonly (readonly unknown[])[],
): LoadAnswer {
  const { context } = given;
  const module = typeof context.module === 'string' ? context.module : '__import__';
  const env = given.import({ model: model.name, module, noupdate: isFilled(context.noupdate) });
  const start = env.tx.savepoint();
  const messages: LoadMessage[] = [];
  const paths = columns.map(parsePath);
  const items = gatherRecords(env, model, paths, data).map((raw, record) =>
    readItem(env, model, raw, record, module, messages),
  );
  const ids = keepItems(env, model, items, context.mode === 'update', messages);
  if (!messages.some((message) => message.type === 'error')) return { ids, messages, nextrow: 0 };
  env.tx.rollbackTo(start);
  return { ids: false, messages, nextrow: 0 };
}

function readItem(env: Env, model: Model, raw: RawRow, record: number, module: string, messages: LoadMessage[]): Item {
  const info = { rows: raw.rows, record };
  const id = databaseId(env, model, raw.record['.id'], info, messages);
  const values = convertRecord(env, model, raw.record, (field, error) => {
    const message = error.message.replaceAll('%(field)s', field.string);
    messages.push({
      rows: raw.rows,
      type: 'error',
      record,
      field: field.name,
      message,
      ...error.more,
      field_name: field.string,
    });
  });
  const external = textOf(raw.record.id);
  const key = external === '' ? undefined : external.includes('.') ? external : `${module}.${external}`;
  return { key, id, values, info };
}

/**
 * Whether a record with this database id is to be found: an archived one is not, unless the context says `active_test:
 * false`.
 */
function databaseId(
  env: Env,
  model: Model,
  cell: unknown,
  info: Item['info'],
  messages: LoadMessage[],
): number | undefined {
  if (!isFilled(cell)) return undefined;
  const id = Number(cell);
  if (Number.isNaN(id))
    throw new OdooError(
      'psycopg2.errors.InvalidTextRepresentation',
      `invalid input syntax for type integer: "${textOf(cell)}"\n`,
    );
  if (env.search(model.name, [['id', '=', id]]).length > 0) return id;
  messages.push({
    rows: info.rows,
    type: 'error',
    record: info.record,
    field: '.id',
    message: `Unknown database identifier '${id}'`,
  });
  return undefined;
}

/** All in one go; when that fails, one by one, so that each bad record is named. */
function keepItems(
  env: Env,
  model: Model,
  items: readonly Item[],
  updating: boolean,
  messages: LoadMessage[],
): number[] {
  const [first] = items;
  if (!first) return [];
  const start = env.tx.savepoint();
  let together: LoadMessage | undefined;
  try {
    return keepRecords(env, model, items, updating);
  } catch (error) {
    if (!(error instanceof OdooError)) throw error;
    env.tx.rollbackTo(start);
    if (error.isUserError) together = { ...first.info, type: 'error', message: error.message };
  }
  const { ids, failures } = keepEach(env, model, items, updating, messages);
  if (
    failures > 0 &&
    together &&
    !messages.some((message) => message.record === together.record && message.message === together.message)
  )
    messages.unshift(together);
  return ids;
}

function keepEach(
  env: Env,
  model: Model,
  items: readonly Item[],
  updating: boolean,
  messages: LoadMessage[],
): { ids: number[]; failures: number } {
  const ids: number[] = [];
  let failures = 0;
  for (const [position, item] of items.entries()) {
    const start = env.tx.savepoint();
    try {
      ids.push(...keepRecords(env, model, [item], updating));
    } catch (error) {
      if (!(error instanceof OdooError)) throw error;
      env.tx.rollbackTo(start);
      messages.push(failure(item, error));
      failures += 1;
      if (failures >= MOST_ERRORS && failures >= (position + 1) / 10) {
        messages.push({
          type: 'warning',
          message:
            'Found more than 10 errors and more than one error per 10 records, interrupted to avoid showing too many errors.',
        });
        break;
      }
    }
  }
  return { ids, failures };
}

function failure(item: Item, error: OdooError): LoadMessage {
  if (error instanceof DatabaseError)
    return {
      ...item.info,
      type: 'error',
      message: error.raw,
      ...(error.rawField === undefined ? {} : { field: error.rawField }),
    };
  if (error.isUserError) return { ...item.info, type: 'error', message: error.message };
  return {
    ...item.info,
    type: 'error',
    message: `Unknown error during import: <class '${error.pythonName.replace('builtins.', '')}'>: ${error.message}`,
    moreinfo: 'Resolve other errors first',
  };
}

/** Makes and changes records by their external and database ids; gives their ids in order. */
function keepRecords(env: Env, model: Model, items: readonly Item[], updating: boolean): number[] {
  const kept = new Map<Item, number>();
  const external: ExternalId[] = [];
  const toCreate: Item[] = [];
  const toUpdate: [Item, number][] = [];
  const note = (item: Item, id: number): void => {
    kept.set(item, id);
    if (item.key !== undefined)
      external.push({ key: item.key, model: model.name, id, noupdate: env.importing?.noupdate ?? false });
  };
  for (const item of items) {
    const known = item.key === undefined ? undefined : findExternalId(env, item.key);
    if (known && known.model !== model.name) {
      throw validationError(
        `For external id ${item.key ?? ''} when trying to create/update a record of model ${model.name} found record of different model ${textOf(known.model)} (${known.id})`,
      );
    }
    const id = known ? Number(known.res_id) : item.key === undefined ? item.id : undefined;
    if (id !== undefined && env.table(model.name).get(id)) {
      note(item, id);
      if (!(updating && known?.noupdate === true)) toUpdate.push([item, id]);
      continue;
    }
    if (known) dropExternalId(env, known);
    if (item.key === undefined && updating) throw withoutIdentity(env);
    toCreate.push(item);
  }
  for (const [item, id] of toUpdate) env.write(model.name, [id], item.values);
  for (const item of toCreate) {
    const row = env.create(model.name, item.values);
    note(item, row.id);
    external.push(...delegatedId(model, row, item, env.importing?.noupdate ?? false));
  }
  keepExternalIds(env, external, updating);
  return items.map((item) => kept.get(item) ?? 0);
}

function withoutIdentity(env: Env): OdooError {
  return env.version >= 19
    ? validationError('Cannot update a record without specifying its id or xml_id')
    : new OdooError('KeyError', "'record'");
}

/** A product made with an external id gives its template one too. */
function delegatedId(
  model: Model,
  row: { readonly [field: string]: unknown },
  item: Item,
  noupdate: boolean,
): ExternalId[] {
  const { delegate } = model;
  const parent = delegate ? row[delegate.field] : undefined;
  if (!delegate || item.key === undefined || typeof parent !== 'number') return [];
  return [{ key: `${item.key}_${delegate.model.replaceAll('.', '_')}`, model: delegate.model, id: parent, noupdate }];
}
