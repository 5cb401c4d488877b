import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { mappingCsv } from '../../src/sandbox/mapping-csv.js';
import { makeSupplier, type Supplier } from '../../src/sandbox/supplier/supplier.js';

interface Row {
  internal_reference: string;
  cartona_id: string;
  name: string;
}

const rowsOf = (supplier: Supplier, badRows: boolean): Row[] =>
  parse(mappingCsv(supplier, { badRows }), { columns: true, bom: true });

describe("the sandbox's mapping file", () => {
  const supplier = makeSupplier({ seed: 1 });
  const byReference = new Map(supplier.products.map((product) => [product.defaultCode, product]));

  it('holds every product that is sold, has an id and can be told by its reference, and nothing wrong', () => {
    const rows = rowsOf(supplier, false);
    expect(rows.length).toBeGreaterThan(200);
    for (const row of rows)
      expect(byReference.get(row.internal_reference)).toMatchObject({
        active: true,
        saleOk: true,
        cartonaId: row.cartona_id,
        name: row.name,
      });
    expect(rows.map((row) => row.internal_reference)).not.toContain(supplier.duplicatedReference);
    expect(new Set(rows.map((row) => row.cartona_id)).size).toBe(rows.length);
  });

  it('with bad rows: the same good ones, and each usual mistake among them', () => {
    const good = rowsOf(supplier, false);
    const bad = rowsOf(supplier, true).filter(
      (row) =>
        !good.some((one) => one.internal_reference === row.internal_reference && one.cartona_id === row.cartona_id),
    );
    expect(rowsOf(supplier, true)).toHaveLength(good.length + bad.length);
    expect(bad.map((row) => row.cartona_id)).toEqual([
      'CRT-UNKNOWN',
      '',
      'CRT-1 / CRT-2',
      'CRT-TWICE',
      'CRT-TWICE',
      'CRT-ARCHIVED',
      'CRT-AMBIGUOUS',
    ]);
    expect(byReference.has(bad[0]?.internal_reference ?? '')).toBe(false);
    expect(byReference.get(bad[5]?.internal_reference ?? '')?.active).toBe(false);
    expect(bad[6]?.internal_reference).toBe(supplier.duplicatedReference);
  });

  it('a supplier with a single product has one all the same', () => {
    expect(() => mappingCsv(makeSupplier({ seed: 1, products: 1, orders: 0 }), { badRows: true })).not.toThrow();
  });
});
