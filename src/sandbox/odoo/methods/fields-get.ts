import { isSearchable } from './domain.js';
import { isKept, isNumeric, isToMany } from '../orm/schema.js';
import type { Env, Field, Model } from '../orm/types.js';

/** Describes the fields of a model, with the attributes asked for (all, when none are). */
export function fieldsGet(
  env: Env,
  model: Model,
  names: readonly string[] | undefined,
  attributes: readonly string[] | undefined,
): Record<string, Record<string, unknown>> {
  const answer: Record<string, Record<string, unknown>> = {};
  for (const field of model.fields.values()) {
    if (names && names.length > 0 && !names.includes(field.name)) continue;
    const all = describe(env, model, field);
    answer[field.name] =
      attributes && attributes.length > 0
        ? Object.fromEntries(Object.entries(all).filter(([key]) => attributes.includes(key)))
        : all;
  }
  return answer;
}

function describe(env: Env, model: Model, field: Field): Record<string, unknown> {
  const shown = source(env, model, field);
  const searchable = field.name === 'id' || isSearchable(env, model, field);
  const store = isKept(field) || field.type === 'one2many' || field.stored === true;
  return {
    change_default: false,
    company_dependent: false,
    depends: field.related ? [field.related.join('.')] : [],
    manual: field.manual,
    name: field.name,
    readonly: field.readonly,
    ...(field.related ? { related: field.related.join('.') } : {}),
    required: field.required,
    searchable,
    sortable: sortable(env, model, field),
    store,
    string: field.string,
    type: field.type,
    ...(env.version >= 18
      ? { default_export_compatible: false, exportable: true, groupable: searchable && !isToMany(field) }
      : {}),
    ...(field.help === undefined ? {} : { help: field.help }),
    ...(field.relation === undefined ? {} : { relation: field.relation }),
    ...(field.inverse === undefined ? {} : { relation_field: field.inverse }),
    ...(isToMany(field) || field.type === 'many2one' ? { context: {}, domain: [] } : {}),
    ...(shown.selection === undefined ? {} : { selection: shown.selection }),
    ...(shown.digits === undefined ? {} : { digits: shown.digits }),
    // What 19 keeps unrounded it still shows with so many decimals.
    ...(shown.digits === false ? { min_display_digits: 2 } : {}),
    ...(field.type === 'char' ? { translate: shown.translate === true, trim: true } : {}),
    ...(isNumeric(field) ? { [env.version >= 18 ? 'aggregator' : 'group_operator']: 'sum' } : {}),
  };
}

/** A sortable field's values stand in the database: its own or, through its template, another record's. */
function sortable(env: Env, model: Model, field: Field): boolean {
  if (isToMany(field)) return false;
  const { delegate } = model;
  if (field.related) {
    const target = delegate && field.related[0] === delegate.field ? env.model(delegate.model) : undefined;
    const shown = target?.fields.get(field.related[1]);
    return target !== undefined && shown !== undefined && sortable(env, target, shown);
  }
  return isKept(field) || field.stored === true || field.name === 'id';
}

/** The field that a delegated one shows. */
function source(env: Env, model: Model, field: Field): Field {
  if (!field.related) return field;
  const relation = model.fields.get(field.related[0])?.relation;
  return (relation === undefined ? undefined : env.model(relation).fields.get(field.related[1])) ?? field;
}
