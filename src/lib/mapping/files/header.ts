import { CartonaError } from '../../common/errors.js';
import { cellText, shortened } from './cells.js';

/** What a column may hold. `reason` is our own column in a `.rejected.csv`; it is replaced, not kept. */
export type Column = 'cartonaId' | 'odooId' | 'reference' | 'barcode' | 'reason';

/** A column that can name the product. */
type KeyColumn = Exclude<Column, 'cartonaId' | 'reason'>;

export interface HeaderRules {
  /** Which of Cartona's ids is kept: its name is a name for the id's column, the other one's is not. */
  readonly identifyBy: 'internal_product_id' | 'supplier_product_id';
  /**
   * The Odoo field that holds the Cartona id. A column of that same field cannot name the product: importing changes
   * it.
   */
  readonly idField: string;
}

export interface Header {
  /** The cells of the header line as they stand. */
  readonly names: readonly string[];
  /** Where each known column stands. */
  readonly at: ReadonlyMap<Column, number>;
}

const COLUMN_WORDS: Readonly<Record<Column, string>> = {
  cartonaId: 'Cartona id',
  odooId: 'Odoo id',
  reference: 'internal reference',
  barcode: 'barcode',
  reason: 'reason',
};

/** The usual names, folded as `fold` does. */
const NAMES: Readonly<Record<Column, readonly string[]>> = {
  cartonaId: [
    'cartona id',
    'x cartona id',
    'cartona',
    'cartona code',
    'cartona product id',
    'cartona product code',
    'كود كرتونه',
    'كود كارتونه',
    'رقم كرتونه',
    'معرف كرتونه',
    'كود المنتج في كرتونه',
    'كود المنتج علي كرتونه',
  ],
  odooId: [
    'odoo id',
    'id',
    'product id',
    'odoo product id',
    'database id',
    'variant id',
    'product variant id',
    'معرف اودو',
    'رقم اودو',
    'كود اودو',
    'معرف المنتج',
  ],
  reference: [
    'internal reference',
    'internal ref',
    'default code',
    'reference',
    'ref',
    'sku',
    'product code',
    'item code',
    'code',
    'المرجع الداخلي',
    'مرجع داخلي',
    'المرجع',
    'الكود الداخلي',
    'كود داخلي',
    'كود المنتج',
    'كود الصنف',
    'الكود',
  ],
  barcode: [
    'barcode',
    'bar code',
    'ean',
    'ean13',
    'ean 13',
    'gtin',
    'upc',
    'باركود',
    'الباركود',
    'بار كود',
    'رقم الباركود',
    'كود الباركود',
  ],
  reason: ['reason'],
};

const NAMES_OF_ID: Readonly<Record<HeaderRules['identifyBy'], readonly string[]>> = {
  internal_product_id: ['internal product id'],
  // The second is how Cartona's documents misspell it.
  supplier_product_id: ['supplier product id', 'suppler prodcut id'],
};

const FIELD_OF: Readonly<Record<string, KeyColumn>> = { default_code: 'reference', barcode: 'barcode' };

/** A header as it is compared: letter case, separators, Arabic vowel marks and spelling variants make no difference. */
function fold(name: string): string {
  return cellText(name)
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\u0640|\p{Mn}/gu, '')
    .replace(/[أإآٱ]/g, 'ا')
    .replace(/ى/g, 'ي')
    .replace(/ة/g, 'ه')
    .replace(/[\s_\-./:*#]+/g, ' ')
    .trim();
}

/** The known columns among header cells, in their order; a cell that is none of them is `undefined`. */
export function recognised(cells: readonly string[], rules: HeaderRules): (Column | undefined)[] {
  const known = new Map<string, Column>();
  for (const column of Object.keys(NAMES) as Column[]) for (const name of NAMES[column]) known.set(name, column);
  for (const name of NAMES_OF_ID[rules.identifyBy]) known.set(name, 'cartonaId');
  // The field's own name is a name for the id, unless it is first of all the name of a key.
  if (!known.has(fold(rules.idField))) known.set(fold(rules.idField), 'cartonaId');
  return cells.map((cell) => known.get(fold(cell)));
}

/**
 * Reads the header line.
 * @throws CartonaError `usage` when the Cartona id's column is missing, no column names the product, or two columns are
 * the same
 */
export function readHeader(cells: readonly string[], rules: HeaderRules, path: string): Header {
  const at = new Map<Column, number>();
  const columns = recognised(cells, rules);
  columns.forEach((column, index) => {
    if (column === undefined) return;
    const before = at.get(column);
    if (before !== undefined) {
      throw new CartonaError(
        'usage',
        `${path} has two columns for the ${COLUMN_WORDS[column]}, '${shortened(cells[before] ?? '')}' and '${shortened(cells[index] ?? '')}'; remove or rename one of them.`,
      );
    }
    at.set(column, index);
  });
  const seen = cells.map((cell) => `'${shortened(cell)}'`).join(', ');
  if (!at.has('cartonaId')) {
    throw new CartonaError(
      'usage',
      `The first line of ${path} names no column for the Cartona id (it has ${seen}); give it a column cartona_id, and one of odoo_id, internal_reference or barcode.`,
    );
  }
  const useless = FIELD_OF[rules.idField];
  if (useless !== undefined && at.delete(useless) && keysOf(at).length === 0) {
    throw new CartonaError(
      'usage',
      `In this Odoo the ${COLUMN_WORDS[useless]} holds the Cartona id itself, so it cannot name the products of ${path}; add a column odoo_id.`,
    );
  }
  if (keysOf(at).length === 0) {
    throw new CartonaError(
      'usage',
      `The first line of ${path} names no column that tells the product (it has ${seen}); add one of odoo_id, internal_reference or barcode.`,
    );
  }
  return { names: cells, at };
}

const keysOf = (at: ReadonlyMap<Column, number>): KeyColumn[] =>
  (['odooId', 'reference', 'barcode'] as const).filter((column) => at.has(column));
