import { valueError } from '../orm/errors.js';
import { shownValue } from '../orm/records.js';
import { isNumeric } from '../orm/schema.js';
import type { Env, Field, Model } from '../orm/types.js';
import { plain, type FieldValue, type Row } from '../orm/values.js';

/** A sum or the like over a field: `quantity:sum`, or `total:sum(quantity)` under a name of its own. */
interface Aggregate {
  readonly label: string;
  readonly field: Field;
  readonly by: string;
}

interface Group {
  readonly keys: readonly FieldValue[];
  readonly rows: Row[];
}

const SPEC = /^(\w+)(?::(\w+)(?:\((\w+)\))?)?$/;
const AGGREGATES = new Set(['sum', 'min', 'max', 'avg', 'count', 'count_distinct', 'array_agg']);

export interface GroupOptions {
  readonly offset?: number;
  readonly limit?: number | undefined;
  readonly order?: string | undefined;
}

/** `read_group` as 16 and 18 have it (19 still has it, deprecated). With `lazy` only the first `groupby` counts. */
export function readGroup(
  env: Env,
  model: Model,
  domain: unknown,
  fields: readonly string[],
  groupby: readonly string[],
  lazy: boolean,
  options: GroupOptions,
): Record<string, unknown>[] {
  const by = (lazy ? groupby.slice(0, 1) : groupby).map((name) => groupField(model, name));
  const aggregates = fields
    .flatMap((spec) => parseAggregate(model, spec))
    .filter(({ field, label }) => !by.includes(field) || label !== field.name);
  const rest: readonly unknown[] = Array.isArray(domain) ? domain : [];
  return ordered(env, groupRows(env, model, domain, by), by, options).map((group) => {
    const shown = shownKeys(env, by, group);
    shown[lazy && by[0] ? `${by[0].name}_count` : '__count'] = group.rows.length;
    for (const aggregate of aggregates) shown[aggregate.label] = aggregated(env, model, aggregate, group.rows);
    shown.__domain = [
      ...Array.from({ length: Math.max(0, termCount(rest) + by.length - 1) }, () => '&'),
      ...rest,
      ...groupTerms(by, group),
    ];
    return shown;
  });
}

/** `formatted_read_group` of 19. */
export function formattedReadGroup(
  env: Env,
  model: Model,
  domain: unknown,
  groupby: readonly string[],
  aggregates: readonly string[],
  options: GroupOptions,
): Record<string, unknown>[] {
  const by = groupby.map((name) => groupField(model, name));
  const wanted = aggregates
    .filter((spec) => spec !== '__count')
    .flatMap((spec) => parseAggregate(model, spec).map((aggregate) => ({ ...aggregate, label: spec })));
  return ordered(env, groupRows(env, model, domain, by), by, options).map((group) => {
    const shown = shownKeys(env, by, group);
    shown.__extra_domain = groupTerms(by, group);
    for (const aggregate of wanted) shown[aggregate.label] = aggregated(env, model, aggregate, group.rows);
    if (aggregates.includes('__count')) shown.__count = group.rows.length;
    return shown;
  });
}

function groupField(model: Model, name: string): Field {
  const [head = ''] = name.split(':');
  const field = model.fields.get(head);
  if (!field) throw valueError(`Invalid field '${head}' on model '${model.name}'`);
  return field;
}

function parseAggregate(model: Model, spec: string): Aggregate[] {
  const [, label, by, inner] = SPEC.exec(spec) ?? [];
  const field = model.fields.get(inner ?? label ?? '');
  if (label === undefined || !field || (by !== undefined && !AGGREGATES.has(by)))
    throw valueError(`Invalid field '${label ?? spec}' on model '${model.name}' for '${spec}'.`);
  // A plain field name is summed where that makes sense and left out where not.
  if (by === undefined) return isNumeric(field) && field.name !== 'id' ? [{ label, field, by: 'sum' }] : [];
  return [{ label, field, by }];
}

function groupRows(env: Env, model: Model, domain: unknown, by: readonly Field[]): Group[] {
  const table = env.table(model.name);
  const groups = new Map<string, Group>();
  // Without anything to group by there is one group, be it empty.
  if (by.length === 0) groups.set('[]', { keys: [], rows: [] });
  for (const id of env.search(model.name, domain, { order: 'id' })) {
    const row = table.get(id);
    if (!row) continue;
    const keys = by.map((field) => env.value(model, row, field.name));
    const key = keys.length === 1 ? plain(keys[0]) : JSON.stringify(keys);
    const group = groups.get(key);
    if (group) group.rows.push(row);
    else groups.set(key, { keys, rows: [row] });
  }
  return [...groups.values()];
}

/** Groups by the order of what they are grouped by (a relation by its name), those of nothing last. */
function ordered(
  env: Env,
  groups: readonly Group[],
  by: readonly Field[],
  { offset = 0, limit, order }: GroupOptions,
): Group[] {
  const descending = order !== undefined && / desc/i.test(order);
  const keyed = groups.map((group) => ({
    group,
    sort: group.keys.map((key, position) => sortKey(env, by[position], key)),
  }));
  keyed.sort((a, b) => {
    for (const [position, left] of a.sort.entries()) {
      const right = b.sort[position] ?? '';
      if (left !== right) return (left < right ? -1 : 1) * (descending ? -1 : 1);
    }
    return 0;
  });
  return keyed.slice(offset, limit === undefined ? undefined : offset + limit).map(({ group }) => group);
}

const LAST = '\u{10FFFF}';

function sortKey(env: Env, field: Field | undefined, key: FieldValue): string | number {
  if (key === false) return LAST;
  if (field?.relation !== undefined && typeof key === 'number') return env.sudo().displayName(field.relation, key);
  return typeof key === 'number' ? key : plain(key);
}

function shownKeys(env: Env, by: readonly Field[], group: Group): Record<string, unknown> {
  return Object.fromEntries(
    by.map((field, position) => [field.name, shownValue(env, field, group.keys[position] ?? false, true)]),
  );
}

const groupTerms = (by: readonly Field[], group: Group): unknown[] =>
  by.map((field, position) => [field.name, '=', group.keys[position] ?? false]);

/** How many terms of a domain are joined by the `&` that are not written. */
function termCount(domain: readonly unknown[]): number {
  const leaves = domain.filter(Array.isArray).length;
  const joins = domain.filter((term) => term === '&' || term === '|').length;
  return leaves - joins;
}

function aggregated(env: Env, model: Model, { field, by }: Aggregate, rows: readonly Row[]): unknown {
  const values = rows.map((row) => env.value(model, row, field.name));
  switch (by) {
    case 'sum':
      return values.reduce<number>((sum, value) => sum + Number(value), 0);
    case 'avg':
      return values.length === 0 ? 0 : values.reduce<number>((sum, value) => sum + Number(value), 0) / values.length;
    case 'count':
      return values.filter((value) => value !== false).length;
    case 'count_distinct':
      return new Set(values.filter((value) => value !== false)).size;
    case 'array_agg':
      return values.map((value) => shownValue(env, field, value, false));
    default:
      return extreme(env, field, values, by === 'max');
  }
}

function extreme(env: Env, field: Field, values: readonly FieldValue[], highest: boolean): unknown {
  let best: FieldValue = false;
  for (const value of values) {
    if (value === false) continue;
    if (best === false || value > best === highest) best = value;
  }
  return shownValue(env, field, best, false);
}

/** The names in an argument that may be one name or several. */
export function nameList(value: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(value)
    ? value
    : value === undefined || value === null || value === false
      ? []
      : [value];
  return list.filter((name): name is string => typeof name === 'string');
}
