import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cellText,
  readBarcode,
  readCartonaId,
  readOdooId,
  readReference,
  westernDigits,
  type CellResult,
} from '../../../../src/lib/mapping/files/cells.js';
import { forSpreadsheet, fromSpreadsheet } from '../../../../src/lib/common/csv-output.js';

const reason = (read: CellResult<unknown>): string =>
  read.kind === 'invalid' ? read.reason : `no reason, but ${String(read.value)}`;

describe('cells as spreadsheets keep them', () => {
  it('no text that is written becomes a formula, and every text comes back', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom("'", '=', '+', '-', '@', '\t', '\n', '\r', ';', '1', '.', ',', 'A') }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const cell = forSpreadsheet(text);
        expect(fromSpreadsheet(cell)).toBe(text);
        // A spreadsheet of another country takes another separator, and a line break ends a row.
        expect(cell).not.toMatch(/^[\t\r\n]|(^|[;,\t\r\n])[=@]/);
        if (/^[+-]/.test(cell)) expect(cell).toMatch(/^[+-]?\d+([.,]\d+)*$/);
      }),
    );
  });

  it.each([
    ['  A 1 ', 'A 1'],
    ['\u200f\ufeffA1\u00a0', 'A1'],
    ['="0123"', '0123'],
    ["'=A1", '=A1'],
    ["'A1", "'A1"],
    ['', ''],
  ])('%j holds %j', (cell, text) => expect(cellText(cell)).toBe(text));

  it('numbers in Arabic and Persian digits are the same numbers, other text stays', () => {
    expect(westernDigits('٦٢٢١')).toBe('6221');
    expect(westernDigits('۶۲۲1')).toBe('6221');
    expect(westernDigits('A١')).toBe('A١');
    expect(readCartonaId('٨٨١', 'supplier_product_id')).toEqual({ kind: 'value', value: '881' });
    expect(readOdooId('١٢')).toEqual({ kind: 'value', value: 12 });
    expect(readBarcode('٦٢٢')).toEqual({ kind: 'value', value: '622' });
    // A reference is free text: it may really be written so.
    expect(readReference('٦٢٢')).toEqual({ kind: 'value', value: '٦٢٢' });
  });
});

describe('Cartona ids', () => {
  it.each(['88123', 'A-1', 'SKU_0042', 'A.B/C', 'كرت-12', '12E4', '007'])('%s is one', (id) =>
    expect(readCartonaId(id, 'internal_product_id')).toEqual({ kind: 'value', value: id }),
  );

  it.each([
    ['', /empty/],
    ['6.22E+12', /shortened/],
    ['6,22E+12', /shortened/],
    ['1E+12', /shortened/],
    ['123.0', /decimals/],
    ['#N/A', /spreadsheet's error/],
    ['12 34', /space/],
    ['12\u200b34', /invisible/],
    ['12\n34', /line break/],
    ['12,34', /separator/],
    ['"12"', /separator or quote/],
    ['-', /begin/],
    ['=A1', /begin/],
    ['null', /no Cartona id/],
    ['0', /no Cartona id/],
    ['x'.repeat(101), /longer than 100/],
  ])('%j is none', (text, why) => expect(reason(readCartonaId(text, 'internal_product_id'))).toMatch(why));

  it("Cartona's own are numbers", () => {
    expect(reason(readCartonaId('A1', 'supplier_product_id'))).toMatch(/not a number/);
    expect(readCartonaId('881', 'supplier_product_id')).toEqual({ kind: 'value', value: '881' });
  });

  it('what is accepted is one printable word, and is accepted again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const read = readCartonaId(cellText(text), 'internal_product_id');
        if (read.kind !== 'value') return;
        expect(read.value).toMatch(/^[^\s\p{Cc}\p{Cs}]+$/u);
        expect(readCartonaId(read.value, 'internal_product_id')).toEqual(read);
        expect(forSpreadsheet(read.value)).toBe(read.value);
      }),
      { numRuns: 500 },
    );
  });
});

describe('what names a product', () => {
  it.each([
    ['0', /no Odoo id/],
    ['2147483648', /no Odoo id/],
    ['12.0', /decimals/],
    ['1,234', /no Odoo id/],
    ['__export__.product_product_12_ab', /external id/],
  ])('Odoo id %j', (text, why) => expect(reason(readOdooId(text))).toMatch(why));

  it('a barcode that a spreadsheet shortened is refused, a reference that looks like a number with decimals is not', () => {
    expect(reason(readBarcode('6.22E+12'))).toMatch(/shortened/);
    expect(reason(readReference('6.22E+12'))).toMatch(/shortened/);
    expect(readReference('10.0')).toEqual({ kind: 'value', value: '10.0' });
    expect(reason(readReference('A\nB'))).toMatch(/line break/);
  });

  it('no reason brings a control character to the terminal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const read of [
          readCartonaId(text, 'internal_product_id'),
          readOdooId(text),
          readReference(text),
          readBarcode(text),
        ]) {
          // eslint-disable-next-line no-control-regex -- they are what must not be there
          if (read.kind === 'invalid') expect(read.reason).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
        }
      }),
    );
  });
});
