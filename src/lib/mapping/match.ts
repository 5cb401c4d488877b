import { cellText, forSpreadsheet, readBarcode, readCartonaId, readOdooId, readReference, shortened, westernDigits, type Read } from './cells.js';
import type { Header, HeaderRules } from './header.js';

/** What a row says names its product. Several at once must all name the same one. */
export interface ProductKeys {
  readonly odooId: number | undefined;
  readonly reference: string | undefined;
  readonly barcode: string | undefined;
}

/** A row of the file, read. One that cannot be read has `problems`, no keys, and a Cartona id where at least that could be read. */
export interface RowRead extends ProductKeys {
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

export const namesProduct = ({ odooId, reference, barcode }: ProductKeys): boolean => odooId !== undefined || reference !== undefined || barcode !== undefined;

/** Reads one row's cells. */
export function readRow(cells: readonly string[], header: Header, rules: HeaderRules): RowRead {
  const width = header.names.length;
  if (cells.length < width || (cells.length > width && cells.slice(width).some((cell) => cellText(cell) !== ''))) {
    const reason = `malformed row: it has ${cells.length} cell${cells.length === 1 ? '' : 's'} where the header has ${width}`;
    return { cartonaId: undefined, ...NO_KEYS, problems: [reason] };
  }
  const text = (column: 'cartonaId' | 'odooId' | 'reference' | 'barcode'): string => {
    const at = header.at.get(column);
    return at === undefined ? '' : cellText(cells[at] ?? '');
  };
  const id = readCartonaId(text('cartonaId'), rules.identifyBy);
  const keys = [readOdooId(text('odooId')), readReference(text('reference')), readBarcode(text('barcode'))] as const;
  const cartonaId = 'value' in id ? id.value : undefined;
  const damage = keys.flatMap((key) => ('reason' in key ? [key.reason] : []));
  const problems = 'reason' in id ? [id.reason, ...damage] : damage;
  // Of keys of which one is damaged the others are not taken on trust.
  if (damage.length > 0) return { cartonaId, ...NO_KEYS, problems };
  const [odooId, reference, barcode] = [valueOf(keys[0]), valueOf(keys[1]), valueOf(keys[2])];
  if (!namesProduct({ odooId, reference, barcode })) problems.push('it names no product: fill in the Odoo id, the internal reference or the barcode');
  return { cartonaId, odooId, reference, barcode, problems: problems.length === 0 ? NO_PROBLEMS : problems };
}

const valueOf = <T>(read: Read<T>): T | undefined => ('value' in read ? read.value : undefined);

/** Products found in Odoo, by what can name them. */
export class ProductIndex {
  readonly #products: readonly Product[];
  /** Made when first asked for: most files name their products in one way. */
  #byId: Map<number, Product> | undefined;
  #byReference: Map<string, Product[]> | undefined;
  #byBarcode: Map<string, Product[]> | undefined;

  constructor(products: readonly Product[]) {
    this.#products = products;
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
      this.#byId ??= new Map(this.#products.map((product) => [product.id, product]));
      const product = this.#byId.get(odooId);
      return [`the Odoo id ${odooId}`, product ? [product] : []];
    }
    if (barcode !== undefined) {
      this.#byBarcode ??= grouped(this.#products, (product) => product.barcode, keyOf.barcode);
      return [named(undefined, barcode), this.#byBarcode.get(barcode) ?? []];
    }
    this.#byReference ??= grouped(this.#products, (product) => product.reference, keyOf.reference);
    return [named(reference, undefined), this.#byReference.get(reference ?? '') ?? []];
  }
}

function grouped(products: readonly Product[], value: (product: Product) => string | undefined, key: (value: string) => string): Map<string, Product[]> {
  const groups = new Map<string, Product[]>();
  for (const product of products) {
    const text = value(product);
    if (text === undefined) continue;
    const group = groups.get(key(text));
    if (group) group.push(product);
    else groups.set(key(text), [product]);
  }
  return groups;
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
