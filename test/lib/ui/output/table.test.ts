import { describe, expect, it } from 'vitest';
import { formatTable } from '../../../../src/lib/ui/output/table.js';

describe('tables', () => {
  it('are plain columns without colours, borders or trailing blanks', async () => {
    expect(
      await formatTable(
        ['PRODUCT', 'PRICE'],
        [
          ['Tea', 12.5],
          ['Coffee beans', null],
        ],
      ),
    ).toBe('PRODUCT       PRICE\n-------       -----\nTea           12.5\nCoffee beans');
  });

  it('cut nothing off, Arabic names least of all', async () => {
    const name = 'شاي العروسة ناعم ٢٥٠ جرام — عبوة اقتصادية كبيرة جدا لتجار الجملة والتجزئة';
    expect(await formatTable(['PRODUCT'], [[name]])).toContain(name);
  });

  it('a sentence under a row is whole, and broken between words on a narrow terminal', async () => {
    const of = ['no product in Odoo has the Cartona id', null];
    expect(await formatTable(['A'], [['x'], ['y']], { of })).toBe(
      'A\n-\nx\n    no product in Odoo has the Cartona id\ny',
    );
    expect(await formatTable(['A'], [['x'], ['y']], { of, columns: 20 })).toBe(
      'A\n-\nx\n    no product in\n    Odoo has the\n    Cartona id\ny',
    );
  });

  it('a line break inside a cell does not break the row', async () => {
    expect((await formatTable(['A', 'B'], [['one\ntwo', 'x']])).split('\n')).toHaveLength(3);
  });
});
