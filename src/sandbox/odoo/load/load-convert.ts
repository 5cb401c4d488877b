import { importedDatetime } from '../orm/datetimes.js';
import { findExternalId } from './external-ids.js';
import type { Env, Field, Model } from '../orm/types.js';
import { BY_NAME, type RawRecord } from './load-cells.js';
import { isFilled, textOf } from '../orm/values.js';

/** A cell that cannot be read. `message` still has `%(field)s` where the label goes. */
export class CellError extends Error {
  constructor(
    message: string,
    readonly more: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

/** Reports a cell that cannot be read; the record goes on without it. */
export type Report = (field: Field, error: CellError) => void;

const REFERENCES = new Set(['id', '.id', BY_NAME]);

/** Reads the cells of a record: text to values, references to ids, further records to commands. */
export function convertRecord(env: Env, model: Model, record: RawRecord, report: Report): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, cell] of Object.entries(record)) {
    const field = model.fields.get(name);
    if (!field || REFERENCES.has(name)) continue;
    if (!isFilled(cell)) {
      values[name] = false;
      continue;
    }
    try {
      values[name] = convertCell(env, field, cell);
    } catch (error) {
      if (!(error instanceof CellError)) throw error;
      report(field, error);
    }
  }
  return values;
}

function convertCell(env: Env, field: Field, cell: unknown): unknown {
  switch (field.type) {
    case 'many2one':
      return referenced(env, field, singleReference(cell));
    case 'many2many':
      return convertLinks(env, field, cell);
    case 'one2many':
      return convertLines(env, field, cell as RawRecord[]);
    case 'boolean':
      return convertBoolean(cell);
    case 'integer':
    case 'float':
    case 'monetary':
      return convertNumber(cell, field.type);
    case 'datetime':
      return convertDatetime(env, textOf(cell));
    case 'date':
      return convertDate(textOf(cell));
    case 'selection':
      return convertSelection(field, textOf(cell));
    default:
      return cell;
  }
}

function convertNumber(cell: unknown, type: 'integer' | 'float' | 'monetary'): number {
  const number = Number(cell);
  if (Number.isNaN(number) || (type === 'integer' && !Number.isInteger(number))) {
    throw new CellError(
      `'${textOf(cell)}' does not seem to be ${type === 'integer' ? 'an integer' : 'a number'} for field '%(field)s'`,
    );
  }
  return number;
}

const TRUE = new Set(['1', 'true', 'yes']);
const FALSE = new Set(['', '0', 'false', 'no']);

function convertBoolean(cell: unknown): boolean {
  const text = textOf(cell).toLowerCase();
  if (TRUE.has(text)) return true;
  if (FALSE.has(text)) return false;
  throw new CellError(`Unknown value '${textOf(cell)}' for boolean field '%(field)s'`, {
    moreinfo: "Use '1' for yes and '0' for no",
  });
}

function convertDatetime(env: Env, text: string): string {
  const zone = typeof env.context.tz === 'string' ? env.context.tz : env.table('res.users').get(env.uid)?.tz;
  const instant = importedDatetime(text, typeof zone === 'string' ? zone : 'UTC');
  if (instant === undefined)
    throw new CellError(`'${text}' does not seem to be a valid datetime for field '%(field)s'`, {
      moreinfo: "Use the format '2012-12-31 23:59:59'",
    });
  return instant;
}

function convertDate(text: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return text;
  throw new CellError(`'${text}' does not seem to be a valid date for field '%(field)s'`, {
    moreinfo: "Use the format '2012-12-31'",
  });
}

function convertSelection(field: Field, text: string): string {
  const options = field.selection ?? [];
  const found = options.find(([key, label]) => key === text || label.toLowerCase() === text.toLowerCase());
  if (found) return found[0];
  throw new CellError(`Value '${text}' not found in selection field '%(field)s'`, {
    moreinfo: options.map(([, label]) => label),
  });
}

interface Reference {
  /** `id`, `.id` or the name. */
  readonly by: string;
  readonly value: string;
}

function singleReference(cell: unknown): Reference {
  const [record] = cell as RawRecord[];
  return referenceIn(record ?? {});
}

function referenceIn(record: RawRecord): Reference {
  const keys = Object.keys(record);
  if (keys.some((key) => !REFERENCES.has(key)))
    throw new CellError('Can not create Many-To-One records indirectly, import the field separately');
  const [by, other] = keys;
  if (by === undefined || other !== undefined) {
    throw new CellError(
      "Ambiguous specification for field '%(field)s', only provide one of name, external id or database id",
    );
  }
  return { by, value: textOf(record[by]) };
}

/**
 * The id that a reference leads to; false for an empty one. Database and external ids find archived records too, names
 * do not.
 */
function referenced(env: Env, field: Field, { by, value }: Reference): number | false {
  const relation = field.relation ?? '';
  if (by !== BY_NAME && FALSE.has(value.toLowerCase())) return false;
  if (by === '.id') return databaseId(env, relation, value);
  if (by === 'id') return externalId(env, relation, value);
  const [id] = env.search(relation, [['display_name', '=', value]], { limit: 1 });
  return id ?? unknown(relation, 'name', value);
}

function databaseId(env: Env, relation: string, value: string): number {
  const id = Number(value);
  if (!Number.isInteger(id))
    throw new CellError(`Invalid database id '${value}' for the field '%(field)s'`, {
      moreinfo: possibleValues(relation),
    });
  return env.table(relation).get(id) ? id : unknown(relation, 'database id', value);
}

function externalId(env: Env, relation: string, value: string): number {
  const key = value.includes('.') ? value : `${env.importing?.module ?? ''}.${value}`;
  const found = findExternalId(env, key);
  const id = found?.model === relation ? Number(found.res_id) : undefined;
  return id !== undefined && env.table(relation).get(id) ? id : unknown(relation, 'external id', key);
}

function unknown(relation: string, kind: string, value: string): never {
  throw new CellError(`No matching record found for ${kind} '${value}' in field '%(field)s'`, {
    moreinfo: possibleValues(relation),
  });
}

function possibleValues(relation: string): Record<string, unknown> {
  return {
    name: 'Possible Values',
    type: 'ir.actions.act_window',
    target: 'new',
    view_mode: 'list,form',
    views: [
      [false, 'list'],
      [false, 'form'],
    ],
    context: { create: false },
    help: 'See all possible values',
    res_model: 'ir.model.data',
    domain: [['model', '=', relation]],
  };
}

function convertLinks(env: Env, field: Field, cell: unknown): unknown {
  const { by, value } = singleReference(cell);
  const ids = value
    .split(',')
    .map((part) => referenced(env, field, { by, value: part }))
    .filter((id) => id !== false);
  return [[6, 0, ids]];
}

/** Lines: one with an external id that is known is changed, any other is made; its external id travels in `id`. */
function convertLines(env: Env, field: Field, records: readonly RawRecord[]): unknown[] {
  const other = env.model(field.relation ?? '');
  return records.flatMap((record): unknown[] => {
    const values = convertRecord(env, other, record, (inner, error) => {
      throw new CellError(error.message.replaceAll('%(field)s', `%(field)s/${inner.string}`), error.more);
    });
    const references = Object.fromEntries(
      Object.entries(record).filter(([key, value]) => REFERENCES.has(key) && (key !== 'id' || isFilled(value))),
    );
    if (Object.keys(references).length === 0) return [[0, 0, values]];
    const id = knownLine(env, field, referenceIn(references), values);
    return id === undefined
      ? [[0, 0, values]]
      : [
          [4, id, false],
          [1, id, values],
        ];
  });
}

function knownLine(env: Env, field: Field, reference: Reference, values: Record<string, unknown>): number | undefined {
  try {
    return referenced(env, field, reference) || undefined;
  } catch (error) {
    if (!(error instanceof CellError) || reference.by !== 'id') throw error;
    values.id = reference.value;
    return undefined;
  }
}
