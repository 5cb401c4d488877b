import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHeader, type HeaderRules } from '../../../../src/lib/mapping/files/header.js';
import { layoutOf } from '../../../../src/lib/mapping/files/mapping-file.js';

const RULES: HeaderRules = { identifyBy: 'internal_product_id', idField: 'x_cartona_id' };
const at = (names: string[], rules = RULES): Record<string, number> =>
  Object.fromEntries(readHeader(names, rules, 'map.csv').at);

describe('columns', () => {
  it.each([
    [['cartona_id', 'odoo_id'], { cartonaId: 0, odooId: 1 }],
    [['Name', 'Internal Reference', 'CARTONA ID'], { reference: 1, cartonaId: 2 }],
    [['.id', 'default_code', 'x_cartona_id'], { odooId: 0, reference: 1, cartonaId: 2 }],
    [['SKU', 'internal_product_id'], { reference: 0, cartonaId: 1 }],
    [['EAN-13', 'Cartona Code'], { barcode: 0, cartonaId: 1 }],
    [['كود كرتونة', 'المرجع الداخلي', 'الباركود'], { cartonaId: 0, reference: 1, barcode: 2 }],
    [['رقم أودو', 'كُود كرتونه'], { odooId: 0, cartonaId: 1 }],
    [['cartona_id', 'sku', 'reason'], { cartonaId: 0, reference: 1, reason: 2 }],
  ])('%j', (names, columns) => expect(at(names)).toEqual(columns));

  it("the id's column is named after the id that is kept", () => {
    const supplier = { ...RULES, identifyBy: 'supplier_product_id' } as const;
    expect(at(['supplier_product_id', 'sku', 'internal_product_id'], supplier)).toEqual({ cartonaId: 0, reference: 1 });
    expect(() => at(['internal_product_id', 'sku'], supplier)).toThrow(/no column for the Cartona id/);
  });

  it('letter case, separators and order make no difference', () => {
    const disguise = (name: string): fc.Arbitrary<string> =>
      fc
        .tuple(fc.constantFrom('_', ' ', '-', '  '), fc.boolean(), fc.constantFrom('', ' '))
        .map(([gap, upper, edge]) => edge + (upper ? name.toUpperCase() : name).replaceAll('_', gap) + edge);
    const names = fc.tuple(
      disguise('cartona_id'),
      disguise('odoo_id'),
      disguise('internal_reference'),
      disguise('barcode'),
    );
    fc.assert(
      fc.property(names, fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }), (list, order) => {
        const columns = at(order.map((index) => list[index] ?? ''));
        expect([columns['cartonaId'], columns['odooId'], columns['reference'], columns['barcode']]).toEqual(
          [0, 1, 2, 3].map((index) => order.indexOf(index)),
        );
      }),
    );
  });
});

describe('layout', () => {
  it.each([
    ['cartona_id,sku\n1,2', ',', ['cartona_id', 'sku']],
    ['cartona_id;sku\n1;2', ';', ['cartona_id', 'sku']],
    ['cartona_id\tsku\n1\t2', '\t', ['cartona_id', 'sku']],
    ['"name, full";cartona_id;sku', ';', ['name, full', 'cartona_id', 'sku']],
    ['sep=;\r\ncartona_id;sku\r\n', ';', ['cartona_id', 'sku']],
    ['\r\n;;\r\ncartona_id;sku;\r\n', ';', ['cartona_id', 'sku']],
    ['cartona_id\rsku', ',', ['cartona_id']],
  ])('%j', (head, delimiter, names) => expect(layoutOf(head, RULES)).toEqual({ delimiter, names }));
});
