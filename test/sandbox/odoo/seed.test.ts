import { afterAll, describe, expect, it } from 'vitest';
import { ODOO_VERSIONS, startOdoo, type SimulatedOdoo } from '../../../src/sandbox/odoo/odoo.js';
import { makeSupplier } from '../../../src/sandbox/supplier/supplier.js';
import { call } from '../../fixtures/sandbox-odoo-client.js';

const supplier = makeSupplier({ seed: 3, products: 300, orders: 20 });

describe.each(ODOO_VERSIONS)("the simulated Odoo %i's seed", (version) => {
  const opening = startOdoo({ version, supplier, cartonaField: 'product' });
  afterAll(async () => (await opening).close());

  const variants = async (odoo: SimulatedOdoo, fields: readonly string[]): Promise<Record<string, unknown>[]> =>
    (await call(odoo, 'product.product', 'search_read', [[], fields], {
      order: 'id',
      context: { active_test: false },
    })) as Record<string, unknown>[];

  it("holds the supplier's products as they are told", async () => {
    const odoo = await opening;
    const kept = await variants(odoo, [
      'default_code',
      'barcode',
      'active',
      'sale_ok',
      'lst_price',
      'name',
      'x_cartona_id',
    ]);
    expect(kept).toHaveLength(supplier.products.length);
    for (const [position, product] of supplier.products.entries()) {
      expect(kept[position]).toMatchObject({
        default_code: product.defaultCode,
        barcode: product.barcode ?? false,
        active: product.active,
        name: product.name,
        x_cartona_id: product.cartonaId ?? false,
        lst_price: Number(product.listPrice) + Number(product.priceExtra),
      });
    }
  });

  it('holds their Arabic names, and their taxes', async () => {
    const odoo = await opening;
    const translated = supplier.products.findIndex((product) => product.nameAr !== undefined && product.active);
    const [read] = (await call(odoo, 'product.product', 'read', [[translated + 1], ['name', 'taxes_id']], {
      context: { lang: 'ar_001' },
    })) as { name: string; taxes_id: number[] }[];
    expect(read?.name).toBe(supplier.products[translated]?.nameAr);
    expect(read?.taxes_id).toHaveLength(supplier.products[translated]?.salesTaxPercent === 14 ? 1 : 0);
  });

  it('holds their stock by warehouse, and reserves it by confirmed orders', async () => {
    const odoo = await opening;
    const kept = await variants(odoo, ['qty_available', 'free_qty', 'virtual_available']);
    const cents = (value: number): number => Math.round(value * 100);
    for (const [position, product] of supplier.products.entries()) {
      const sum = (of: 'quantity' | 'reserved'): number =>
        product.stock.reduce((total, stock) => total + Number(stock[of]), 0);
      const { qty_available: onHand, free_qty: free, virtual_available: forecast } = kept[position] ?? {};
      expect([onHand, free, forecast].map((value) => cents(Number(value)))).toEqual([
        cents(sum('quantity')),
        cents(sum('quantity') - sum('reserved')),
        cents(sum('quantity') - sum('reserved')),
      ]);
    }
  });

  it('groups the variants of a template', async () => {
    const odoo = await opening;
    const grouped = supplier.products.filter((product) => product.attributeValue !== undefined);
    const [first] = grouped;
    const siblings = grouped
      .filter((product) => product.templateRef === first?.templateRef)
      .map((product) => product.variantRef);
    const [read] = (await call(odoo, 'product.product', 'read', [[first?.variantRef ?? 0], ['product_tmpl_id']])) as {
      product_tmpl_id: [number, string];
    }[];
    expect(
      await call(odoo, 'product.product', 'search', [[['product_tmpl_id', '=', read?.product_tmpl_id[0]]]], {
        order: 'id',
        context: { active_test: false },
      }),
    ).toEqual(siblings);
  });

  it('knows its clients again when it is started with the same seed', async () => {
    const odoo = await opening;
    const again = await startOdoo({ version, supplier: makeSupplier({ seed: 1, products: 1, orders: 0 }) });
    expect([again.key, again.adminKey, again.password]).toEqual([odoo.key, odoo.adminKey, odoo.password]);
    expect(new Set([again.key, again.adminKey, again.salesKey, again.password]).size).toBe(4);
    await again.close();
  });

  it('can be changed from within as a person changes it in Odoo', async () => {
    const odoo = await opening;
    odoo.store.change((env) => env.write('product.template', [1], { list_price: 99.5 }));
    const [read] = await variants(odoo, ['lst_price']);
    expect(read).toMatchObject({ lst_price: 99.5 });
  });
});
