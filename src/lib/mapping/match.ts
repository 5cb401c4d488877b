import { cellText, forSpreadsheet, readBarcode, readCartonaId, readOdooId, readReference, shortened, westernDigits, type Read } from './cells.js';
import type { Header, HeaderRules } from './header.js';

/** What a row says names its product. Several at once must all name the same one. */
export interface ProductKeys {
  readonly odooId: number | undefined;
  readonly reference: string | undefined;
  readonly barcode: string | undefined;
}

/** A row of the file, read. A row that cannot be read has `problems`, and a Cartona id where at least that could be read. */
export interface RowRead {
  readonly cartonaId: string | undefined;
  readonly keys: ProductKeys;
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

/** Reads one row's cells. */
export function readRow(cells: readonly string[], header: Header, rules: HeaderRules): RowRead {
  const width = header.names.length;
  if (cells.length < width || cells.slice(width).some((cell) => cellText(cell) !== '')) {
    return { cartonaId: undefined, keys: NO_KEYS, problems: [`malformed row: it has ${cells.length} cell${cells.length === 1 ? '' : 's'} where the header has ${width}`] };
  }
  const problems: string[] = [];
  const text = (column: 'cartonaId' | 'odooId' | 'reference' | 'barcode'): string => {
    const at = header.at.get(column);
    return at === undefined ? '' : cellText(cells[at] ?? '');
  };
  const take = <T>(read: Read<T>): T | undefined => {
    if ('value' in read) return read.value;
    problems.push(read.reason);
    return undefined;
  };
  const cartonaId = take(readCartonaId(text('cartonaId'), rules.identifyBy));
  const damaged = problems.length;
  const keys = { odooId: take(readOdooId(text('odooId'))), reference: take(readReference(text('reference'))), barcode: take(readBarcode(text('barcode'))) };
  if (problems.length > damaged) return { cartonaId, keys: NO_KEYS, problems };
  if (keys.odooId === undefined && keys.reference === undefined && keys.barcode === undefined) {
    problems.push('it names no product: fill in the Odoo id, the internal reference or the barcode');
  }
  return { cartonaId, keys, problems };
}

/** Products found in Odoo, by what can name them. */
export class ProductIndex {
  readonly #byId = new Map<number, Product>();
  readonly #byReference = new Map<string, Product[]>();
  readonly #byBarcode = new Map<string, Product[]>();

  constructor(products: Iterable<Product>) {
    for (const product of products) {
      this.#byId.set(product.id, product);
      if (product.reference !== undefined) append(this.#byReference, keyOf.reference(product.reference), product);
      if (product.barcode !== undefined) append(this.#byBarcode, keyOf.barcode(product.barcode), product);
    }
  }

  /** The product a row names, or why it is not clear which. Products are looked for by the strongest key; the others must agree. */
  match({ odooId, reference, barcode }: ProductKeys): { product: Product } | { problem: string } {
    const [name, found] = this.#strongest(odooId, reference, barcode);
    if (found.length === 0) return { problem: `unknown product: Odoo has none with ${name}` };
    const agreeing = found.filter((product) => agrees(product, reference, barcode));
    if (agreeing.length === 0) return { problem: `its keys name different products: ${name} is ${described(found[0])}, not ${named(reference, barcode)}` };
    const [product, ...others] = meant(agreeing);
    if (product && others.length === 0) return { product };
    return { problem: `ambiguous product: ${agreeing.length} have ${name} (${agreeing.slice(0, 5).map(described).join(', ')}); name the one by its Odoo id` };
  }

  #strongest(odooId: number | undefined, reference: string | undefined, barcode: string | undefined): [name: string, found: readonly Product[]] {
    if (odooId !== undefined) {
      const product = this.#byId.get(odooId);
      return [`the Odoo id ${odooId}`, product ? [product] : []];
    }
    if (barcode !== undefined) return [named(undefined, barcode), this.#byBarcode.get(barcode) ?? []];
    return [named(reference, undefined), this.#byReference.get(reference ?? '') ?? []];
  }
}

/** Products that share a key with archived ones: the archived ones are not meant while an active one has it. */
export function meant(products: readonly Product[]): readonly Product[] {
  const active = products.filter((product) => product.active);
  return active.length > 0 ? active : products;
}

/** Odoo's values as they are read back from a file they were exported to: one with spaces around it is still the same. */
const keyOf = {
  reference: (reference: string) => cellText(forSpreadsheet(reference)),
  barcode: (barcode: string) => westernDigits(cellText(forSpreadsheet(barcode))),
};

function agrees(product: Product, reference: string | undefined, barcode: string | undefined): boolean {
  if (reference !== undefined && (product.reference === undefined || keyOf.reference(product.reference) !== reference)) return false;
  return barcode === undefined || (product.barcode !== undefined && keyOf.barcode(product.barcode) === barcode);
}

function named(reference: string | undefined, barcode: string | undefined): string {
  const parts = [reference === undefined ? [] : [`the internal reference '${shortened(reference)}'`], barcode === undefined ? [] : [`the barcode '${shortened(barcode)}'`]];
  return parts.flat().join(' and ');
}

/** A product in a sentence: its reference where it has one, its Odoo id, and that it is archived. */
export function described(product: Pick<Product, 'id' | 'reference' | 'active'> | undefined): string {
  if (!product) return 'no product';
  const reference = product.reference === undefined ? '' : `[${shortened(product.reference)}] `;
  return `${reference}id ${product.id}${product.active ? '' : ' (archived)'}`;
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}
