import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeId,
  lineExternalId,
  orderExternalId,
  retailerPhoneExternalId,
  retailerExternalId,
} from '../../../../src/lib/odoo/records/external-ids.js';

/** Ids of the characters that could be mistaken for an escape or a separator, among any others. */
const anyId = fc.oneof(
  fc.string({ unit: fc.constantFrom('_', '-', '0', '2', 'd', '5', 'f', 'A', 'a', ' ', '.') }),
  fc.string({ unit: 'binary' }),
);

/** The one reading of an encoded id; throws on what is not one. */
function decode(encoded: string): string {
  return encoded.replace(/_([\da-f]{4})|_/g, (_whole, hex: string | undefined) => {
    if (hex === undefined) throw new Error(`stray separator in ${encoded}`);
    return String.fromCharCode(Number.parseInt(hex, 16));
  });
}

describe('external ids', () => {
  it('keep letters and digits, so that a person recognises them', () => {
    expect(orderExternalId('8f3k2m')).toBe('__cartona__.order_8f3k2m');
    expect(lineExternalId('8f3k2m', '70001')).toBe('__cartona__.line_8f3k2m__70001');
    expect(retailerExternalId('R3000')).toBe('__cartona__.retailer_R3000');
  });

  it('hold nothing that Odoo refuses in one', () => {
    fc.assert(
      fc.property(anyId, (id) => {
        expect(encodeId(id)).toMatch(/^\w*$/);
      }),
    );
  });

  it('can be read back, so that different ids never meet', () => {
    fc.assert(
      fc.property(anyId, (id) => {
        expect(decode(encodeId(id))).toBe(id);
      }),
    );
  });

  it('tell a line of one order from a line of any other', () => {
    fc.assert(
      fc.property(anyId, anyId, (order, line) => {
        // Wherever a separator might be seen, only one split gives two ids that were encoded.
        expect(splitsOf(lineExternalId(order, line).slice('__cartona__.line_'.length))).toEqual([[order, line]]);
      }),
    );
  });

  it('keep codes and phones apart', () => {
    fc.assert(
      fc.property(anyId, anyId, (code, phone) => {
        expect(retailerExternalId(code)).not.toBe(retailerPhoneExternalId(phone));
      }),
    );
  });
});

function splitsOf(encoded: string): [string, string][] {
  const splits: [string, string][] = [];
  for (let at = 0; at + 2 <= encoded.length; at += 1) {
    if (encoded.slice(at, at + 2) !== '__') continue;
    try {
      splits.push([decode(encoded.slice(0, at)), decode(encoded.slice(at + 2))]);
    } catch {
      // Not a place where two encoded ids meet.
    }
  }
  return splits;
}
