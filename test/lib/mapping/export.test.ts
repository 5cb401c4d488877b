import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellText } from '../../../src/lib/mapping/files/cells.js';
import { csvText } from '../../../src/lib/common/csv-output.js';
import { exportMapping, exportToFile } from '../../../src/lib/mapping/export.js';
import { importMapping } from '../../../src/lib/mapping/import.js';
import { openMappingFile } from '../../../src/lib/mapping/files/mapping-file.js';
import { openGround, tag } from '../../fixtures/mapping.js';

const ref = (n: number): string => `${tag}-R${n}`;
const id = (n: number): string => `${tag}-C${n}`;
type Row = Record<'odoo_id' | 'internal_reference' | 'barcode' | 'name' | 'cartona_id' | 'active', string>;
const rowsOf = (text: string): Row[] => parse(text, { columns: true, bom: true });

describe('CSV', () => {
  it('what is written is read as it was: any text, any delimiter, line by line', async () => {
    const ground = await openGround();
    const cell = fc.string({
      unit: fc.constantFrom('a', 'ب', '1', ' ', ',', ';', '\t', '"', "'", '\n', '\r', '=', '-', '+', '@', 'é'),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 6 }),
        fc.constantFrom(',', ';', '\t'),
        async (rows, delimiter) => {
          const head = csvText([['cartona_id', 'sku', 'a', 'b']], delimiter);
          const file = await openMappingFile(
            ground.file(
              `\ufeff${head}${csvText(
                rows.map(([a, b], at) => [String(at), 'x', a, b]),
                delimiter,
              )}`,
            ),
            { identifyBy: 'internal_product_id', idField: 'x_cartona_id' },
          );
          expect(file.delimiter).toBe(delimiter);
          const read = [];
          for await (const page of file.pages(2, (cells, line) => ({ cells, line }))) read.push(...page);
          expect(read.map(({ cells }) => cells.slice(2).map(cellText))).toEqual(
            rows.map((row) => row.map((text) => cellText(csvRoundTrip(text)))),
          );
          let line = 2;
          for (const [at, { line: said }] of read.entries()) {
            expect(said).toBe(line);
            for (const text of ['\n', ...(rows[at] ?? [])]) line += text.match(/\r\n|\n|\r/g)?.length ?? 0;
          }
        },
      ),
    );
  });
});

/** A cell as `cellText` sees it in a file. */
const csvRoundTrip = (text: string): string => parse(csvText([[text, '']], ','))[0]?.[0] ?? '';

describe('export', () => {
  it('all mapped products, archived ones too; imported again it changes nothing', async () => {
    const ground = await openGround();
    const made = await ground.products([
      { reference: ref(1), barcode: `${tag}1`, name: 'فول "مدمس", ٤٠٠ جم', cartonaId: id(1) },
      { reference: `=cmd|${tag}`, name: '=1+1', cartonaId: id(2) },
      { reference: ` ${ref(3)} `, name: 'two\nlines', cartonaId: id(3) },
      { reference: ref(4), cartonaId: id(4), archived: true },
      { reference: ref(4), cartonaId: id(5) },
      { reference: ref(6) },
      { name: '-5', cartonaId: id(7) },
    ]);
    const path = ground.path('out.csv');
    await exportToFile(ground.session, path, {});
    const text = ground.read('out.csv');
    expect(text.startsWith('\ufeffodoo_id,internal_reference,barcode,name,cartona_id,active\r\n')).toBe(true);
    const ours = rowsOf(text).filter((row) => made.includes(Number(row.odoo_id)));
    expect(ours.map((row) => row.cartona_id)).toEqual([1, 2, 3, 4, 5, 7].map(id));
    expect(ours.map((row) => row.active)).toEqual(['yes', 'yes', 'yes', 'no', 'yes', 'yes']);
    expect(ours[1]).toMatchObject({ internal_reference: `'=cmd|${tag}`, name: "'=1+1" });
    const result = await importMapping(ground.session, path, {});
    expect(result).toMatchObject({ rejected: 0, changes: 0 });
    expect(result.unchanged).toBeGreaterThanOrEqual(6);
    expect(await importMapping(ground.session, path, { replace: true })).toMatchObject({ rejected: 0, changes: 0 });
  });

  it('with --unmapped, what is for sale and has none; filled in, it is imported', async () => {
    const ground = await openGround();
    const made = await ground.products([
      { reference: ref(1) },
      { reference: ref(2), notForSale: true },
      { reference: ref(3), archived: true },
      { reference: ref(4), cartonaId: id(4) },
      { reference: ref(5) },
    ]);
    const pieces: string[] = [];
    await exportMapping(ground.session, async (text) => void pieces.push(text), { unmapped: true });
    const ours = rowsOf(pieces.join('')).filter((row) => made.includes(Number(row.odoo_id)));
    expect(ours.map((row) => row.internal_reference)).toEqual([ref(1), ref(5)]);
    const filled = pieces
      .join('')
      .split('\r\n')
      .filter((line) => line.startsWith('odoo_id') || line.includes(ref(1)))
      .join('\n')
      .replace(',,yes', `,${id(1)},yes`);
    expect(await importMapping(ground.session, ground.file(filled), {})).toMatchObject({ written: 1, rejected: 0 });
    expect(await ground.held(made)).toEqual([id(1), null, null, id(4), null]);
  });

  it('an id on a template is told once, by the variant that is meant', async () => {
    const ground = await openGround({ idField: 'template' });
    const variants = await ground.variants(['S', 'M'], id(1));
    await ground.write([variants[0] ?? 0], { active: false });
    const path = ground.path('out.csv');
    await exportToFile(ground.session, path, {});
    expect(rowsOf(ground.read('out.csv')).filter((row) => variants.includes(Number(row.odoo_id)))).toMatchObject([
      { odoo_id: String(variants[1]), cartona_id: id(1) },
    ]);
    expect(await importMapping(ground.session, path, {})).toMatchObject({ rejected: 0, changes: 0 });
  });

  it.skipIf(process.platform === 'win32')('a pipe is written to and stays what it is', async () => {
    const ground = await openGround();
    await ground.products([{ reference: ref(1), cartonaId: id(1) }]);
    const pipe = ground.path('pipe');
    expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
    const [text] = await Promise.all([readFile(pipe, 'utf8'), exportToFile(ground.session, pipe, {})]);
    expect(text).toContain(id(1));
    expect(statSync(pipe).isFIFO()).toBe(true);
  });

  it('a directory that cannot be written is named, and nothing is left there', async () => {
    const ground = await openGround();
    await expect(exportToFile(ground.session, ground.path('no/such/out.csv'), {})).rejects.toMatchObject({
      kind: 'local',
    });
    await expect(exportToFile(ground.session, ground.path('.'), {})).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('is a folder') as string,
    });
    expect(statSync(ground.path('.')).isDirectory()).toBe(true);
  });
});
