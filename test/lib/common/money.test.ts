import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amount, canonical, changePercent, formatAmount, sum, wholeQuantity } from '../../../src/lib/common/money.js';

describe('money', () => {
  it('gives equal amounts equal texts, whatever form they came in', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }),
        fc.integer({ min: 0, max: 6 }),
        (units, decimals) => {
          const text = amount(units).div(amount(10).pow(decimals)).toFixed(decimals);
          expect(canonical(text)).toBe(canonical(`${text}${decimals > 0 ? '000' : '.000'}`));
          expect(amount(canonical(text)).equals(text)).toBe(true);
        },
      ),
    );
  });

  it('rounds half up to the decimals that Odoo states, as Odoo rounds', () => {
    expect(canonical(33.333333333333336, 2)).toBe('33.33');
    expect(canonical(1.005, 2)).toBe('1.01');
    expect(canonical('2.675', 2)).toBe('2.68');
    expect(canonical(12, 2)).toBe('12');
    expect(canonical(12.5, 2)).toBe('12.5');
    expect(canonical(1e21)).toBe('1000000000000000000000');
    expect(canonical(1e-7)).toBe('0.0000001');
  });

  it('takes the short way for numbers to the same text as the long one', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }), (value) => {
        fc.pre(!Object.is(value, -0));
        expect(canonical(value, 2)).toBe(amount(String(value)).toDecimalPlaces(2, 4).toFixed());
      }),
    );
  });

  it('adds what binary floats cannot', () => {
    expect(sum([0.1, 0.2]).toFixed()).toBe('0.3');
    expect(sum(Array.from({ length: 1000 }, () => '0.01')).toFixed()).toBe('10');
  });

  it('shows two decimals at least', () => {
    expect(formatAmount('12.5')).toBe('12.50');
    expect(formatAmount('12.345')).toBe('12.345');
  });

  it('sends whole quantities, never below zero, never rounded up', () => {
    expect(wholeQuantity('3.99')).toBe(3);
    expect(wholeQuantity('-0.5')).toBe(0);
    expect(wholeQuantity('-12')).toBe(0);
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }), (value) => {
        const whole = wholeQuantity(value);
        expect(Number.isInteger(whole) && whole >= 0 && whole <= Math.max(0, value)).toBe(true);
      }),
    );
  });

  it('has no percentage without an old price', () => {
    expect(changePercent('0', '5')).toBeUndefined();
    expect(changePercent('10', '5')?.toFixed(1)).toBe('-50.0');
  });
});
