import { keyError, valueError } from '../orm/errors.js';
import type { Env, Model } from '../orm/types.js';
import { isFilled, type OdooVersion } from '../orm/values.js';

/** A column of an import: `order_line/product_id/.id` → `['order_line', 'product_id', '.id']`. */
export type Path = readonly string[];

/** A record of an import, not yet read: cells by field, and for a relation the cells of its own records. */
export interface RawRecord {
  readonly [field: string]: unknown;
}

export interface RawRow {
  readonly record: RawRecord;
  readonly rows: { readonly from: number; readonly to: number };
}

/** The name of a relation's record itself, where neither `id` nor `.id` is given. */
export const BY_NAME = '';

export function parsePath(column: string): Path {
  return column
    .replace(/([^/])\.id/g, '$1/.id')
    .replace(/([^/]):id/g, '$1/id')
    .split('/');
}

/**
 * Gathers the rows of an import into records: a row whose only filled cells belong to one2many fields continues the
 * record above it.
 * @throws OdooError ValueError for an unknown column
 */
export function gatherRecords(
  env: Env,
  model: Model,
  paths: readonly Path[],
  data: readonly (readonly unknown[])[],
): RawRow[] {
  for (const [head = ''] of paths) requireColumn(env.version, model, head);
  const records: RawRow[] = [];
  for (let from = 0; from < data.length;) {
    let to = from;
    while (to + 1 < data.length && continues(model, paths, data[to + 1] ?? [])) to += 1;
    records.push({ record: gatherOne(env, model, paths, data.slice(from, to + 1)), rows: { from, to } });
    from = to + 1;
  }
  return records;
}

function requireColumn(version: OdooVersion, model: Model, head: string): void {
  if (head === '.id' || head === BY_NAME || model.fields.has(head)) return;
  throw version >= 18 ? valueError(`Invalid field name '${head}'`) : keyError(head);
}

const isLines = (model: Model, [head = '']: Path): boolean => model.fields.get(head)?.type === 'one2many';

function continues(model: Model, paths: readonly Path[], row: readonly unknown[]): boolean {
  const filled = paths.filter((_path, column) => isFilled(row[column]));
  return filled.length > 0 && filled.every((path) => isLines(model, path));
}

function gatherOne(env: Env, model: Model, paths: readonly Path[], span: readonly (readonly unknown[])[]): RawRecord {
  const record: Record<string, unknown> = {};
  for (const [column, [head = '']] of paths.entries()) {
    const relation = model.fields.get(head)?.relation;
    if (relation === undefined) record[head] = span[0]?.[column];
    else if (!(head in record)) record[head] = gatherRelated(env, env.model(relation), paths, head, span);
  }
  return record;
}

function gatherRelated(
  env: Env,
  other: Model,
  paths: readonly Path[],
  head: string,
  span: readonly (readonly unknown[])[],
): RawRecord[] {
  const columns = paths.flatMap((path, column) => (path[0] === head ? [column] : []));
  const inner = columns.map((column): Path => {
    const rest = (paths[column] ?? []).slice(1);
    return rest.length === 0 ? [BY_NAME] : rest;
  });
  const cells = span.map((row) => columns.map((column) => row[column])).filter((row) => row.some(isFilled));
  return gatherRecords(env, other, inner, cells).map(({ record }) => record);
}
