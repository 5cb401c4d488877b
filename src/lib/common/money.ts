import { Decimal } from 'decimal.js';

/**
 * Money is EGP as a decimal number, never binary floating point. Between rooms and in the store it travels as its
 * canonical text (`'12.5'`: no exponent, no trailing zeros), so that equal amounts are equal strings.
 */
const Exact = Decimal.clone({ precision: 40, rounding: Decimal.ROUND_HALF_UP, toExpNeg: -40, toExpPos: 40 });

export type Amount = Decimal;

/**
 * Reads an amount. A JSON number is taken by its shortest decimal text, which is what the sender meant. Throws on text
 * that is no number.
 */
export function amount(value: string | number | Decimal): Amount {
  return new Exact(typeof value === 'number' ? String(value) : value);
}

/**
 * Whether a text is an amount as both sides write it: digits with at most one decimal point. `1,250.00` is none, for
 * nobody can tell what its comma means.
 */
export const isAmount = (text: string): boolean => /^\s*-?\d{1,30}(\.\d{1,30})?\s*$/.test(text);

/** The canonical text of an amount, rounded half up to `digits` decimals where given (Odoo states them per field). */
export function canonical(value: string | number | Decimal, digits?: number): string {
  // A number's own text is canonical already where it is short enough; whole catalogues pass through here.
  if (typeof value === 'number') {
    const text = String(value);
    if (
      /^-?\d+(\.\d+)?$/.test(text) &&
      (digits === undefined || text.length - 1 - text.indexOf('.') <= digits || !text.includes('.'))
    )
      return text;
  }
  const exact = amount(value);
  return (digits === undefined ? exact : exact.toDecimalPlaces(digits, Decimal.ROUND_HALF_UP)).toFixed();
}

/** An amount as a person reads it: two decimals at least, more where it has them. */
export function formatAmount(value: string | number | Decimal): string {
  const exact = amount(value);
  return exact.toFixed(Math.max(2, exact.decimalPlaces()));
}

/**
 * The change from `from` to `to` in per cent of `from` (signed); `undefined` where there is nothing to compare with
 * (0).
 */
export function changePercent(from: string, to: string): Amount | undefined {
  const before = amount(from);
  if (before.isZero()) return undefined;
  return amount(to).minus(before).div(before.abs()).times(100);
}

/**
 * A whole quantity that may be sent: fractions are cut off downwards (half a box cannot be sold), below zero is zero.
 */
export function wholeQuantity(value: string | number | Decimal): number {
  const whole = amount(value).toDecimalPlaces(0, Decimal.ROUND_FLOOR).toNumber();
  return Math.max(0, whole);
}

/** The sum of amounts. */
export function sum(values: Iterable<string | number | Decimal>): Amount {
  let total = new Exact(0);
  for (const value of values) total = total.plus(amount(value));
  return total;
}
