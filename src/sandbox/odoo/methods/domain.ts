import { searchedDatetime } from '../orm/datetimes.js';
import { parseDomain, pythonTuple, type Condition, type Leaf } from './domain-parser.js';
import { userError, valueError } from '../orm/errors.js';
import { decimalsOf, isKept, isNumeric, isStored, isToMany } from '../orm/schema.js';
import type { Env, Field, Model } from '../orm/types.js';
import { idList, plain, type FieldValue, type Row } from '../orm/values.js';

export type Test = (row: Row) => boolean;

/**
 * Turns a condition on a model into a test of its records.
 * @throws OdooError ValueError for a field that is not there, and on 19 for one that cannot be searched
 */
export function compile(env: Env, model: Model, condition: Condition): Test {
  if (condition.kind === 'leaf') return compileLeaf(env, model, condition);
  if (condition.kind === 'not') {
    const test = compile(env, model, condition.of);
    return (row) => !test(row);
  }
  const tests = condition.of.map((part) => compile(env, model, part));
  return condition.kind === 'all'
    ? (row) => tests.every((test) => test(row))
    : (row) => tests.some((test) => test(row));
}

/** The field of a leaf's first step and what is left of its path. */
export function fieldOf(env: Env, model: Model, leaf: Leaf): { field: Field; rest: string } {
  const [head = '', ...rest] = leaf.field.split('.');
  const field = model.fields.get(head);
  if (!field) {
    const shown = pythonTuple([leaf.field, leaf.operator, leaf.value]);
    throw valueError(`Invalid field ${model.name}.${head} in ${env.version >= 19 ? 'condition' : 'leaf'} ${shown}`);
  }
  return { field, rest: rest.join('.') };
}

function compileLeaf(env: Env, model: Model, leaf: Leaf): Test {
  const { field, rest } = fieldOf(env, model, leaf);
  if (field.name !== 'id' && !isSearchable(env, model, field)) {
    // Up to 18 such a term is logged and counts as true.
    if (env.version >= 19)
      throw valueError(`Cannot convert ${model.name}.${field.name} to SQL because it is not stored`);
    return () => true;
  }
  if (rest !== '' || leaf.operator === 'any' || leaf.operator === 'not any')
    return throughRelation(env, model, field, leaf, rest);
  const get = (row: Row): FieldValue => env.value(model, row, field.name);
  if (leaf.operator === 'child_of' || leaf.operator === 'parent_of') return inTree(env, field, leaf, get);
  if (field.relation !== undefined) return compileRelation(env, field, leaf, get);
  // 19 finds nothing by an id that is text.
  if (field.name === 'id' && typeof leaf.value === 'string' && env.version >= 19) return () => leaf.operator === '!=';
  if (field.type === 'datetime' || field.type === 'date') return compileInstant(env, field, leaf, get);
  return compileScalar(env, field, leaf, get);
}

export function isSearchable(env: Env, model: Model, field: Field): boolean {
  if (field.related) {
    const [through, target] = field.related;
    const relation = model.fields.get(through)?.relation;
    const other = relation === undefined ? undefined : env.model(relation);
    const shown = other?.fields.get(target);
    return other !== undefined && shown !== undefined && isSearchable(env, other, shown);
  }
  return isStored(field) || field.searchable === true || field.stored === true;
}

function throughRelation(env: Env, model: Model, field: Field, leaf: Leaf, rest: string): Test {
  if (field.relation === undefined)
    throw valueError(
      `Invalid field ${model.name}.${leaf.field} in leaf ${pythonTuple([leaf.field, leaf.operator, leaf.value])}`,
    );
  const other = env.model(field.relation);
  const table = env.table(other.name);
  const inner = rest === '' ? parseDomain(env.version, leaf.value) : { ...leaf, field: rest };
  const test = compile(env, other, inner);
  const some: Test = (row) =>
    relatedIds(env.value(model, row, field.name)).some((id) => {
      const related = table.get(id);
      return related !== undefined && test(related);
    });
  return rest === '' && leaf.operator === 'not any' ? (row) => !some(row) : some;
}

function relatedIds(value: FieldValue): readonly number[] {
  return typeof value === 'number' ? [value] : Array.isArray(value) ? (value as readonly number[]) : [];
}

function inTree(env: Env, field: Field, leaf: Leaf, get: (row: Row) => FieldValue): Test {
  const model = field.relation;
  const roots =
    typeof leaf.value === 'string' && model !== undefined
      ? namedIds(env, model, leaf.value, 'ilike')
      : idList(leaf.value);
  const tree =
    model === undefined
      ? new Set(roots)
      : leaf.operator === 'child_of'
        ? descendants(env, model, roots)
        : ancestors(env, model, roots);
  return (row) => relatedIds(get(row)).some((id) => tree.has(id));
}

/** The field that makes a model a tree. */
function parentField(env: Env, model: string): string {
  return env.model(model).fields.has('parent_id') ? 'parent_id' : 'location_id';
}

/** The given records and all below them. */
export function descendants(env: Env, model: string, roots: readonly number[]): ReadonlySet<number> {
  const found = new Set(roots);
  const parent = parentField(env, model);
  for (const id of found) for (const child of env.table(model).lookup(parent, id)) found.add(child);
  return found;
}

function ancestors(env: Env, model: string, leaves: readonly number[]): ReadonlySet<number> {
  const found = new Set(leaves);
  const parent = parentField(env, model);
  for (const id of found) {
    const above = env.table(model).get(id)?.[parent];
    if (typeof above === 'number') found.add(above);
  }
  return found;
}

function compileRelation(env: Env, field: Field, leaf: Leaf, get: (row: Row) => FieldValue): Test {
  const { operator, value } = leaf;
  const negative = operator === '!=' || operator === '<>' || operator.startsWith('not ');
  if (value === false || value === null)
    return negative ? (row) => relatedIds(get(row)).length > 0 : (row) => relatedIds(get(row)).length === 0;
  const wanted = wantedIds(env, field, leaf);
  const none = Array.isArray(value) && value.includes(false);
  const test: Test = (row) => {
    const ids = relatedIds(get(row));
    return (none && ids.length === 0) || ids.some((id) => wanted.has(id));
  };
  if (operator === '<' || operator === '>' || operator === '<=' || operator === '>=')
    return compileScalar(env, { ...field, type: 'integer' }, leaf, get);
  return negative ? (row) => !test(row) : test;
}

function wantedIds(env: Env, field: Field, { operator, value }: Leaf): Set<number> {
  const model = field.relation ?? '';
  const byName = operator.includes('like');
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  const ids = values.flatMap((item) =>
    typeof item === 'string'
      ? namedIds(env, model, item, byName ? operator.replace('not ', '') : '=')
      : typeof item === 'number'
        ? [item]
        : [],
  );
  return new Set(ids);
}

function namedIds(env: Env, model: string, name: string, operator: string): number[] {
  const of = env.model(model);
  const field: Field | undefined = of.fields.get('display_name');
  if (!field) return [];
  const test = compileScalar(env, field, { kind: 'leaf', field: 'display_name', operator, value: name }, (row) =>
    of.displayName(env, row),
  );
  return [...env.table(model).scan()].filter(test).map((row) => row.id);
}

function compileInstant(env: Env, field: Field, leaf: Leaf, get: (row: Row) => FieldValue): Test {
  if (leaf.value === false || leaf.value === null) return compileScalar(env, field, leaf, get);
  const wanted = (value: unknown): unknown =>
    value === false
      ? false
      : field.type === 'date'
        ? searchedDatetime(env.version, value).slice(0, 10)
        : searchedDatetime(env.version, value);
  const value = Array.isArray(leaf.value) ? leaf.value.map(wanted) : wanted(leaf.value);
  // 19 compares to the second; before, the microseconds that nobody sees count: a record is "later" than its own shown
  // write_date.
  const seen = env.version >= 19 ? (row: Row): FieldValue => toSecond(get(row)) : get;
  return compileScalar(env, field, { ...leaf, value }, seen);
}

const toSecond = (value: FieldValue): FieldValue => (typeof value === 'string' ? value.slice(0, 19) : value);

function compileScalar(env: Env, field: Field, leaf: Leaf, get: (row: Row) => FieldValue): Test {
  const { operator } = leaf;
  if (operator.includes('like')) return compilePattern(leaf, get);
  if (env.version <= 16 && leaf.value === '' && isText(field)) return compileEmptyText(leaf, get);
  if (operator === 'in' || operator === 'not in') return compileIn(env, field, leaf, get);
  const value = comparable(field, leaf.value);
  switch (operator) {
    case '=?':
      return value === false ? () => true : (row) => same(env, field, get(row), value);
    case '=':
    case '==':
      return (row) => same(env, field, get(row), value);
    case '!=':
    case '<>':
      return (row) => !same(env, field, get(row), value);
    default:
      return (row) => compareBy(operator, field, get(row), value);
  }
}

function compareBy(operator: string, field: Field, kept: FieldValue, value: FieldValue): boolean {
  if (kept === false && !isNumeric(field)) return false;
  const left = isNumeric(field) ? Number(kept) : plain(kept);
  const right = isNumeric(field) ? Number(value) : plain(value);
  switch (operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    default:
      throw userError(`Unsupported operator ${operator}`);
  }
}

/** 16 compares with empty text as SQL does: what has no text is neither equal to it nor different from it. */
function compileEmptyText({ operator }: Leaf, get: (row: Row) => FieldValue): Test {
  const different = operator === '!=' || operator === '<>';
  return (row) => {
    const kept = get(row);
    return kept !== false && (kept !== '') === different;
  };
}

function compileIn(env: Env, field: Field, { operator, value }: Leaf, get: (row: Row) => FieldValue): Test {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const wanted = new Set(list.map((item) => canonical(env, field, comparable(field, item))));
  return operator === 'in'
    ? (row) => wanted.has(canonical(env, field, get(row)))
    : (row) => !wanted.has(canonical(env, field, get(row)));
}

/** A searched value in the form that records keep. */
function comparable(field: Field, value: unknown): FieldValue {
  if (field.type === 'boolean') return value === true || value === 1 || (typeof value === 'string' && value !== '');
  if (value === null || value === undefined || value === false) return false;
  if (isNumeric(field)) {
    const decimals = decimalsOf(field);
    return decimals === undefined ? Number(value) : Number(Number(value).toFixed(decimals));
  }
  return plain(value);
}

const isText = (field: Field): boolean => field.type === 'char' || field.type === 'text';

const same = (env: Env, field: Field, kept: FieldValue, value: FieldValue): boolean =>
  canonical(env, field, kept) === canonical(env, field, value);

/** What counts as equal: no text and (not on 16) empty text, no number and zero. */
function canonical(env: Env, field: Field, value: FieldValue): FieldValue {
  if (value !== '' && value !== false && value !== 0) return value;
  if (value === '' && env.version <= 16 && isText(field)) return value;
  return isNumeric(field) && field.name !== 'id' ? 0 : false;
}

function compilePattern({ operator, value }: Leaf, get: (row: Row) => FieldValue): Test {
  const negative = operator.startsWith('not ');
  const text = value === false || value === null || value === undefined ? '' : plain(value);
  const pattern = likePattern(operator.startsWith('=') ? text : `%${text}%`, operator.endsWith('ilike'));
  const anything = text === '' && !operator.startsWith('=');
  return (row) => {
    const kept = get(row);
    if (anything) return !negative;
    return (kept !== false && pattern.test(plain(kept))) !== negative;
  };
}

/** SQL's `LIKE`: `%` any text, `_` one character, `\` before one that stands for itself. */
function likePattern(text: string, ignoreCase: boolean): RegExp {
  const source = text.replace(/\\(.)|%|_|[.*+?^${}()|[\]/\\]/gsu, (part: string, escaped: string | undefined) => {
    if (escaped !== undefined) return escapeForPattern(escaped);
    return part === '%' ? '[^]*' : part === '_' ? '[^]' : escapeForPattern(part);
  });
  return new RegExp(`^${source}$`, ignoreCase ? 'iu' : 'u');
}

const escapeForPattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/gu, '\\$&');

/**
 * Whether a field's values can be looked up in an index: what is kept, as it is kept, and not one of two or three
 * values.
 */
export function isIndexable(field: Field): boolean {
  return (
    isKept(field) &&
    field.translate !== true &&
    (field.type === 'char' ||
      field.type === 'many2one' ||
      field.type === 'selection' ||
      field.type === 'many2one_reference' ||
      isToMany(field))
  );
}
