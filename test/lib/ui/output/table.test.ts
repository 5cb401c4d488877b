import { describe, expect, it } from 'vitest';
import { tableLines } from '../../../../src/lib/ui/output/table.js';

describe('tables', () => {
  it('are plain columns without colours, borders or trailing blanks', async () => {
    expect(
      await tableLines(
        ['PRODUCT', 'PRICE'],
        [
          ['Tea', 12.5],
          ['Coffee beans', null],
        ],
      ),
    ).toEqual(['PRODUCT       PRICE', '-------       -----', 'Tea           12.5', 'Coffee beans']);
  });

  it('cut nothing off, Arabic names least of all', async () => {
    const name = 'شاي العروسة ناعم ٢٥٠ جرام — عبوة اقتصادية كبيرة جدا لتجار الجملة والتجزئة';
    expect((await tableLines(['PRODUCT'], [[name]])).at(-1)).toBe(name);
  });

  it('a sentence under a row is whole, and broken between words on a narrow terminal', async () => {
    const of = ['no product in Odoo has the Cartona id', null];
    expect(await tableLines(['A'], [['x'], ['y']], { of })).toEqual([
      'A',
      '-',
      'x',
      '    no product in Odoo has the Cartona id',
      'y',
    ]);
    expect(await tableLines(['A'], [['x'], ['y']], { of, columns: 20 })).toEqual([
      'A',
      '-',
      'x',
      '    no product in',
      '    Odoo has the',
      '    Cartona id',
      'y',
    ]);
  });

  it('a line break inside a cell does not break the row', async () => {
    for (const end of ['\n', '\r', '\r\n', '\u0085', '\u2028', '\u2029', '\v'])
      expect((await tableLines(['A', 'B'], [[`one${end}two`, 'x']])).at(-1)).toBe('one two  x');
  });
});
