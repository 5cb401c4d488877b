import {
  cellText,
  readBarcode,
  readCartonaId,
  readOdooId,
  readReference,
  shortened,
  westernDigits,
} from './files/cells.js';
import { forSpreadsheet } from '../common/csv-output.js';
import type { Column, Header, HeaderRules } from './files/header.js';

/** What a row says names its product. Several at once must all name the same one. */
export interface ProductKeys {
  readonly odooId: number | undefined;
  readonly reference: string | undefined;
  readonly barcode: string | undefined;
}

/**
 * A row of the file, read. One that cannot be read has `problems`, no keys, and a Cartona id where at least that could
 * be read.
 */
export interface RowRead extends ProductKeys {
  readonly line: number;
  readonly cartonaId: string | undefined;
  readonly problems: readonly string[];
}

/** A product as Odoo holds it, archived or not. */
export interface Product {
  readonly id: number;
  /** The record that holds the Cartona id: the product itself, or its template where the field lives there. */
  readonly holder: number;
  readonly reference: string | undefined;
  readonly barcode: string | undefined;
  readonly active: boolean;
  /** Active variants that show the id of this holder: 1, or those of the template where the field lives there. */
  readonly variants: number;
  readonly cartonaId: string | undefined;
}

const NO_KEYS: ProductKeys = { odooId: undefined, reference: undefined, barcode: undefined };
const NO_PROBLEMS: readonly string[] = [];

export const namesProduct = ({ odooId, reference, barcode }: ProductKeys): boolean =>
  odooId !== undefined || reference !== undefined || barcode !== undefined;

/** Reads one row's cells. */
export function readRow(cells: readonly string[], line: number, header: Header, rules: HeaderRules): RowRead {
  const width = header.names.length;
  if (cells.length < width || (cells.length > width && cells.slice(width).some((cell) => cellText(cell) !== ''))) {
    const reason = `malformed row: it has ${cells.length} cell${cells.length === 1 ? '' : 's'} where the header has ${width}`;
    return { line, cartonaId: undefined, ...NO_KEYS, problems: [reason] };
  }
  const id = readCartonaId(textAt(cells, header, 'cartonaId'), rules.identifyBy);
  const odooId = readOdooId(textAt(cells, header, 'odooId'));
  const reference = readReference(textAt(cells, header, 'reference'));
  const barcode = readBarcode(textAt(cells, header, 'barcode'));
  const cartonaId = id.kind === 'value' ? id.value : undefined;
  if (odooId.kind === 'invalid' || reference.kind === 'invalid' || barcode.kind === 'invalid') {
    // Where one key is damaged, the others are not trusted.
    const problems = [id, odooId, reference, barcode].flatMap((read) => (read.kind === 'invalid' ? [read.reason] : []));
    return { line, cartonaId, ...NO_KEYS, problems };
  }
  const problems = id.kind === 'invalid' ? [id.reason] : NO_PROBLEMS;
  const row = { line, cartonaId, odooId: odooId.value, reference: reference.value, barcode: barcode.value, problems };
  if (namesProduct(row)) return row;
  return {
    ...row,
    problems: [...problems, 'it names no product: fill in the Odoo id, the internal reference or the barcode'],
  };
}

function textAt(cells: readonly string[], header: Header, column: Column): string {
  const at = header.at.get(column);
  return at === undefined ? '' : cellText(cells[at] ?? '');
}

/** The product that a row names, or why it is not clear which. */
export type ProductMatch =
  { readonly kind: 'found'; readonly product: Product } | { readonly kind: 'unclear'; readonly reason: string };

const found = (product: Product) => ({ kind: 'found', product }) as const;
const unclear = (reason: string) => ({ kind: 'unclear', reason }) as const;

/** Products found in Odoo, by what can name them. */
export class ProductIndex {
  readonly #products: readonly Product[];
  /** Made when first asked for: most files name their products in one way. */
  #byId: Map<number, Product> | undefined;
  #byReference: Map<string, Product | Product[]> | undefined;
  #byBarcode: Map<string, Product | Product[]> | undefined;

  constructor(products: readonly Product[]) {
    this.#products = products;
  }

  /** The product that a row names. Products are looked for by the strongest key; the others must agree. */
  match(keys: ProductKeys): ProductMatch {
    const candidates = this.#strongest(keys);
    if (!Array.isArray(candidates))
      return agrees(candidates, keys) ? found(candidates) : unclear(different(keys, candidates));
    const name = strongestName(keys);
    const [first] = candidates;
    if (!first) return unclear(`unknown product: Odoo has none with ${name}`);
    const agreeing = candidates.filter((product) => agrees(product, keys));
    if (agreeing.length === 0) return unclear(different(keys, first));
    const [product, ...others] = meant(agreeing);
    if (product && others.length === 0) return found(product);
    return unclear(
      `ambiguous product: ${agreeing.length} have ${name} (${agreeing.slice(0, 5).map(described).join(', ')}); name the one by its Odoo id`,
    );
  }

  #strongest({ odooId, reference, barcode }: ProductKeys): Product | Product[] {
    if (odooId !== undefined) {
      this.#byId ??= new Map(this.#products.map((product) => [product.id, product]));
      return this.#byId.get(odooId) ?? [];
    }
    if (barcode !== undefined) {
      this.#byBarcode ??= grouped(this.#products, (product) => product.barcode, keyOf.barcode);
      return this.#byBarcode.get(barcode) ?? [];
    }
    this.#byReference ??= grouped(this.#products, (product) => product.reference, keyOf.reference);
    return this.#byReference.get(reference ?? '') ?? [];
  }
}

const different = (keys: ProductKeys, product: Product): string =>
  `its keys name different products: ${strongestName(keys)} is ${described(product)}, not ${named(keys)}`;

/** One product by itself, several in a list. */
function grouped(
  products: readonly Product[],
  value: (product: Product) => string | undefined,
  key: (value: string) => string,
): Map<string, Product | Product[]> {
  const groups = new Map<string, Product | Product[]>();
  for (const product of products) {
    const text = value(product);
    if (text === undefined) continue;
    const name = key(text);
    const known = groups.get(name);
    if (known === undefined) groups.set(name, product);
    else if (Array.isArray(known)) known.push(product);
    else groups.set(name, [known, product]);
  }
  return groups;
}

/** Products that share a key with archived ones: the archived ones are not meant while an active one has it. */
export function meant(products: readonly Product[]): readonly Product[] {
  const active = products.filter((product) => product.active);
  return active.length > 0 ? active : products;
}

/**
 * Odoo's values as they are read back from a file they were exported to: one with spaces around it is still the same.
 */
const keyOf = {
  reference: (reference: string) => cellText(forSpreadsheet(reference)),
  barcode: (barcode: string) => westernDigits(cellText(forSpreadsheet(barcode))),
};

function agrees(product: Product, { reference, barcode }: ProductKeys): boolean {
  return same(product.reference, reference, keyOf.reference) && same(product.barcode, barcode, keyOf.barcode);
}

/** Whether Odoo's value is the one of the row, where the row has one. */
const same = (held: string | undefined, given: string | undefined, key: (value: string) => string): boolean =>
  given === undefined || held === given || (held !== undefined && key(held) === given);

function strongestName({ odooId, reference, barcode }: ProductKeys): string {
  if (odooId !== undefined) return `the Odoo id ${odooId}`;
  return named(barcode === undefined ? { reference } : { barcode });
}

function named({
  reference,
  barcode,
}: {
  readonly reference?: string | undefined;
  readonly barcode?: string | undefined;
}): string {
  const parts = [];
  if (reference !== undefined) parts.push(`the internal reference '${shortened(reference)}'`);
  if (barcode !== undefined) parts.push(`the barcode '${shortened(barcode)}'`);
  return parts.join(' and ');
}

/** A product in a sentence: its reference where it has one, its Odoo id, and that it is archived. */
export function described(product: Pick<Product, 'id' | 'reference' | 'active'>): string {
  const reference = product.reference === undefined ? '' : `[${shortened(product.reference)}] `;
  return `${reference}id ${product.id}${product.active ? '' : ' (archived)'}`;
}
