import { Decimal } from 'decimal.js';
import { writtenDate, writtenDatetime } from './datetimes.js';
import { missingError, valueError } from './errors.js';
import { isTranslated } from './records.js';
import { decimalsOf } from './schema.js';
import type { Env, Field, Model } from './types.js';
import { idList, isFilled, plain, pythonRepr, type FieldValue, type Row } from './values.js';

/**
 * A value from the wire as a record keeps it. Not for to-many fields: those are changed by commands.
 * @throws OdooError for what does not fit the field
 */
export function keptValue(env: Env, model: Model, field: Field, value: unknown): FieldValue {
  switch (field.type) {
    case 'boolean':
      return isFilled(value);
    case 'integer':
    case 'many2one_reference':
      return Math.trunc(numberOf(value));
    case 'float':
    case 'monetary':
      return rounded(field, numberOf(value));
    case 'datetime':
      return writtenDatetime(value);
    case 'date':
      return writtenDate(value);
    case 'selection':
      return selected(model, field, value);
    case 'many2one':
      return linked(env, field, value);
    case 'html':
      return isFilled(value) ? asHtml(plain(value)) : false;
    default:
      return value === false || value === null || value === undefined ? false : plain(value);
  }
}

function numberOf(value: unknown): number {
  if (value === false || value === null || value === undefined || value === '') return 0;
  const number = Number(value);
  if (Number.isNaN(number)) throw valueError(`could not convert string to float: ${pythonRepr(value)}`);
  return number;
}

function rounded(field: Field, value: number): number {
  const places = decimalsOf(field);
  return places === undefined ? value : new Decimal(value).toDecimalPlaces(places, Decimal.ROUND_HALF_UP).toNumber();
}

function selected(model: Model, field: Field, value: unknown): FieldValue {
  if (!isFilled(value)) return false;
  if (field.selection?.some(([key]) => key === value)) return plain(value);
  throw valueError(`Wrong value for ${model.name}.${field.name}: ${pythonRepr(value)}`);
}

function linked(env: Env, field: Field, value: unknown): FieldValue {
  const [id] = idList(value);
  if (id === undefined || id === 0) return false;
  if (!env.table(field.relation ?? '').get(id)) throw missingError(field.relation ?? '', [id], env.uid);
  return id;
}

/**
 * Odoo's cleaning of HTML, as far as callers meet it: bare text becomes a paragraph, a stray `&` is escaped, scripts
 * go.
 */
export function asHtml(text: string): string {
  const clean = text.replace(/<script[^]*?<\/script>/gi, '').replace(/&(?![a-z]+;|#\d+;)/gi, '&amp;');
  return /^\s*<(p|div|ul|ol|table|h\d|blockquote|pre|section)\b/i.test(clean) ? clean : `<p>${clean}</p>`;
}

/** A translated field after a write: the language of the context changes, the others stay. */
export function translatedValue(env: Env, before: FieldValue | undefined, value: FieldValue): FieldValue {
  if (typeof value !== 'string') return value;
  if (before === undefined || before === false)
    return env.lang === 'en_US' ? value : { en_US: value, [env.lang]: value };
  if (isTranslated(before)) return { ...before, [env.lang]: value };
  return env.lang === 'en_US' ? value : { en_US: plain(before), [env.lang]: value };
}

/** The links of a many2many after its commands. */
export function linkedIds(env: Env, field: Field, before: readonly number[], commands: unknown): readonly number[] {
  if (!Array.isArray(commands)) return [];
  let ids = [...before];
  for (const command of commands as readonly unknown[]) {
    if (typeof command === 'number') {
      // A bare list of ids stands for "these and no others".
      return idList(commands);
    }
    const [code, id, value] = Array.isArray(command) ? (command as readonly unknown[]) : [];
    if (code === 6) ids = idList(value);
    else if (code === 5) ids = [];
    else if (code === 4 && typeof id === 'number') ids = [...new Set([...ids, id])];
    else if ((code === 3 || code === 2) && typeof id === 'number') ids = ids.filter((other) => other !== id);
    else if (code === 0 && typeof value === 'object' && value !== null)
      ids.push(env.create(field.relation ?? '', value as Record<string, unknown>).id);
  }
  return ids;
}

/** The row's kept list of a many2many. */
export function keptIds(row: Row | undefined, field: Field): readonly number[] {
  const kept = row?.[field.name];
  return Array.isArray(kept) ? (kept as readonly number[]) : [];
}
