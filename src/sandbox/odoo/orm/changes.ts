import { requireRight, requireRows } from './access.js';
import { noteCreation } from './automations.js';
import { keptIds, keptValue, linkedIds, translatedValue } from './convert.js';
import { keyError, missingRequired, stillReferenced, valueError } from './errors.js';
import { dropExternalIds, keepExternalIds } from '../load/external-ids.js';
import { isKept, isNumeric, isToMany } from './schema.js';
import type { Env, Field, Model } from './types.js';
import { isObject, type FieldValue, type Row, type WireObject } from './values.js';

/**
 * Makes a record. @throws OdooError for a missing right, an unknown field, a missing required value, and what the model
 * forbids
 */
export function create(env: Env, model: Model, given: WireObject): Row {
  requireRight(env, model, 'create');
  for (const name of Object.keys(given)) {
    if (!model.fields.has(name))
      throw valueError(
        env.version >= 19
          ? `Invalid field '${name}' in '${model.name}'`
          : `Invalid field '${name}' on model '${model.name}'`,
      );
  }
  const present = model.createInstead?.(env, given);
  if (present) {
    env.write(model.name, [present.id], given);
    return present;
  }
  const values = model.beforeCreate?.(env, given) ?? given;
  const parts = split(model, values);
  const kept: Record<string, FieldValue | undefined> = {
    create_date: env.tx.now,
    write_date: env.tx.now,
    create_uid: env.uid,
    write_uid: env.uid,
  };
  if (model.delegate && !(model.delegate.field in parts.own)) {
    kept[model.delegate.field] = env
      .with({ ...env.context, create_product_product: false })
      .create(model.delegate.model, parts.delegated).id;
  }
  for (const field of model.fields.values()) {
    if (!isKept(field) || field.name in kept || field.name === 'id') continue;
    const value =
      field.name in parts.own ? fromWire(env, model, field, undefined, parts.own[field.name]) : initial(env, field);
    // What is nothing is left out: a record takes the room of what it says.
    if (!isNothing(value)) kept[field.name] = value;
  }
  const { row, undo } = env.table(model.name).insert(kept);
  env.tx.log(undo);
  keepOwnExternalId(env, model, row, given);
  writeOthers(env, [row], parts);
  requireValues(env, model, row);
  model.afterCreate?.(env, row, values);
  noteCreation(env, model.name, row);
  return row;
}

const isNothing = (value: FieldValue): boolean =>
  value === false || value === 0 || (Array.isArray(value) && value.length === 0);

/** What a new record's field says unless it is told. */
export function initial(env: Env, field: Field): FieldValue {
  const value = typeof field.initial === 'function' ? field.initial(env) : field.initial;
  return value ?? (isNumeric(field) ? 0 : false);
}

/** A line inside an imported record brings its external id in its `id`. */
function keepOwnExternalId(env: Env, model: Model, row: Row, given: WireObject): void {
  if (!env.importing || typeof given.id !== 'string' || given.id === '') return;
  const key = given.id.includes('.') ? given.id : `${env.importing.module}.${given.id}`;
  keepExternalIds(env, [{ key, model: model.name, id: row.id, noupdate: env.importing.noupdate }], false);
}

interface Parts {
  /** What the record keeps itself. */
  readonly own: Record<string, unknown>;
  /** What its template keeps. */
  readonly delegated: Record<string, unknown>;
  readonly computed: [Field, unknown][];
  readonly lines: [Field, unknown][];
}

function split(model: Model, values: WireObject): Parts {
  const parts: Parts = { own: {}, delegated: {}, computed: [], lines: [] };
  for (const [name, value] of Object.entries(values)) {
    const field = model.fields.get(name);
    if (!field || name === 'id') continue;
    if (field.related) {
      if (field.related[0] === model.delegate?.field) parts.delegated[field.related[1]] = value;
    } else if (field.compute) parts.computed.push([field, value]);
    else if (field.type === 'one2many') parts.lines.push([field, value]);
    else parts.own[name] = value;
  }
  return parts;
}

function fromWire(env: Env, model: Model, field: Field, row: Row | undefined, value: unknown): FieldValue {
  if (isToMany(field)) return linkedIds(env, field, keptIds(row, field), value);
  const kept = keptValue(env, model, field, value);
  return field.translate ? translatedValue(env, row?.[field.name], kept) : kept;
}

/** Changes records. @throws OdooError as `create`, and MissingError */
export function write(env: Env, model: Model, ids: readonly number[], given: WireObject): void {
  const rows = requireRows(env, model, ids, 'write');
  for (const name of Object.keys(given)) {
    if (model.fields.has(name)) continue;
    throw env.version >= 19 ? keyError(name) : valueError(`Invalid field '${name}' on model '${model.name}'`);
  }
  const values = model.beforeWrite?.(env, rows, given) ?? given;
  const parts = split(model, values);
  for (const row of rows) {
    const changed: Record<string, FieldValue> = {};
    for (const [name, value] of Object.entries(parts.own)) {
      const field = model.fields.get(name);
      if (field) changed[name] = fromWire(env, model, field, row, value);
    }
    env.set(model.name, row, changed);
  }
  writeDelegated(env, model, rows, parts);
  writeOthers(env, rows, parts);
  for (const row of rows) requireValues(env, model, row);
  model.afterWrite?.(env, rows, values);
}

function writeDelegated(env: Env, model: Model, rows: readonly Row[], parts: Parts): void {
  const { delegate } = model;
  if (!delegate || Object.keys(parts.delegated).length === 0) return;
  const parents = new Set(rows.map((row) => row[delegate.field]).filter((id): id is number => typeof id === 'number'));
  env.write(delegate.model, [...parents], parts.delegated);
}

function writeOthers(env: Env, rows: readonly Row[], parts: Parts): void {
  for (const row of rows) {
    for (const [field, value] of parts.computed) {
      field.write?.(
        env,
        row,
        typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean' ? value : false,
      );
    }
    for (const [field, commands] of parts.lines) changeLines(env, row, field, commands);
  }
}

/** Carries out a one2many's commands. */
function changeLines(env: Env, row: Row, { relation = '', inverse = '' }: Field, commands: unknown): void {
  if (!Array.isArray(commands)) return;
  for (const command of commands as readonly unknown[]) {
    const [code, id, values] = Array.isArray(command) ? (command as readonly unknown[]) : [];
    if (code === 0 && isObject(values)) env.create(relation, { ...values, [inverse]: row.id });
    else if (code === 1 && typeof id === 'number' && isObject(values)) env.write(relation, [id], values);
    else if ((code === 2 || code === 3) && typeof id === 'number') env.unlink(relation, [id]);
    else if (code === 5) env.unlink(relation, [...env.table(relation).lookup(inverse, row.id)]);
    else if (code === 4 && typeof id === 'number' && env.table(relation).get(id)?.[inverse] !== row.id)
      env.write(relation, [id], { [inverse]: row.id });
  }
}

function requireValues(env: Env, model: Model, row: Row): void {
  for (const field of model.fields.values()) {
    if (!field.required || !isKept(field) || isNumeric(field)) continue;
    const value = row[field.name];
    if (value === undefined || value === false) throw missingRequired(env.version, model, field, env.importing?.model);
  }
}

/** Deletes records, with what goes away with them. @throws OdooError when others still need them */
export function unlink(env: Env, model: Model, ids: readonly number[]): void {
  const rows = requireRows(env, model, ids, 'unlink');
  model.beforeUnlink?.(env, rows);
  for (const row of rows) {
    letGo(env.sudo(), model, row);
    dropExternalIds(env, model.name, row.id);
    env.tx.log(env.table(model.name).remove(row.id));
  }
  model.afterUnlink?.(env, rows);
}

function letGo(env: Env, model: Model, row: Row): void {
  for (const other of env.db.models.values()) {
    for (const field of other.fields.values()) {
      if (field.type !== 'many2one' || field.relation !== model.name || !isKept(field)) continue;
      const pointing = [...env.table(other.name).lookup(field.name, row.id)];
      if (pointing.length === 0) continue;
      if (field.cascade) env.unlink(other.name, pointing);
      else if (field.required) throw stillReferenced(env.version, other, field);
      else for (const id of pointing) env.set(other.name, env.row(other.name, id), { [field.name]: false });
    }
  }
}
