import { withAsciiDigits } from '../../common/digits.js';

const EGYPT = '20';
/** The shortest national number (a landline with its area) and the longest number that E.164 allows. */
const SHORTEST = 8;
const LONGEST = 15;

/**
 * A phone number in one form, however it is written: `+201012345678` for 010…, +20 10…, 0020 10…, with Arabic-Indic or
 * Persian digits and any punctuation. A number without a country code is Egyptian.
 * @returns `undefined` for what cannot be a phone number (too short, too long, all zeros)
 */
export function normalisePhone(text: string): string | undefined {
  const ascii = withAsciiDigits(text).replaceAll('＋', '+');
  const international = /^[^\d+]*(\+|00)/.test(ascii);
  const digits = ascii.replace(/\D/g, '').replace(international ? /^00/ : /^$/, '');
  if (international) return isEgyptian(digits) ? egyptian(digits.slice(EGYPT.length)) : foreign(digits);
  // No national number of that length begins with 20, so there it is the country's code.
  return digits.startsWith(EGYPT) && digits.length >= EGYPT.length + SHORTEST
    ? egyptian(digits.slice(EGYPT.length))
    : egyptian(digits);
}

/** The numbers in a field where people write several ("010… / 011…"), normalised; what is none is left out. */
export function phonesIn(field: string): string[] {
  return field.split(/[/,;|\n،؛]/).flatMap((part) => normalisePhone(part) ?? []);
}

/**
 * A pattern for Odoo's `=like` that finds the number however it is punctuated. It may find more: what it finds is
 * verified by normalising.
 */
export const phonePattern = (phone: string): string => `%${[...nationalDigits(phone)].join('%')}%`;

/** The same in Arabic-Indic digits. */
export const arabicPhonePattern = (phone: string): string =>
  phonePattern(phone).replace(/\d/g, (digit) => String.fromCharCode(0x0660 + Number(digit)));

const nationalDigits = (phone: string): string => phone.replace(/^\+(20)?/, '');
const isEgyptian = (digits: string): boolean => digits.startsWith(EGYPT);

function egyptian(national: string): string | undefined {
  const significant = national.replace(/^0+/, '');
  return significant.length >= SHORTEST && significant.length + EGYPT.length <= LONGEST
    ? `+${EGYPT}${significant}`
    : undefined;
}

function foreign(digits: string): string | undefined {
  return !digits.startsWith('0') && digits.length >= SHORTEST && digits.length <= LONGEST ? `+${digits}` : undefined;
}
