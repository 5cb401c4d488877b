import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeRandom } from '../../src/sandbox/random.js';
import { makeSupplier } from '../../src/sandbox/supplier/supplier.js';

function groupBy<T, K>(list: readonly T[], key: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of list) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

const seeds = fc.integer({ min: 0, max: 2 ** 31 });

describe('the believable supplier', () => {
  it('is the same for one seed and another for another', () => {
    expect(makeSupplier({ seed: 5 })).toEqual(makeSupplier({ seed: 5 }));
    expect(makeSupplier({ seed: 5 })).not.toEqual({ ...makeSupplier({ seed: 6 }), seed: 5 });
  });

  it('has, whatever the seed, each kind of product that a catalogue must cope with', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { products, duplicatedReference } = makeSupplier({ seed });
        const count = (is: (product: (typeof products)[number]) => boolean): number => products.filter(is).length;
        expect(products.map((product) => product.variantRef)).toEqual(products.map((_unused, index) => index + 1));
        const multi = count((product) => product.attributeValue !== undefined);
        expect(multi).toBeGreaterThan(20);
        expect(multi).toBeLessThan(70);
        expect(count((product) => !product.active)).toBeGreaterThan(5);
        expect(count((product) => !product.active && product.cartonaId !== null)).toBeGreaterThan(0);
        expect(count((product) => !product.saleOk)).toBeGreaterThan(3);
        expect(count((product) => product.type === 'service')).toBeGreaterThan(3);
        expect(count((product) => product.barcode === null)).toBeGreaterThan(20);
        expect(count((product) => product.priceExtra !== '0.00')).toBeGreaterThan(5);
        expect(count((product) => product.stock.some((row) => row.warehouse === 'WH2'))).toBeGreaterThan(50);
        expect(count((product) => product.stock.some((row) => row.quantity.includes('.')))).toBeGreaterThan(2);
        expect(count((product) => product.stock.some((row) => row.quantity.startsWith('-')))).toBeGreaterThan(2);
        expect(count((product) => product.stock.some((row) => row.reserved !== '0'))).toBeGreaterThan(20);
        expect(count((product) => product.defaultCode === duplicatedReference)).toBe(2);
        expect(new Set(products.map((product) => product.defaultCode)).size).toBe(products.length - 1);
        for (const key of ['barcode', 'cartonaId'] as const) {
          const held = products.map((product) => product[key]).filter((value) => value !== null);
          expect(new Set(held).size, key).toBe(held.length);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('gives the variants of a template one name, price, tax and category, and tells them apart', () => {
    const { products } = makeSupplier({ seed: 3 });
    const templates = groupBy(products, (product) => product.templateRef);
    for (const variants of templates.values()) {
      const shared = variants.map(
        ({ name, nameAr, listPrice, salesTaxPercent, priceIncluded, categoryName, type, saleOk }) =>
          JSON.stringify({ name, nameAr, listPrice, salesTaxPercent, priceIncluded, categoryName, type, saleOk }),
      );
      expect(new Set(shared).size).toBe(1);
      expect(new Set(variants.map((variant) => variant.attributeValue)).size).toBe(variants.length);
    }
  });

  it('writes valid EAN-13 barcodes', () => {
    for (const { barcode } of makeSupplier({ seed: 3 }).products) {
      if (barcode === null) continue;
      const sum = [...barcode].reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 3), 0);
      expect(barcode).toMatch(/^622\d{10}$/);
      expect(sum % 10).toBe(0);
    }
  });

  it('is known to the marketplace, which differs from it in a good part', () => {
    const { products, marketplaceProducts } = makeSupplier({ seed: 3 });
    const byCartonaId = new Map(products.map((product) => [product.cartonaId, product]));
    const linked = marketplaceProducts.filter((product) => product.internalProductId !== null);
    expect(linked.map((product) => product.internalProductId).toSorted()).toEqual(
      products.flatMap((product) => product.cartonaId ?? []).toSorted(),
    );
    const differing = linked.filter((product) => {
      const ours = byCartonaId.get(product.internalProductId);
      return ours === undefined || !new Decimal(ours.listPrice).plus(ours.priceExtra).eq(product.sellingPrice);
    });
    expect(differing.length / linked.length).toBeGreaterThan(0.3);
    expect(differing.length / linked.length).toBeLessThan(0.7);
    expect(marketplaceProducts.length - linked.length).toBeGreaterThan(5);
    for (const unitCount of [6, 12])
      expect(linked.filter((product) => product.unitCount === unitCount).length).toBeGreaterThan(5);
    expect(
      marketplaceProducts.length - new Set(marketplaceProducts.map((product) => product.baseProductId)).size,
    ).toBeGreaterThan(5);
    expect(new Set(marketplaceProducts.map((product) => product.supplierProductId)).size).toBe(
      marketplaceProducts.length,
    );
  });
});

describe("the supplier's orders", () => {
  it('add up exactly, whatever the seed', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        for (const order of makeSupplier({ seed }).orders) {
          const sum = order.order_details.reduce(
            (total, line) => total.plus(new Decimal(line.selling_price).times(line.amount)),
            new Decimal(0),
          );
          expect(order.total_price).toBe(sum.toNumber());
          expect(new Set(order.order_details.map((line) => line.id)).size).toBe(order.order_details.length);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('has, whatever the seed, each kind of order that a connector must cope with', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { orders, products, retailerOtps } = makeSupplier({ seed });
        const some = (is: (order: (typeof orders)[number]) => boolean): boolean => orders.filter(is).length > 1;
        expect(orders).toHaveLength(100);
        expect(new Set(orders.map((order) => order.hashed_id)).size).toBe(100);
        expect(orders.filter((order) => order.status === 'pending').length).toBeGreaterThan(70);
        for (const status of ['editing', 'approved', 'cancelled_by_retailer'])
          expect(
            some((order) => order.status === status),
            status,
          ).toBe(true);
        expect(some((order) => order.delivered_by === 'delivered_by_cartona')).toBe(true);
        expect(some((order) => order.cartona_credit > 0)).toBe(true);
        expect(some((order) => order.installment_cost > 0)).toBe(true);
        expect(some((order) => order.wallet_top_up > 0)).toBe(true);
        expect(some((order) => order.note_message !== null)).toBe(true);
        expect(
          some(
            (order) =>
              new Set(order.order_details.map((line) => line.supplier_product_id)).size < order.order_details.length,
          ),
        ).toBe(true);
        const cartonaIds = new Set(products.map((product) => product.cartonaId));
        const unknown = orders.filter((order) =>
          order.order_details.some(
            (line) => line.internal_product_id === null || !cartonaIds.has(line.internal_product_id),
          ),
        );
        expect(unknown).toHaveLength(3);
        expect(Object.keys(retailerOtps).toSorted()).toEqual(
          orders
            .filter((order) => order.installment_cost > 0 || order.wallet_top_up > 0)
            .map((order) => order.hashed_id)
            .toSorted(),
        );
      }),
      { numRuns: 20 },
    );
  });

  it('come from shops of which two share a name, some order again, and phones are written in several forms', () => {
    const { orders } = makeSupplier({ seed: 3 });
    const codes = groupBy(
      orders.filter((order) => order.retailer.retailer_code !== null),
      (order) => order.retailer.retailer_name,
    );
    const twins = [...codes.values()].filter(
      (of) => new Set(of.map((order) => order.retailer.retailer_code)).size === 2,
    );
    expect(twins).toHaveLength(1);
    const byCode = groupBy(orders, (order) => order.retailer.retailer_code);
    expect(
      [...byCode.values()].some(
        (of) => of.length > 2 && new Set(of.map((order) => order.retailer.retailer_number)).size > 1,
      ),
    ).toBe(true);
    for (const form of [/^01\d{9}$/, /^\+20/, /^0020 /, /^[٠-٩]+$/, /-/])
      expect(orders.some((order) => form.test(order.retailer.retailer_number))).toBe(true);
  });
});

describe('the seeded random choices', () => {
  it('stay in their bounds', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: -50, max: 50 }), fc.nat(50), (seed, min, span) => {
        const random = makeRandom(seed);
        for (let draw = 0; draw < 50; draw += 1) {
          expect(random.int(min, min + span)).toSatisfy(
            (value: number) => Number.isInteger(value) && value >= min && value <= min + span,
          );
        }
        expect([random.chance(0), random.chance(1)]).toEqual([false, true]);
        expect(() => random.pick([])).toThrow(RangeError);
      }),
    );
  });
});
