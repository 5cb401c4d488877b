/**
 * What the cells of a mapping file mean. Pure: text in, value or reason out. Reasons are the second half of a sentence
 * that begins with the file and line; they name the value and what to do.
 */

import { fromSpreadsheet } from '../../common/csv-output.js';
import { withAsciiDigits } from '../../common/digits.js';

/** A value, or why there is none. */
export type CellResult<T> =
  { readonly kind: 'value'; readonly value: T } | { readonly kind: 'invalid'; readonly reason: string };

const NOTHING = { kind: 'value', value: undefined } as const;
const value = <T>(read: T) => ({ kind: 'value', value: read }) as const;
const invalid = (reason: string) => ({ kind: 'invalid', reason }) as const;

/** Longer than any id of Cartona's or barcode; what is longer is a slip of the columns. */
const LONGEST_ID = 100;
/** Odoo's ids are PostgreSQL integers. */
const LARGEST_ODOO_ID = 2_147_483_647;

/** Marks that text picks up from Arabic documents and web pages and that nobody sees. */
const INVISIBLE = '\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2069\\ufeff\\u00ad';
const EDGES = new RegExp(`^[\\s${INVISIBLE}]+|[\\s${INVISIBLE}]+$`, 'g');
const BROKEN_INSIDE = new RegExp(`[\\s${INVISIBLE}\\p{Cc}\\p{Cs}]`, 'u');
/** What neither PostgreSQL nor XML can hold, or no name of a product has. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;
/** `="0123"`: the way to keep a spreadsheet from touching a number. */
const TEXT_FORMULA = /^="([^"]*)"$/;
/**
 * 6.22E+12, as spreadsheets show and save long numbers; the digits are lost. `12E4` may be somebody's code and is left
 * alone.
 */
const SCIENTIFIC = /^[+-]?\d+(?:[.,]\d+e[+-]?\d+|e[+-]\d+)$/i;
const DECIMALS = /^[+-]?\d+[.,]0+$/;
const SPREADSHEET_ERROR = /^#(?:n\/a|ref!|value!|name\?|div\/0!|num!|null!|spill!)$/i;
const PLACEHOLDER = /^(?:null|none|nil|undefined|nan|n\/a|na|true|false|0+)$/i;
/** An id that none of the other rules has anything against, for either kind. */
const PLAIN_ID = /^[1-9]\d{0,30}$/;
const EASTERN_DIGITS = /^[\d\u0660-\u0669\u06f0-\u06f9]+$/;

/** Nothing to take off and nothing to look into: most cells. */
const PLAIN = /^[A-Za-z0-9](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/** The text that a cell holds, without what spreadsheets and copying put around it. */
export function cellText(cell: string): string {
  if (cell === '' || PLAIN.test(cell)) return cell;
  const text = fromSpreadsheet(cell).replace(EDGES, '');
  const kept = TEXT_FORMULA.exec(text)?.[1];
  return kept === undefined ? text : kept.replace(EDGES, '');
}

/** Numbers typed in Arabic or Persian digits are the same numbers; any other text stays as it is. */
export function westernDigits(text: string): string {
  return EASTERN_DIGITS.test(text) ? withAsciiDigits(text) : text;
}

/** Why a text is not what was meant: broken CSV, or a spreadsheet that has changed it. */
function damageOf(text: string): string | undefined {
  if (UNPRINTABLE.test(text))
    return `'${shortened(text)}' has a line break or control character in it; a quote (") may be missing or too many`;
  if (SCIENTIFIC.test(text))
    return `'${shortened(text)}' is a long number that a spreadsheet has shortened; format the column as text and enter all its digits`;
  if (SPREADSHEET_ERROR.test(text)) return `'${text}' is a spreadsheet's error; enter the value itself`;
  return undefined;
}

/** The same, for what is no free text: there, decimals are none of its own. */
function numberDamage(text: string): string | undefined {
  if (DECIMALS.test(text))
    return `'${shortened(text)}' has decimals that a spreadsheet has added; format the column as text and enter it without them`;
  return damageOf(text);
}

/**
 * A Cartona id from its text. Well formed is: one word, up to 100 characters, no separators or quotes, beginning with a
 * letter or digit; digits only where the id is Cartona's own (`supplier_product_id`). Cartona publishes no format.
 */
export function readCartonaId(
  text: string,
  identifyBy: 'internal_product_id' | 'supplier_product_id',
): CellResult<string> {
  if (PLAIN_ID.test(text)) return value(text);
  const id = westernDigits(text);
  if (id === '') return invalid('the Cartona id is empty');
  const damage = numberDamage(id);
  if (damage !== undefined) return invalid(`the Cartona id ${damage}`);
  if (BROKEN_INSIDE.test(id))
    return invalid(
      `the Cartona id '${shortened(id)}' has a space, line break or invisible character in it; enter one id`,
    );
  if (PLACEHOLDER.test(id)) return invalid(`'${id}' is no Cartona id`);
  if (/[,;"'`<>|]/.test(id))
    return invalid(`the Cartona id '${shortened(id)}' has a separator or quote in it; enter one id`);
  if (!/^[\p{L}\p{N}]/u.test(id))
    return invalid(`the Cartona id '${shortened(id)}' does not begin with a letter or digit`);
  if (id.length > LONGEST_ID)
    return invalid(`the Cartona id '${shortened(id)}' is longer than ${LONGEST_ID} characters`);
  if (identifyBy === 'supplier_product_id' && !/^\d+$/.test(id))
    return invalid(`the Cartona id '${id}' is not a number, and this profile keeps Cartona's supplier_product_id`);
  return value(id);
}

/** An Odoo id (the database's number) from its text; `undefined` for an empty cell. */
export function readOdooId(text: string): CellResult<number | undefined> {
  if (text === '') return NOTHING;
  const digits = westernDigits(text);
  const damage = numberDamage(digits);
  if (damage !== undefined) return invalid(`the Odoo id ${damage}`);
  const id = /^\d+$/.test(digits) ? Number(digits) : NaN;
  if (id >= 1 && id <= LARGEST_ODOO_ID) return value(id);
  if (/^\w+\.[\w.]+$/.test(text))
    return invalid(`'${shortened(text)}' is an external id; use the database's number (Odoo exports it as ".id")`);
  return invalid(`'${shortened(text)}' is no Odoo id`);
}

/** An internal reference, exactly as it stands: it is free text. `undefined` for an empty cell. */
export function readReference(text: string): CellResult<string | undefined> {
  if (text === '') return NOTHING;
  const damage = damageOf(text);
  return damage === undefined ? value(text) : invalid(`the internal reference ${damage}`);
}

/** A barcode; `undefined` for an empty cell. */
export function readBarcode(text: string): CellResult<string | undefined> {
  if (text === '') return NOTHING;
  const barcode = westernDigits(text);
  const damage = numberDamage(barcode);
  return damage === undefined ? value(barcode) : invalid(`the barcode ${damage}`);
}

/** A value for a sentence: bounded, on one line, nothing in it that a terminal would obey. */
export function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ').replace(/\p{Cc}/gu, '\ufffd');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
