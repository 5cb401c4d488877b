import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startOdoo, type SimulatedOdoo } from '../../../src/sandbox/odoo/odoo.js';
import { makeSupplier } from '../../../src/sandbox/supplier/supplier.js';

const supplier = makeSupplier({ seed: 1, products: 30, orders: 0 });

describe.each([16, 18, 19] as const)('POST /_sandbox/products, on Odoo %i', (version) => {
  let odoo: SimulatedOdoo;
  beforeAll(async () => {
    odoo = await startOdoo({ supplier, version });
  });
  afterAll(() => odoo.close());

  const storable = supplier.products.filter(
    ({ active, type, priceExtra }) => active && type === 'storable' && priceExtra === '0.00',
  );
  const post = async (body: unknown): Promise<{ status: number; answer: Record<string, unknown> }> => {
    const response = await fetch(`${odoo.url}/_sandbox/products`, { method: 'POST', body: JSON.stringify(body) });
    return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
  };
  const record = (model: string, id: unknown) => odoo.store.records(model).find((row) => row['id'] === id);

  it('changes a price, and dates the template as a person who types it does', async () => {
    const reference = storable[0]?.defaultCode;
    const { status, answer } = await post({ product: reference, list_price: 12.5 });
    expect(status).toBe(200);
    const product = record('product.product', answer['id']);
    expect(product).toMatchObject({ default_code: reference, lst_price: 12.5 });
    const written = String(record('product.template', product?.['product_tmpl_id'])?.['write_date']);
    expect(Date.now() - Date.parse(`${written.replace(' ', 'T')}Z`)).toBeLessThan(60_000);
  });

  it('counts a product anew in one warehouse, and leaves the other warehouse alone', async () => {
    const product = storable[1];
    const { status, answer } = await post({ product: product?.barcode ?? product?.defaultCode, quantity: 7 });
    expect({ status, answer }).toMatchObject({ status: 200, answer: { quantity: 7 } });
    const quants = () =>
      odoo.store
        .records('stock.quant')
        .filter((row) => row['product_id'] === answer['id'])
        .filter((row) => record('stock.location', row['location_id'])?.['usage'] === 'internal');
    const elsewhere = Number(product?.stock.find(({ warehouse }) => warehouse === 'WH2')?.quantity ?? 0);
    expect(quants().reduce((total, row) => total + Number(row['quantity']), 0)).toBeCloseTo(7 + elsewhere);
    const other = await post({ product: product?.defaultCode, quantity: 2.5, warehouse: 'WH2' });
    expect(other.status).toBe(200);
    expect(quants().reduce((total, row) => total + Number(row['quantity']), 0)).toBeCloseTo(9.5);
  });

  it.each([
    [{ product: 'NO-SUCH', list_price: 1 }, /no product has/],
    [{ product: 'X' }, /neither list_price nor quantity/],
    [{ product: 'X', price: 1 }, /price/],
    [{ product: storable[1]?.defaultCode, quantity: 1, warehouse: 'NO' }, /no warehouse NO/],
  ])('%j is refused with the reason', async (body, reason) => {
    const { status, answer } = await post(body);
    expect(status).toBe(400);
    expect(answer['error']).toMatch(reason);
  });
});
