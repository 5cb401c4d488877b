import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  arabicPhonePattern,
  normalisePhone,
  phonePattern,
  phonesIn,
} from '../../../../src/lib/orders/customers/phone.js';

const arabic = (digits: string): string =>
  [...digits].map((digit) => String.fromCharCode(0x0660 + Number(digit))).join('');
const persian = (digits: string): string =>
  [...digits].map((digit) => String.fromCharCode(0x06f0 + Number(digit))).join('');

/** An Egyptian mobile without its leading zero. */
const mobile = fc
  .tuple(
    fc.constantFrom('10', '11', '12', '15'),
    fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 8, maxLength: 8 }),
  )
  .map((parts) => parts.join(''));
const punctuation = fc.constantFrom('', ' ', '-', '.', ' (', ') ', '\u00a0', '\u200f');

/** Writes digits with punctuation between them, as people do. */
const written = (digits: string): fc.Arbitrary<string> =>
  fc.tuple(...[...digits].map((digit) => punctuation.map((mark) => `${mark}${digit}`))).map((parts) => parts.join(''));

describe('normalisePhone', () => {
  it.each([
    ['01012345678', '+201012345678'],
    ['+20 10 1234 5678', '+201012345678'],
    ['0020 10-1234-5678', '+201012345678'],
    ['201012345678', '+201012345678'],
    ['1012345678', '+201012345678'],
    ['٠١٠١٢٣٤٥٦٧٨', '+201012345678'],
    ['۰۱۰۱۲۳۴۵۶۷۸', '+201012345678'],
    ['+20 (0)10 12345678', '+201012345678'],
    ['(02) 2345 6789', '+20223456789'],
    ['03 4567890', '+2034567890'],
    ['+966 50 123 4567', '+966501234567'],
    ['00966501234567', '+966501234567'],
  ])('reads %s', (text, expected) => {
    expect(normalisePhone(text)).toBe(expected);
  });

  it.each(['', '-', '0', '0000000000', '00000000000000', '12345', 'no phone', '+0123456789', '123456789012345678'])(
    'takes %j for no number',
    (text) => {
      expect(normalisePhone(text)).toBeUndefined();
    },
  );

  it('gives one form, however an Egyptian number is written', () => {
    const forms = mobile.chain((national) =>
      fc.tuple(
        fc.constant(national),
        fc.oneof(
          written(`0${national}`),
          written(`20${national}`).map((text) => `+${text}`),
          written(`20${national}`).map((text) => `00${text}`),
          fc.constantFrom(arabic(`0${national}`), persian(`0${national}`), `+${arabic(`20${national}`)}`),
        ),
      ),
    );
    fc.assert(
      fc.property(forms, ([national, text]) => {
        expect(normalisePhone(text)).toBe(`+20${national}`);
      }),
    );
  });

  it('leaves what is normalised as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'+0123456789 -٠١٢٣'), maxLength: 20 }), (text) => {
        const once = normalisePhone(text);
        fc.pre(once !== undefined);
        expect(normalisePhone(once)).toBe(once);
      }),
    );
  });
});

describe('finding a number in Odoo', () => {
  /** What SQL's LIKE means by a pattern. */
  const like = (pattern: string, text: string): boolean =>
    new RegExp(
      `^${pattern
        .split('%')
        .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
        .join('.*')}$`,
      's',
    ).test(text);

  it('its pattern matches it however it is punctuated', () => {
    fc.assert(
      fc.property(
        mobile.chain((national) => fc.tuple(fc.constant(national), written(`0${national}`))),
        ([national, text]) => {
          expect(like(phonePattern(`+20${national}`), text)).toBe(true);
        },
      ),
    );
  });

  it('its other pattern matches Arabic-Indic digits', () => {
    fc.assert(
      fc.property(mobile, (national) => {
        expect(like(arabicPhonePattern(`+20${national}`), arabic(`0${national}`))).toBe(true);
      }),
    );
  });

  it('reads every number of a field', () => {
    expect(phonesIn('01012345678 / 011-1234-5678 ، ext')).toEqual(['+201012345678', '+201112345678']);
  });
});
