import { requireRight, requireVisible } from './access.js';
import { valueError } from './errors.js';
import { isNumeric, isToMany } from './schema.js';
import type { Env, Field, Model } from './types.js';
import { isObject, type FieldValue, type Row, type Translated } from './values.js';

/** The value of a field, wherever it comes from; a translated text in the language of the context. */
export function fieldValue(env: Env, model: Model, row: Row, field: Field): FieldValue {
  if (field.name === 'id') return row.id;
  if (field.compute) return field.compute(env, row);
  if (field.related) return relatedValue(env, model, row, field.related);
  if (field.type === 'one2many') return linesOf(env, row, field);
  const kept = row[field.name];
  if (kept === undefined) return emptyValue(field);
  return field.translate && isTranslated(kept) ? (kept[env.lang] ?? kept.en_US ?? false) : kept;
}

function emptyValue(field: Field): FieldValue {
  if (isNumeric(field)) return 0;
  return isToMany(field) ? [] : false;
}

export function isTranslated(value: FieldValue): value is Translated {
  return typeof value === 'object' && !Array.isArray(value);
}

function relatedValue(env: Env, model: Model, row: Row, [through, target]: readonly [string, string]): FieldValue {
  const relation = model.fields.get(through)?.relation;
  const id = env.value(model, row, through);
  const other = relation === undefined ? undefined : env.model(relation);
  const field = other?.fields.get(target);
  if (!other || !field) return false;
  const related = typeof id === 'number' ? env.table(other.name).get(id) : undefined;
  return related ? fieldValue(env, other, related, field) : emptyValue(field);
}

/** The records on the other side of a one2many: without archived ones, in the other model's order. */
function linesOf(env: Env, row: Row, field: Field): readonly number[] {
  const { relation = '', inverse = '' } = field;
  const ids = [...env.table(relation).lookup(inverse, row.id)];
  if (ids.length === 0) return ids;
  const other = env.model(relation);
  if (ids.length === 1 && !other.fields.has('active')) return ids;
  return env.sudo().search(relation, [['id', 'in', ids]]);
}

/** How a value looks over the wire. With `names` a many2one comes as `[id, name]`. */
export function shownValue(env: Env, field: Field, value: FieldValue, names: boolean): unknown {
  if (field.type === 'many2one')
    return typeof value === 'number' && names ? [value, env.sudo().displayName(field.relation ?? '', value)] : value;
  if (field.type === 'datetime' && typeof value === 'string') return value.slice(0, 19);
  return value;
}

/**
 * Reads fields of records in the order of the ids; a record that is not there is left out without a word.
 * @param names whether many2ones come with their names (`load='_classic_read'`)
 * @throws OdooError ValueError for an unknown field, AccessError
 */
export function read(
  env: Env,
  model: Model,
  ids: readonly number[],
  fields: readonly string[],
  names: boolean,
): Record<string, unknown>[] {
  requireRight(env, model, 'read');
  const wanted = (fields.length === 0 ? [...model.fields.keys()] : fields)
    .filter((name) => name !== 'id')
    .map((name) => fieldNamed(env, model, name));
  const table = env.table(model.name);
  // Asked for nothing but ids, Odoo does not look whether they exist.
  if (wanted.length === 0) return ids.map((id) => ({ id }));
  const rows = ids.map((id) => table.get(id)).filter((row): row is Row => row !== undefined);
  requireVisible(env, model, rows, 'read');
  return rows.map((row) => {
    const shown: Record<string, unknown> = { id: row.id };
    for (const field of wanted) shown[field.name] = shownValue(env, field, fieldValue(env, model, row, field), names);
    return shown;
  });
}

/** @throws OdooError ValueError, in the words of the version */
function fieldNamed(env: Env, model: Model, name: unknown): Field {
  const field = typeof name === 'string' ? model.fields.get(name) : undefined;
  if (!field)
    throw valueError(
      env.version >= 19
        ? `Invalid field '${String(name)}' on '${model.name}'`
        : `Invalid field '${String(name)}' on model '${model.name}'`,
    );
  return field;
}

/**
 * What `web_save` and `web_search_read` give for their `specification`: as `read`, but relations as objects where
 * sub-fields are asked for.
 */
export function readBySpecification(
  env: Env,
  model: Model,
  ids: readonly number[],
  specification: unknown,
): Record<string, unknown>[] {
  const wanted = isObject(specification) ? specification : {};
  const names = Object.keys(wanted).filter((name) => name !== 'id');
  const records = read(env, model, ids, ['id', ...names], false);
  for (const record of records) {
    for (const name of names) {
      const field = fieldNamed(env, model, name);
      const inner = wanted[name];
      const value = record[name];
      if (field.relation === undefined || !isObject(inner) || !isObject(inner.fields)) continue;
      const other = env.model(field.relation);
      record[name] =
        typeof value === 'number'
          ? (readBySpecification(env, other, [value], inner.fields)[0] ?? false)
          : Array.isArray(value)
            ? readBySpecification(env, other, value as number[], inner.fields)
            : value;
    }
  }
  return records;
}
