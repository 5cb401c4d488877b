import { describe, expect, it } from 'vitest';
import { ANSWER_SHAPES } from '../../../src/sandbox/marketplace/behaviour.js';
import { start, startWithClient, supplierWith } from '../../fixtures/marketplace-client.js';

describe('listing products', () => {
  it('pages through all of them, a hundred at most, and ends with an empty page', async () => {
    const { marketplace, client } = await startWithClient();
    const total = marketplace.state.products.all().length;
    expect(total).toBeGreaterThan(300);
    const seen = new Set<string>();
    for (let page = 1; ; page += 1) {
      const products = await client.list({ page: String(page), per_page: '500' });
      if (products.length === 0) break;
      expect(products.length).toBeLessThanOrEqual(100);
      for (const product of products) seen.add(String(product.supplier_product_id));
    }
    expect(seen.size).toBe(total);
    expect(await client.list({ page: '999', per_page: '100' })).toEqual([]);
    expect(await client.list()).toHaveLength(20);
  });

  it('ignores the page where told to', async () => {
    const { client } = await startWithClient({ ignorePage: true });
    expect(await client.list({ page: '7', per_page: '100' })).toEqual(
      await client.list({ page: '1', per_page: '100' }),
    );
    expect(await client.pull({ page: '7', per_page: '10' })).toEqual(await client.pull({ page: '1', per_page: '10' }));
  });

  it('filters by each id and by name', async () => {
    const supplier = supplierWith(
      { name: 'أرز مصري', baseProductId: 9 },
      { name: 'Corn', baseProductId: 9, unitCount: 12 },
      { name: 'Peas' },
    );
    const { client } = await startWithClient({ supplier });
    const names = async (query: Record<string, string>): Promise<unknown[]> =>
      (await client.list(query)).map((product) => product.base_product_name);
    expect(await names({ supplier_product_id: '502' })).toEqual(['Corn']);
    expect(await names({ internal_product_id: 'CRT-3' })).toEqual(['Peas']);
    expect(await names({ base_product_id: '9' })).toEqual(['أرز مصري', 'Corn']);
    expect(await names({ base_product_id: '9', internal_product_id: 'CRT-3' })).toEqual([]);
    expect(await names({ search_token: 'أرز' })).toEqual(['أرز مصري']);
    expect(await names({ search_token: 'pEA' })).toEqual(['Peas']);
    expect(await names({ internal_product_id: 'CRT-9' })).toEqual([]);
  });
});

describe('bulk-update', () => {
  it('finds the product by supplier_product_id before internal_product_id before base product, unit and count', async () => {
    const { marketplace, client } = await startWithClient({
      supplier: supplierWith({}, {}, { unit: 'box', unitCount: 12 }),
    });
    await client.post(client.paths.updateProducts, [
      { supplier_product_id: '501', base_product_id: 23, unit: 'box', unit_count: 12, selling_price: 11 },
      { internal_product_id: 'CRT-2', base_product_id: 23, unit: 'box', unit_count: 12, selling_price: 12 },
      { base_product_id: '23', unit: 'box', unit_count: 12, selling_price: 13.5, is_published: false, notes: 'كرتونة' },
    ]);
    expect(marketplace.state.products.all().map((product) => product.sellingPrice)).toEqual(['11', '12', '13.5']);
    expect(marketplace.state.products.all()[2]).toMatchObject({ isPublished: false, notes: 'كرتونة', stock: 50 });
  });

  it('sets stock per product, in its own unit', async () => {
    const { marketplace, client } = await startWithClient({
      supplier: supplierWith({ baseProductId: 9 }, { baseProductId: 9, unitCount: 12 }),
    });
    await client.post(client.paths.updateProducts, [{ internal_product_id: 'CRT-2', available_stock_quantity: 0 }]);
    expect(marketplace.state.products.all().map(({ stock, inStock }) => [stock, inStock])).toEqual([
      [50, true],
      [0, false],
    ]);
  });

  it('links a product named by supplier_product_id, and finds it by that link from then on', async () => {
    const { client } = await startWithClient({ supplier: supplierWith({ internalProductId: null }) });
    expect(await client.list({ internal_product_id: 'NEW' })).toEqual([]);
    await client.post(client.paths.updateProducts, [{ supplier_product_id: 501, internal_product_id: 'NEW' }]);
    expect(await client.list({ internal_product_id: 'NEW' })).toHaveLength(1);
    await client.post(client.paths.updateProducts, [{ supplier_product_id: 501, internal_product_id: 'NEWER' }]);
    expect(await client.list({ internal_product_id: 'NEW' })).toEqual([]);
    const [byOldLink] = (
      await client.post(client.paths.updateProducts, [{ internal_product_id: 'NEW', selling_price: 5 }])
    ).body as { success: boolean }[];
    expect(byOldLink?.success).toBe(false);
  });

  it('refuses an id that another product holds, also when two items of one batch claim it', async () => {
    const { marketplace, client } = await startWithClient({
      supplier: supplierWith({}, { internalProductId: null }, { internalProductId: null }),
    });
    const answer = await client.post(client.paths.updateProducts, [
      { supplier_product_id: 502, internal_product_id: 'CRT-1' },
      { supplier_product_id: 502, internal_product_id: 'X' },
      { supplier_product_id: 503, internal_product_id: 'X' },
    ]);
    expect((answer.body as { success: boolean }[]).map((result) => result.success)).toEqual([false, true, false]);
    expect(marketplace.state.products.all().map((product) => product.internalProductId)).toEqual(['CRT-1', 'X', null]);
  });

  it.each([
    ['negative stock', { internal_product_id: 'CRT-1', available_stock_quantity: -1 }],
    ['fractional stock', { internal_product_id: 'CRT-1', available_stock_quantity: 1.5 }],
    ['stock as text', { internal_product_id: 'CRT-1', available_stock_quantity: '5' }],
    ['a price of zero', { internal_product_id: 'CRT-1', selling_price: 0 }],
    ['a negative price', { internal_product_id: 'CRT-1', selling_price: -3 }],
    ['a price as text', { internal_product_id: 'CRT-1', selling_price: '12.50' }],
    ['an unknown product', { internal_product_id: 'CRT-404', selling_price: 5 }],
    [
      'an unknown supplier_product_id though the internal one is known',
      { supplier_product_id: 9, internal_product_id: 'CRT-1', selling_price: 5 },
    ],
    ['an unknown unit', { internal_product_id: 'CRT-1', unit: 'barrel', selling_price: 5 }],
    ['a base product without its unit', { base_product_id: 21, selling_price: 5 }],
    [
      'a base product in a unit that it does not have',
      { base_product_id: 21, unit: 'box', unit_count: 12, selling_price: 5 },
    ],
    ['no identity', { selling_price: 5 }],
    ['an undocumented field', { internal_product_id: 'CRT-1', price: 5 }],
    ['something that is no object', 7],
  ])('refuses %s, changes nothing, and takes the good item beside it', async (_what, bad) => {
    const { marketplace, client } = await startWithClient({ supplier: supplierWith({}, {}) });
    const before = { ...marketplace.state.products.all()[0] };
    const answer = await client.post(client.paths.updateProducts, [
      bad,
      { internal_product_id: 'CRT-2', selling_price: 77 },
    ]);
    expect(answer.status).toBe(200);
    const [refused, taken] = answer.body as Record<string, unknown>[];
    expect(refused).toMatchObject({ success: false });
    expect(refused?.error).toBeTypeOf('string');
    expect(taken).toEqual({ internal_product_id: 'CRT-2', success: true });
    expect(marketplace.state.products.all()[0]).toEqual(before);
    expect(marketplace.state.products.all()[1]?.sellingPrice).toBe('77');
  });

  it('refuses more than a hundred items, or fewer where told, and applies none of them', async () => {
    const { marketplace, client } = await startWithClient({ supplier: supplierWith({}) });
    const items = (count: number): unknown[] =>
      Array.from({ length: count }, () => ({ internal_product_id: 'CRT-1', selling_price: 99 }));
    expect((await client.post(client.paths.updateProducts, items(101))).status).toBe(413);
    marketplace.behaviour.maxItems = 5;
    expect((await client.post(client.paths.updateProducts, items(6))).status).toBe(413);
    expect(marketplace.state.products.all()[0]?.sellingPrice).toBe('10.00');
    expect((await client.post(client.paths.updateProducts, items(5))).status).toBe(200);
  });
});

describe('answers of the bulk calls', () => {
  const text: unknown = expect.any(String);
  const bad = { internal_product_id: 'CRT-404', selling_price: 5 };
  const good = { supplier_product_id: 501, selling_price: 5 };
  const expected: Record<(typeof ANSWER_SHAPES)[number], unknown> = {
    results: [
      { supplier_product_id: 501, success: true },
      { internal_product_id: 'CRT-404', success: false, error: text },
    ],
    'empty-object': {},
    'empty-array': [],
    'success-flag': { success: false, error: text },
    'details-by-index': { error: text, details: [{ index: 1, error: text }] },
    'details-by-id': { error: text, details: [{ internal_product_id: 'CRT-404', error: text }] },
  };

  it.each(ANSWER_SHAPES)('shape %s: a 200, whatever failed', async (answerShape) => {
    const { client } = await startWithClient({ supplier: supplierWith({}), answerShape });
    const answer = await client.post(client.paths.updateProducts, [good, bad]);
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.body).toEqual(expected[answerShape]);
    const fine = await client.post(client.paths.updateProducts, [good]);
    expect(JSON.stringify(fine.body)).not.toContain('error');
  });

  it.each(ANSWER_SHAPES)(
    'shape %s of an atomic batch: a 422, nothing applied, no good item named',
    async (answerShape) => {
      const { marketplace, client } = await startWithClient({
        supplier: supplierWith({}),
        answerShape,
        atomicBatches: true,
      });
      const answer = await client.post(client.paths.updateProducts, [good, bad]);
      expect(answer.status).toBe(422);
      expect(JSON.stringify(answer.body)).not.toContain('501');
      expect(marketplace.state.products.all()[0]?.sellingPrice).toBe('10.00');
      expect((await client.post(client.paths.updateProducts, [good])).status).toBe(200);
      expect(marketplace.state.products.all()[0]?.sellingPrice).toBe('5');
    },
  );
});

describe('bulk-update-stock', () => {
  const family = supplierWith(
    { baseProductId: 9 },
    { baseProductId: 9, unit: 'box', unitCount: 12 },
    { baseProductId: 9, unit: 'shrink', unitCount: 6 },
    {},
  );

  it.each([
    [{ base_product_id: 9 }],
    [{ base_product_id: '9' }],
    [{ internal_product_id: 'CRT-2' }],
    [{ base_product_id: 9, internal_product_id: 'CRT-1' }],
  ])('spreads base units over every product under the base product, rounded down: %j', async (identity) => {
    const { marketplace, client } = await startWithClient({ supplier: family });
    await client.post(client.paths.updateStock, [{ ...identity, available_stock_quantity: 23 }]);
    expect(marketplace.state.products.all().map((product) => product.stock)).toEqual([23, 1, 3, 50]);
  });

  it('refuses items without base_product_id where it must be told, and takes the others', async () => {
    const { marketplace, client } = await startWithClient({ supplier: family, requireBaseProductIdForStock: true });
    const answer = await client.post(client.paths.updateStock, [
      { internal_product_id: 'CRT-1', available_stock_quantity: 7 },
      { base_product_id: 24, internal_product_id: 'CRT-4', available_stock_quantity: 8 },
    ]);
    expect(answer.body).toEqual([
      { internal_product_id: 'CRT-1', success: false, error: 'base_product_id is required' },
      { internal_product_id: 'CRT-4', base_product_id: 24, success: true },
    ]);
    expect(marketplace.state.products.all().map((product) => product.stock)).toEqual([50, 50, 50, 8]);
  });

  it.each([
    ['an unknown base product', { base_product_id: 404, available_stock_quantity: 1 }],
    [
      'an unknown internal id beside a known base product',
      { base_product_id: 9, internal_product_id: 'CRT-404', available_stock_quantity: 1 },
    ],
    [
      'an internal id of another base product',
      { base_product_id: 9, internal_product_id: 'CRT-4', available_stock_quantity: 1 },
    ],
    ['no identity', { available_stock_quantity: 1 }],
    ['no quantity', { base_product_id: 9 }],
    ['a negative quantity', { base_product_id: 9, available_stock_quantity: -1 }],
    ['a fractional quantity', { base_product_id: 9, available_stock_quantity: 0.5 }],
    [
      'a supplier_product_id, which this path does not know',
      { supplier_product_id: 501, base_product_id: 9, available_stock_quantity: 1 },
    ],
  ])('refuses %s', async (_what, item) => {
    const { marketplace, client } = await startWithClient({ supplier: family });
    expect((await client.post(client.paths.updateStock, [item])).body).toEqual([
      expect.objectContaining({ success: false }),
    ]);
    expect(marketplace.state.products.all().map((product) => product.stock)).toEqual([50, 50, 50, 50]);
  });
});

describe('the supplier that was given', () => {
  it('is not changed by what happens on the marketplace', async () => {
    const supplier = supplierWith({});
    const marketplace = await start({ supplier });
    marketplace.retailers.place({ lines: [{ supplier_product_id: '501', amount: 3 }] });
    marketplace.state.products.update([{ supplier_product_id: 501, selling_price: 5 }]);
    expect(supplier.marketplaceProducts[0]).toMatchObject({ stock: 50, sellingPrice: '10.00' });
    expect(marketplace.state.products.all()[0]).toMatchObject({ stock: 47, sellingPrice: '5' });
  });
});
