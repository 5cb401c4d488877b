import { compile, fieldOf, isIndexable, isSearchable, type Test } from './domain.js';
import { mentions, parseDomain, type Condition, type Leaf } from './domain-parser.js';
import { userError, valueError } from '../orm/errors.js';
import { isNumeric } from '../orm/schema.js';
import type { Env, Field, Model, SearchOptions } from '../orm/types.js';
import { plain, type FieldValue, type Row } from '../orm/values.js';

/**
 * Finds records as `search` does: archived ones are left out unless the domain speaks of `active` or the context says
 * `active_test: false`. Pages by `id > last` cost what they return, however many records there are.
 */
export function search(env: Env, model: Model, domain: unknown, options: SearchOptions = {}): number[] {
  const condition = scoped(env, model, parseDomain(env.version, domain));
  const test = compile(env, model, condition);
  const order = parseOrder(env, model, options.order ?? model.order);
  const { offset = 0, limit = Infinity } = options;
  const byId = order[0]?.field.name === 'id' ? order[0] : undefined;
  const source = candidates(env, model, condition, byId?.descending ?? false);
  const found: Row[] = [];
  for (const row of source) {
    if (!test(row)) continue;
    found.push(row);
    if (byId && found.length >= offset + limit) break;
  }
  if (!byId) sort(env, model, found, order);
  return found.slice(offset, offset + limit).map((row) => row.id);
}

/** How many records there are; counting stops at the limit. */
export function count(env: Env, model: Model, domain: unknown, limit?: number): number {
  return search(env, model, domain, { order: 'id', limit }).length;
}

function scoped(env: Env, model: Model, condition: Condition): Condition {
  const rules = env.su ? [] : recordRules(env, model);
  const active = model.fields.has('active') && env.context.active_test !== false && !mentions(condition, 'active');
  const more: Condition[] = active ? [{ kind: 'leaf', field: 'active', operator: '=', value: true }, ...rules] : rules;
  return more.length === 0 ? condition : { kind: 'all', of: [...more, condition] };
}

/** A salesperson without "All documents" sees the own orders and those of nobody. */
function recordRules(env: Env, model: Model): Condition[] {
  if (model.name !== 'sale.order' && model.name !== 'sale.order.line') return [];
  if (env.hasGroup('sales_team.group_sale_salesman_all_leads')) return [];
  const field = model.name === 'sale.order' ? 'user_id' : 'order_id.user_id';
  return [
    {
      kind: 'any',
      of: [
        { kind: 'leaf', field, operator: '=', value: env.uid },
        { kind: 'leaf', field, operator: '=', value: false },
      ],
    },
  ];
}

/** The tests that a record must pass to be seen at all, for reads and writes by id. */
export function visibility(env: Env, model: Model): Test | undefined {
  const rules = env.su ? [] : recordRules(env, model);
  return rules.length === 0 ? undefined : compile(env, model, { kind: 'all', of: rules });
}

/** The leaves that all must hold. */
function conjuncts(condition: Condition): Leaf[] {
  if (condition.kind === 'leaf') return [condition];
  return condition.kind === 'all' ? condition.of.flatMap(conjuncts) : [];
}

/** Records among which all matches are, in order of id. */
function candidates(env: Env, model: Model, condition: Condition, descending: boolean): Iterable<Row> {
  const table = env.table(model.name);
  const leaves = conjuncts(condition);
  const ids = fewestIds(env, model, leaves);
  if (ids) {
    const rows = [...ids]
      .sort((a, b) => a - b)
      .map((id) => table.get(id))
      .filter((row): row is Row => row !== undefined);
    return descending ? rows.reverse() : rows;
  }
  const bounds = leaves
    .filter((leaf) => leaf.field === 'id' && Number.isInteger(leaf.value))
    .map((leaf) => ({ operator: leaf.operator, value: Number(leaf.value) }));
  if (descending)
    return table.scanDown(
      Math.min(table.end, ...bounds.filter((bound) => bound.operator.startsWith('<')).map((bound) => bound.value)),
    );
  return table.scan(
    Math.max(1, ...bounds.filter((bound) => bound.operator.startsWith('>')).map((bound) => bound.value)),
  );
}

/**
 * The smallest set of ids that one of the leaves leads to; undefined when none leads to fewer than half of the records.
 */
function fewestIds(env: Env, model: Model, leaves: readonly Leaf[]): Set<number> | undefined {
  let best: { count: number; ids: () => Set<number> } | undefined;
  for (const leaf of leaves) {
    const way = lookupWay(env, model, leaf);
    if (way && (!best || way.count < best.count)) best = way;
  }
  return best && best.count * 2 < env.table(model.name).size + 2 ? best.ids() : undefined;
}

function lookupWay(env: Env, model: Model, leaf: Leaf): { count: number; ids: () => Set<number> } | undefined {
  if (leaf.operator !== '=' && leaf.operator !== 'in') return undefined;
  const values: readonly unknown[] = Array.isArray(leaf.value) ? leaf.value : [leaf.value];
  if (leaf.field === 'id') return { count: values.length, ids: () => new Set(values.map(Number)) };
  if (leaf.field.includes('.')) return undefined;
  const { field } = fieldOf(env, model, leaf);
  const keys = values.filter((value): value is string | number =>
    field.relation === undefined ? typeof value === 'string' && value !== '' : typeof value === 'number',
  );
  if (keys.length !== values.length) return undefined;
  if (isIndexable(field) && field.type !== 'one2many') return inTable(env, model.name, field.name, keys);
  return throughDelegate(env, model, field, keys);
}

function inTable(
  env: Env,
  model: string,
  field: string,
  keys: readonly FieldValue[],
): { count: number; ids: () => Set<number> } {
  const table = env.table(model);
  return {
    count: keys.reduce<number>((sum, key) => sum + table.matches(field, key), 0),
    ids: () => new Set(keys.flatMap((key) => [...table.lookup(field, key)])),
  };
}

/** A product looked up by a field of its template. */
function throughDelegate(
  env: Env,
  model: Model,
  field: Field,
  keys: readonly FieldValue[],
): { count: number; ids: () => Set<number> } | undefined {
  const { delegate } = model;
  const target =
    delegate && field.related?.[0] === delegate.field
      ? env.model(delegate.model).fields.get(field.related[1])
      : undefined;
  if (!delegate || !target || !isIndexable(target) || target.type === 'one2many') return undefined;
  const parents = inTable(env, delegate.model, target.name, keys);
  return { count: parents.count, ids: () => inTable(env, model.name, delegate.field, [...parents.ids()]).ids() };
}

interface OrderTerm {
  readonly field: Field;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

const ORDER_TERM = /^([a-z_][\w.]*)(?:\s+(asc|desc))?(?:\s+nulls\s+(first|last))?$/i;

/** @throws OdooError UserError for what is no order, ValueError for an unknown or (from 17 on) unsortable field */
function parseOrder(env: Env, model: Model, order: string): OrderTerm[] {
  return order.split(',').flatMap((part): OrderTerm[] => {
    const [, name, direction, nulls] = ORDER_TERM.exec(part.trim()) ?? [];
    if (name === undefined) {
      throw userError(
        `Invalid "order" specified (${order}). A valid "order" specification is a comma-separated list of valid field names (optionally followed by asc/desc for the direction)`,
      );
    }
    const field = model.fields.get(name.split('.')[0] ?? name);
    if (!field) throw valueError(`Invalid field '${name}' on model '${model.name}'`);
    // 16 passes over what it cannot sort by.
    if (!isSearchable(env, model, field) && env.version <= 16) return [];
    if (!isSearchable(env, model, field))
      throw valueError(`Cannot convert ${model.name}.${name} to SQL because it is not stored`);
    const descending = direction?.toLowerCase() === 'desc';
    return [{ field, descending, nullsFirst: nulls === undefined ? descending : nulls.toLowerCase() === 'first' }];
  });
}

function sort(env: Env, model: Model, rows: Row[], order: readonly OrderTerm[]): void {
  const keyed = rows.map((row) => ({ row, keys: order.map(({ field }) => sortKey(env, model, row, field)) }));
  keyed.sort((a, b) => {
    for (const [position, term] of order.entries()) {
      const difference = compareKeys(a.keys[position] ?? null, b.keys[position] ?? null, term);
      if (difference !== 0) return difference;
    }
    return a.row.id - b.row.id;
  });
  for (const [position, { row }] of keyed.entries()) rows[position] = row;
}

type SortKey = string | number | null;

function sortKey(env: Env, model: Model, row: Row, field: Field): SortKey {
  const value = env.value(model, row, field.name);
  if (field.type === 'boolean') return value === true ? 1 : 0;
  if (value === false) return isNumeric(field) ? 0 : null;
  if (field.relation !== undefined && typeof value === 'number' && field.relation !== 'sale.order')
    return env.displayName(field.relation, value);
  return typeof value === 'number' ? value : plain(value);
}

function compareKeys(a: SortKey, b: SortKey, { descending, nullsFirst }: OrderTerm): number {
  if (a === b) return 0;
  if (a === null || b === null) return (a === null) === nullsFirst ? -1 : 1;
  return (a < b ? -1 : 1) * (descending ? -1 : 1);
}
