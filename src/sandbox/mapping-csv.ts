import { stringify } from 'csv-stringify/sync';
import type { Supplier, SupplierProduct } from './supplier/supplier.js';

interface MappingRow {
  readonly reference: string;
  readonly cartonaId: string;
  readonly name: string;
}

/** The mistakes that people make in such files. */
type Mistake = (supplier: Supplier, usable: readonly SupplierProduct[]) => MappingRow[];

/**
 * A mapping file as the supplier would write it: internal reference, Cartona id and name of every product that is sold,
 * has an id and can be told by its reference. UTF-8 with a byte order mark, as spreadsheets write it.
 * @param options.badRows also a row of each usual mistake, spread over the file
 */
export function mappingCsv(supplier: Supplier, options: { badRows: boolean }): string {
  const usable = supplier.products.filter(
    (product) =>
      product.active &&
      product.saleOk &&
      product.defaultCode !== '' &&
      product.defaultCode !== supplier.duplicatedReference,
  );
  const rows = usable.flatMap((product) => (product.cartonaId === null ? [] : [rowOf(product, product.cartonaId)]));
  if (options.badRows) {
    const bad = MISTAKES.flatMap((mistake) => mistake(supplier, usable));
    const apart = Math.max(1, Math.floor(rows.length / (bad.length + 1)));
    bad.forEach((row, index) => rows.splice((index + 1) * apart + index, 0, row));
  }
  return stringify(
    rows.map((row) => [row.reference, row.cartonaId, row.name]),
    { header: true, columns: ['internal_reference', 'cartona_id', 'name'], bom: true },
  );
}

const rowOf = (product: SupplierProduct, cartonaId: string): MappingRow => ({
  reference: product.defaultCode,
  cartonaId,
  name: product.name,
});

/** No row where the supplier is too small to have such a product. */
const rowsOf = (product: SupplierProduct | undefined, cartonaId: string): MappingRow[] =>
  product === undefined ? [] : [rowOf(product, cartonaId)];

const unmapped = (products: readonly SupplierProduct[]): SupplierProduct[] =>
  products.filter((product) => product.cartonaId === null);

const MISTAKES: readonly Mistake[] = [
  function unknownReference() {
    return [{ reference: 'NO-SUCH-PRODUCT', cartonaId: 'CRT-UNKNOWN', name: 'شاي' }];
  },
  function emptyId(_supplier, usable) {
    return rowsOf(unmapped(usable)[0], '');
  },
  function twoIdsInOneCell(_supplier, usable) {
    return rowsOf(unmapped(usable)[1], 'CRT-1 / CRT-2');
  },
  function sameIdTwice(_supplier, usable) {
    const [one, other] = unmapped(usable).slice(2);
    return one === undefined || other === undefined ? [] : [rowOf(one, 'CRT-TWICE'), rowOf(other, 'CRT-TWICE')];
  },
  function archivedProduct(supplier) {
    return rowsOf(
      supplier.products.find((product) => !product.active),
      'CRT-ARCHIVED',
    );
  },
  function ambiguousReference(supplier) {
    return rowsOf(
      supplier.products.find((product) => product.defaultCode === supplier.duplicatedReference),
      'CRT-AMBIGUOUS',
    );
  },
];
