import fc from 'fast-check';
import { Decimal } from 'decimal.js';
import { describe, expect, it } from 'vitest';
import { priceToPay, priceWithTaxesIn, type SaleTax } from '../../../../src/lib/orders/import/taxed-price.js';

const tax = (id: number, amount: string, fields: Partial<SaleTax> = {}): SaleTax => ({
  id,
  name: `tax ${id}`,
  amount,
  type: 'percent',
  priceIncluded: false,
  affectsLater: false,
  children: [],
  ...fields,
});
const taxes = (...list: SaleTax[]): Map<number, SaleTax> => new Map(list.map((one) => [one.id, one]));

describe('priceWithTaxesIn', () => {
  it('takes out what Odoo adds on top', () => {
    expect(priceWithTaxesIn('114', [1], taxes(tax(1, '14')), 2)).toEqual({ kind: 'price', price: '100' });
    expect(priceWithTaxesIn('10', [1], taxes(tax(1, '14')), 2)).toEqual({ kind: 'price', price: '8.77' });
    expect(priceWithTaxesIn('10', [1], taxes(tax(1, '14')), undefined)).toEqual({ kind: 'price', price: '8.77193' });
  });

  it('leaves an included tax, and a product without taxes', () => {
    expect(priceWithTaxesIn('10', [1], taxes(tax(1, '14', { priceIncluded: true })), 2)).toEqual({
      kind: 'price',
      price: '10',
    });
    expect(priceWithTaxesIn('10', [], taxes(), 2)).toEqual({ kind: 'price', price: '10' });
  });

  it('adds several up, those of a group among them', () => {
    const group = tax(9, '0', { type: 'group', children: [1, 2] });
    expect(priceWithTaxesIn('120', [9], taxes(group, tax(1, '14'), tax(2, '6')), 2)).toEqual({
      kind: 'price',
      price: '100',
    });
    // Included 10 %, 14 % added on the base: 110 → base 100 → 124.
    expect(priceWithTaxesIn('124', [1, 2], taxes(tax(1, '10', { priceIncluded: true }), tax(2, '14')), 2)).toEqual({
      kind: 'price',
      price: '110',
    });
  });

  it.each([
    ['a fixed tax', [tax(1, '2', { type: 'fixed' })]],
    ['a division tax', [tax(1, '14', { type: 'division' })]],
    ['a tax on a tax', [tax(1, '14', { affectsLater: true }), tax(2, '5')]],
  ])('names %s instead of guessing', (_what, list) => {
    expect(
      priceWithTaxesIn(
        '10',
        list.map((one) => one.id),
        taxes(...list),
        2,
      ),
    ).toEqual({ kind: 'unsupported', tax: 'tax 1' });
  });

  it('a tax that cannot be read is named, too', () => {
    expect(priceWithTaxesIn('10', [7], taxes(), 2)).toEqual({ kind: 'unsupported', tax: 'tax 7' });
  });

  it('one piece comes to what the retailer pays, to the piastre', () => {
    const rate = fc.integer({ min: 0, max: 10_000 }).map((basisPoints) => new Decimal(basisPoints).div(100));
    const price = fc.integer({ min: 0, max: 10_000_000 }).map((piastres) => new Decimal(piastres).div(100));
    fc.assert(
      fc.property(price, rate, (gross, percent) => {
        const net = priceWithTaxesIn(gross.toFixed(), [1], taxes(tax(1, percent.toFixed())), undefined);
        const price = new Decimal(net.kind === 'price' ? net.price : NaN);
        expect(price.times(percent.plus(100)).div(100).toDecimalPlaces(2, Decimal.ROUND_HALF_UP).toFixed()).toBe(
          gross.toFixed(),
        );
      }),
    );
  });
});

describe('what the retailer pays for a unit price', () => {
  const tax = (fields: Partial<SaleTax>): SaleTax => ({
    id: 1,
    name: 'VAT',
    amount: '14',
    type: 'percent',
    priceIncluded: false,
    affectsLater: false,
    children: [],
    ...fields,
  });

  it.each([
    ['114', '100', tax({})],
    ['100', '100', tax({ priceIncluded: true })],
    ['10', '8.771930', tax({})],
  ])('%s for %s', (price, unitPrice, one) => {
    expect(priceToPay(unitPrice, [1], new Map([[1, one]]))).toEqual({ kind: 'price', price });
  });

  it('is not reckoned with a tax that is no percentage', () => {
    expect(priceToPay('1', [1], new Map([[1, tax({ type: 'fixed' })]]))).toEqual({ kind: 'unsupported', tax: 'VAT' });
  });
});
