import { describe, expect, it } from 'vitest';
import { syncPrices, syncStock, type SyncOptions } from '../../../src/lib/catalog/sync.js';
import { approve, brakedValues } from '../../../src/lib/operations/approvals.js';
import { checkHealth } from '../../../src/lib/operations/health-checks.js';
import { readStatus } from '../../../src/lib/operations/status.js';
import { openShop, type Shop } from '../../fixtures/shop.js';

const no: SyncOptions = { approve: async () => false };
const prices = (shop: Shop, options = no) => shop.withRows((session) => syncPrices(session, options));
const stock = (shop: Shop, options = no) => shop.withRows((session) => syncStock(session, options));
const heldBy = (shop: Shop) =>
  shop.withRows(async (session) =>
    (await brakedValues(session, {})).map(({ flow, key, wanted, reason }) => ({ flow, key, wanted, reason })),
  );

/** P2's own entry is shown otherwise; everything else is equal on both sides. */
async function shopWith(listed: unknown, price?: number): Promise<Shop> {
  const shop = await openShop({ products: 3 });
  shop.marketplace.behaviour.listedAs = { P2: listed };
  if (price !== undefined) shop.setPrice('P2', price);
  return shop;
}

describe('a price that cannot be read in the listing', () => {
  it.each([
    ['a thousands separator', { selling_price: '1,250.00' }, 'selling_price', '"1,250.00"'],
    ['a currency', { selling_price: '1250 EGP' }, 'selling_price', '"1250 EGP"'],
    ['digits of another script', { selling_price: '١٢٥٠' }, 'selling_price', '"١٢٥٠"'],
    ['an object', { selling_price: { amount: 1250 } }, 'selling_price', '{"amount":1250}'],
    ['a truth value', { selling_price: true }, 'selling_price', 'true'],
  ])('(%s) holds the new price, is named, and waits for a yes', async (_, listed, field, value) => {
    const shop = await shopWith(listed, 12.5);
    const result = await prices(shop);
    expect(result.unreadable).toEqual([{ cartonaId: 'P2', entry: 'P2', field, value }]);
    expect(result.brake).toMatchObject({ approved: false, changes: [{ cartonaId: 'P2', value: '12.5' }] });
    expect(shop.sentPrices('P2')).toEqual([]);
    const held = await heldBy(shop);
    expect(held).toMatchObject([{ flow: 'price', key: 'P2', wanted: '12.5' }]);
    expect(held[0]?.reason).toContain(`${field} is ${value}`);

    // Nor at the next run, nor with another value, though the product has a row by now.
    expect((await prices(shop)).brake?.known).toBe(1);
    shop.setPrice('P2', 13);
    await prices(shop);
    expect(shop.sentPrices('P2')).toEqual([]);

    await shop.withRows(async (session) => approve(session, await brakedValues(session, {}), 'the test'));
    expect((await prices(shop)).delivered).toBe(1);
    expect(shop.sentPrices('P2')).toEqual([13]);
  });

  it('is compared again when it was mended at Cartona', async () => {
    const shop = await shopWith({ selling_price: '1,250.00' }, 12.5);
    await prices(shop);
    shop.marketplace.behaviour.listedAs = { P2: { selling_price: '1250.00' } };
    expect((await prices(shop)).brake).toMatchObject({
      reason: expect.stringContaining('50 %') as string,
      changes: [{ cartonaId: 'P2', from: '1250' }],
    });
    shop.marketplace.behaviour.listedAs = { P2: { selling_price: 12 } };
    await shop.withRows((session) => session.store.deliveries.forget('price', ['P2']));
    expect(await prices(shop)).toMatchObject({ delivered: 1, unreadable: [] });
  });

  it('leaves the stock of the same entry and the other products alone', async () => {
    const shop = await shopWith({ selling_price: '1,250.00' }, 12.5);
    shop.count('P2', 7);
    shop.setPrice('P1', 12);
    expect(await stock(shop)).toMatchObject({ delivered: 1, brake: undefined });
    expect(shop.stockAt('P2')).toBe(7);
    expect((await prices(shop)).delivered).toBe(1);
    expect(shop.priceAt('P1')).toBe(12);
  });

  it('stands in the status until it is mended', async () => {
    const shop = await shopWith({ selling_price: '1,250.00' }, 12.5);
    await prices(shop);
    const problems = () =>
      shop.withRows(async (session) =>
        checkHealth(await readStatus(session), session.profile).map((one) => one.reason),
      );
    expect((await problems()).join()).toContain('selling_price of P2 is "1,250.00"');
    shop.marketplace.behaviour.listedAs = {};
    await prices(shop);
    expect((await problems()).join()).not.toContain('selling_price');
  });
});

describe('stock that cannot be read in the listing', () => {
  it.each([{ available_stock_quantity: '1,250' }, { available_stock_quantity: 'many' }, { is_published: 'yes' }])(
    '%j holds the stock and not the price',
    async (listed) => {
      const shop = await shopWith(listed, 12.5);
      shop.count('P2', 7);
      const result = await stock(shop);
      expect(result.unreadable).toMatchObject([{ entry: 'P2', field: Object.keys(listed)[0] }]);
      expect(result.brake).toMatchObject({ changes: [{ cartonaId: 'P2', value: '7' }] });
      expect(shop.sentStock('P2')).toEqual([]);
      expect((await prices(shop)).delivered).toBe(1);
    },
  );
});

describe('an entry that cannot be told from others', () => {
  it.each([
    ['no object', 'P2'],
    ['an id of another kind', { internal_product_id: { id: 'P2' } }],
  ])('(%s) holds the products that the listing does not show', async (_, listed) => {
    // So many that the whole listing is read.
    const shop = await openShop({ products: 25 });
    shop.marketplace.behaviour.listedAs = { P2: listed };
    shop.setPrice('P2', 12.5);
    shop.setPrice('P1', 12);
    const result = await prices(shop);
    expect(result.unreadable).toHaveLength(1);
    expect(result.brake?.changes.map(({ cartonaId }) => cartonaId)).toEqual(['P2']);
    expect(shop.priceAt('P1')).toBe(12);
    expect((await prices(shop)).brake?.known).toBe(1);
    expect(shop.sentPrices('P2')).toEqual([]);
    shop.marketplace.behaviour.listedAs = {};
    expect(await prices(shop)).toMatchObject({ delivered: 1, brake: undefined });
  });
});

describe('a first price', () => {
  const unpriced = { selling_price: null };

  it('is compared with what others ask where Cartona lists none', async () => {
    const shop = await shopWith({ ...unpriced, median_price: 250 }, 12.5);
    const { brake } = await prices(shop);
    expect(brake).toMatchObject({ changes: [{ cartonaId: 'P2', value: '12.5' }] });
    expect((await heldBy(shop))[0]?.reason).toContain('250.00');
    shop.setPrice('P2', 240);
    expect((await prices(shop)).delivered).toBe(1);
  });

  it('waits when what others ask cannot be read', async () => {
    const shop = await shopWith({ ...unpriced, median_price: '1,250.00' }, 12.5);
    expect((await prices(shop)).brake?.changes).toHaveLength(1);
    expect((await heldBy(shop))[0]?.reason).toContain('median_price');
  });

  it.each([
    ['not listed with a price', { ...unpriced, median_price: null }],
    ['listed at zero', { selling_price: 0, median_price: 0 }],
  ])('of exactly 1.00 waits for a yes where nothing is known (%s), any other goes', async (_, listed) => {
    const shop = await shopWith(listed, 1);
    expect((await prices(shop)).brake).toMatchObject({ reason: expect.stringContaining('1.00') as string });
    expect(shop.sentPrices('P2')).toEqual([]);
    shop.setPrice('P2', 1.01);
    expect((await prices(shop)).delivered).toBe(1);
    // Once it had a price it may become 1.00.
    shop.setPrice('P2', 1);
    expect((await prices(shop)).delivered).toBe(1);
  });
});
