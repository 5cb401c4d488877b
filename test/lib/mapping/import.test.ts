import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { importMapping, type MappingImportOptions } from '../../../src/lib/mapping/import.js';
import { openGround, tag, type GroundOptions } from '../../fixtures/mapping.js';

const ref = (n: number): string => `${tag}-R${n}`;
const id = (n: number): string => `${tag}-C${n}`;
const csv = (...rows: string[]): string => ['cartona_id,internal_reference', ...rows].join('\n');
const reasons = (problems: readonly { line: number; reason: string }[]): Record<number, string> =>
  Object.fromEntries(problems.map(({ line, reason }) => [line, reason]));

const SERVERS: GroundOptions[] = [
  { version: 16, protocol: 'xml-rpc' },
  { version: 18, protocol: 'json-rpc' },
  { version: 19, protocol: 'json-2' },
];

/** A real server has the version it has; JSON-2 is tried there only when it is said to speak it. */
const REAL: GroundOptions[] = [
  { protocol: 'xml-rpc' },
  { protocol: 'json-rpc' },
  ...(process.env['CARTONA_TEST_ODOO_JSON2'] ? [{ protocol: 'json-2' } as const] : []),
];
const servers = process.env['CARTONA_TEST_ODOO_URL'] === undefined ? SERVERS : REAL;

describe.each(servers)('import into Odoo $version over $protocol', (options) => {
  it('writes ids by Odoo id, reference and barcode, reads them back, and audits each', async () => {
    const ground = await openGround(options);
    const [a, b, c] = await ground.products([{ reference: ref(1) }, { reference: ref(2) }, { barcode: `${tag}1` }]);
    const file = ground.file(
      `cartona_id,odoo_id,internal_reference,barcode\n${id(1)},${a},,\n${id(2)},,${ref(2)},\n${id(3)},,,${tag}1\n`,
    );
    const result = await importMapping(ground.session, file, {});
    expect(result).toMatchObject({ rows: 3, changes: 3, written: 3, unchanged: 0, rejected: 0, rejectedFile: null });
    expect(await ground.held([a, b, c].map(Number))).toEqual([id(1), id(2), id(3)]);
    const audit = await ground.store.audit.list({ actor: 'map import' });
    expect(
      audit
        .filter((entry) => entry.outcome === 'written')
        .map((entry) => [entry.record, entry.to])
        .sort(),
    ).toEqual(
      [
        [`product.product,${a}`, id(1)],
        [`product.product,${b}`, id(2)],
        [`product.product,${c}`, id(3)],
      ].sort(),
    );
    expect(await importMapping(ground.session, file, {})).toMatchObject({
      changes: 0,
      written: 0,
      unchanged: 3,
      rejected: 0,
    });
  });

  const writing = (ground: { server: { major: number } }): string =>
    ground.server.major >= 19 ? 'web_save_multi' : 'load';

  it('a product that goes while the file is checked is named, the others are written', async () => {
    const ground = await openGround(options);
    const made = await ground.products([{ reference: ref(1) }, { reference: ref(2) }, { reference: ref(3) }]);
    ground.meanwhile(writing(ground), () => ground.unlink([made[1] ?? 0]));
    const result = await importMapping(
      ground.session,
      ground.file(csv(`${id(1)},${ref(1)}`, `${id(2)},${ref(2)}`, `${id(3)},${ref(3)}`)),
      {},
    );
    expect(result).toMatchObject({ written: 2, rejected: 1, rejectedFile: ground.path('map.rejected.csv') });
    expect(result.problems).toEqual([{ line: 3, reason: expect.stringMatching(/^Odoo refuses it: /) as string }]);
    expect(await ground.held(made)).toEqual([id(1), null, id(3)]);
    expect(ground.read('map.rejected.csv')).toContain(`${id(2)},${ref(2)},`);
    const audit = await ground.store.audit.list({ record: `product.product,${made[1]}` });
    expect(audit).toMatchObject([{ outcome: 'refused' }]);
  });

  it('the first record is not blamed for what another one did', async () => {
    const ground = await openGround({ ...options, idField: 'barcode' });
    const made = await ground.products([
      { reference: ref(1) },
      { reference: ref(2) },
      { reference: ref(3) },
      { reference: ref(4) },
    ]);
    // Odoo keeps barcodes unique, and writes all at once first: that error it reports for record 0.
    ground.meanwhile(writing(ground), () => ground.write([made[3] ?? 0], { barcode: id(2) }));
    const result = await importMapping(
      ground.session,
      ground.file(csv(`${id(1)},${ref(1)}`, `${id(2)},${ref(2)}`, `${id(3)},${ref(3)}`)),
      {},
    );
    expect(result.problems).toEqual([{ line: 3, reason: expect.stringMatching(/already assigned/) as string }]);
    expect(await ground.held(made)).toEqual([id(1), null, id(3), id(2)]);
  });

  it('who counted on an id that is not given up after all is refused with whoever keeps it', async () => {
    const ground = await openGround(options);
    const made = await ground.products([{ reference: ref(1) }, { reference: ref(2), cartonaId: id(2) }]);
    ground.meanwhile(writing(ground), () => ground.unlink([made[1] ?? 0]));
    const result = await importMapping(ground.session, ground.file(csv(`${id(2)},${ref(1)}`, `${id(3)},${ref(2)}`)), {
      replace: true,
    });
    expect(reasons(result.problems)).toEqual({
      2: expect.stringMatching(/still held by .* line 3/) as string,
      3: expect.stringMatching(/^Odoo refuses it/) as string,
    });
    expect(await ground.held(made)).toEqual([null, null]);
  });
});

describe('what is rejected', () => {
  const cases: [name: string, rows: string[], line: number, reason: RegExp][] = [
    ['a malformed row', [`${id(1)},${ref(1)},extra`], 2, /malformed row: it has 3 cells/],
    ['a row that is too short', [id(1)], 2, /malformed row: it has 1 cell where/],
    ['an empty id', [`,${ref(1)}`], 2, /Cartona id is empty/],
    ['an id with a space', [`12 34,${ref(1)}`], 2, /space/],
    ['a number that a spreadsheet shortened', [`6.22E+12,${ref(1)}`], 2, /shortened/],
    ['a row that names no product', [`${id(1)},`], 2, /names no product/],
    ['an unknown product', [`${id(1)},${ref(99)}`], 2, /unknown product/],
    ['an ambiguous product', [`${id(1)},${ref(5)}`], 2, /ambiguous product: 2 have/],
    ['an archived product', [`${id(1)},${ref(6)}`], 2, /archived product/],
    ['an id that another product holds', [`${id(20)},${ref(1)}`], 2, /already held by \[.*R7\]/],
    ['an id that an archived product holds', [`${id(21)},${ref(1)}`], 2, /already held by .*archived/],
    ['a product that has another id', [`${id(1)},${ref(7)}`], 2, /already has the Cartona id .* --replace/],
  ];
  it.each(cases)('%s', async (_name, rows, line, reason) => {
    const ground = await openGround();
    const made = await ground.products([
      { reference: ref(1) },
      { reference: ref(5) },
      { reference: ref(5) },
      { reference: ref(6), archived: true },
      { reference: ref(7), cartonaId: id(20) },
      { reference: ref(8), cartonaId: id(21), archived: true },
      { reference: ref(9) },
    ]);
    const file = ground.file(csv(...rows, `${id(9)},${ref(9)}`));
    const result = await importMapping(ground.session, file, {});
    expect(result).toMatchObject({ rows: rows.length + 1, rejected: 1, written: 0, changes: 1 });
    expect(reasons(result.problems)[line]).toMatch(reason);
    expect(await ground.held(made)).toEqual([null, null, null, null, id(20), id(21), null]);
    const skipping = await importMapping(ground.session, file, { skipInvalid: true });
    expect(skipping).toMatchObject({ rejected: 1, written: 1 });
    expect(await ground.held(made)).toEqual([null, null, null, null, id(20), id(21), id(9)]);
  });

  it('the same id twice, and two ids for one product: both lines of each, by the line in the file', async () => {
    const ground = await openGround();
    await ground.products([{ reference: ref(1) }, { reference: ref(2) }, { reference: ref(3) }]);
    const file = ground.file(
      `cartona_id,internal_reference,name\n${id(1)},${ref(1)},"two\nlines"\n\n${id(1)},${ref(2)},\n,,\n${id(3)},${ref(3)},\n${id(4)},${ref(3)},\n`,
    );
    const result = await importMapping(ground.session, file, {});
    expect(result).toMatchObject({ rows: 4, rejected: 4 });
    const named = reasons(result.problems);
    expect(named[2]).toMatch(/same Cartona id .* line 5/);
    expect(named[5]).toMatch(/same Cartona id .* line 2/);
    expect(named[7]).toMatch(/same product .* line 8/);
    expect(named[8]).toMatch(/same product .* line 7/);
  });

  it('keys that name different products', async () => {
    const ground = await openGround();
    const [a] = await ground.products([{ reference: ref(1) }, { reference: ref(2), barcode: `${tag}2` }]);
    const file = ground.file(
      `cartona_id,odoo_id,internal_reference,barcode\n${id(1)},${a},${ref(2)},\n${id(2)},,${ref(1)},${tag}2\n`,
    );
    const result = await importMapping(ground.session, file, {});
    expect(result.problems.map((problem) => problem.reason)).toEqual([
      expect.stringMatching(/different products/),
      expect.stringMatching(/different products/),
    ]);
  });

  it('an archived product that shares its reference with an active one is not meant', async () => {
    const ground = await openGround();
    const made = await ground.products([{ reference: ref(1), archived: true }, { reference: ref(1) }]);
    expect(await importMapping(ground.session, ground.file(csv(`${id(1)},${ref(1)}`)), {})).toMatchObject({
      written: 1,
      rejected: 0,
    });
    expect(await ground.held(made)).toEqual([null, id(1)]);
  });
});

describe('ids that change hands', () => {
  const swap = (): string => csv(`${id(2)},${ref(1)}`, `${id(1)},${ref(2)}`);
  const owners = [
    { reference: ref(1), cartonaId: id(1) },
    { reference: ref(2), cartonaId: id(2) },
  ];

  it('two products swap theirs with --replace, and only then', async () => {
    const ground = await openGround();
    const made = await ground.products(owners);
    const file = ground.file(swap());
    expect(await importMapping(ground.session, file, {})).toMatchObject({ rejected: 2, written: 0 });
    expect(await importMapping(ground.session, file, { replace: true })).toMatchObject({ rejected: 0, written: 2 });
    expect(await ground.held(made)).toEqual([id(2), id(1)]);
    const audit = await ground.store.audit.list({ record: `product.product,${made[0]}` });
    expect(audit[0]).toMatchObject({ from: id(1), to: id(2), outcome: 'written' });
  });

  it('a chain falls with its last link', async () => {
    const ground = await openGround();
    const made = await ground.products([...owners, { reference: ref(3), cartonaId: id(3), archived: true }]);
    // 1 takes what 2 gives up, 2 takes what 3 would give up, but 3 is archived and keeps it.
    const file = ground.file(csv(`${id(2)},${ref(1)}`, `${id(3)},${ref(2)}`, `${id(4)},${ref(3)}`));
    const result = await importMapping(ground.session, file, { replace: true, skipInvalid: true });
    expect(result).toMatchObject({ rejected: 3, written: 0 });
    expect(reasons(result.problems)[2]).toMatch(/held by .* line 3 does not free/);
    expect(await ground.held(made)).toEqual([id(1), id(2), id(3)]);
  });

  it('whoever gives an id up is written before whoever takes it', async () => {
    const ground = await openGround();
    const made = await ground.products(owners);
    await importMapping(ground.session, ground.file(csv(`${id(2)},${ref(1)}`, `${id(3)},${ref(2)}`)), {
      replace: true,
    });
    expect(await ground.held(made)).toEqual([id(2), id(3)]);
    const written = ground.calls.find((call) => call.method === 'load' || call.method === 'web_save_multi');
    const order =
      written?.method === 'load'
        ? (written.args['data'] as string[][]).map(([holder]) => Number(holder))
        : (written?.args['ids'] as number[]);
    expect(order).toEqual([made[1], made[0]]);
  });
});

describe('files', () => {
  const text = (): string => `كود كرتونة;المرجع الداخلي;اسم\r\n${id(1)};${ref(1)};فول مدمس\r\n;;\r\n`;
  it.each([
    ['UTF-8', () => Buffer.from(text())],
    ['UTF-8', () => Buffer.from(`\ufeff${text()}`)],
    ['UTF-16LE', () => Buffer.from(`\ufeff${text()}`, 'utf16le')],
    ['UTF-16LE', () => Buffer.from(text(), 'utf16le')],
    ['UTF-16BE', () => iconv.encode(text(), 'utf-16be', { addBOM: true })],
    ['Windows-1256', () => iconv.encode(text(), 'windows-1256')],
  ])('%s, with Arabic column names', async (encoding, bytes) => {
    const ground = await openGround();
    const made = await ground.products([{ reference: ref(1) }]);
    expect(await importMapping(ground.session, ground.file(bytes()), {})).toMatchObject({
      encoding,
      rows: 1,
      written: 1,
      rejected: 0,
    });
    expect(await ground.held(made)).toEqual([id(1)]);
  });

  it('the rejected rows, corrected, can be imported, and then their file is gone', async () => {
    const ground = await openGround();
    const made = await ground.products([{ reference: ref(1) }, { reference: ref(2) }]);
    const file = ground.file(
      iconv.encode(
        `name;internal_reference;cartona_id\r\n"فول; ""مدمس""";${ref(1)};12 34\r\n=1+1;${ref(2)};${id(2)}\r\n`,
        'windows-1256',
      ),
    );
    const result = await importMapping(ground.session, file, { skipInvalid: true });
    expect(result).toMatchObject({ written: 1, rejected: 1, rejectedFile: ground.path('map.rejected.csv') });
    const rejected = ground.read('map.rejected.csv');
    expect(rejected.startsWith('\ufeffname;internal_reference;cartona_id;reason\r\n"فول; ""مدمس""";')).toBe(true);
    expect(rejected).toMatch(/line 2: the Cartona id '12 34'/);
    ground.file(rejected.replace(';12 34;', `;${id(1)};`), 'map.rejected.csv');
    expect(await importMapping(ground.session, ground.path('map.rejected.csv'), {})).toMatchObject({
      written: 1,
      rejected: 0,
    });
    expect(await ground.held(made)).toEqual([id(1), id(2)]);
    expect(await importMapping(ground.session, file.replace('map.csv', 'map.csv'), { replace: true })).toMatchObject({
      rejected: 1,
    });
    ground.file(csv(`${id(1)},${ref(1)}`));
    await importMapping(ground.session, file, {});
    expect(existsSync(ground.path('map.rejected.csv'))).toBe(false);
  });

  it('where the rejected rows cannot be written, nothing is written to Odoo either', async () => {
    const ground = await openGround();
    const made = await ground.products([{ reference: ref(1) }]);
    // Its own name is as long as a name may be.
    const file = ground.file(csv(`${id(1)},${ref(1)}`, 'x,y'), `${'m'.repeat(251)}.csv`);
    await expect(importMapping(ground.session, file, { skipInvalid: true })).rejects.toMatchObject({
      kind: 'local',
      message: expect.stringContaining('rejected.csv') as string,
    });
    expect(await ground.held(made)).toEqual([null]);
    expect(readdirSync(ground.path('.')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('what lies where the rejected rows go and was not written here is neither overwritten nor removed', async () => {
    const ground = await openGround();
    await ground.products([{ reference: ref(1) }]);
    const [own, corrected] = ['cartona_id,reason\n1,mine\n', '\ufeffreason\nmine, with the mark of a spreadsheet\n'];
    ground.file(own, 'map.rejected.csv');
    ground.file(corrected, 'map.rejected-2.csv');
    mkdirSync(ground.path('map.rejected-3.csv'));
    symlinkSync(ground.path('map.rejected.csv'), ground.path('map.rejected-4.csv'));
    const file = ground.file(csv(`${id(1)},${ref(1)}`, 'x,y'));
    for (let time = 1; time <= 2; time += 1)
      expect(await importMapping(ground.session, file, { dryRun: true })).toMatchObject({
        rejectedFile: ground.path('map.rejected-5.csv'),
      });
    ground.file(csv(`${id(1)},${ref(1)}`));
    expect(await importMapping(ground.session, file, {})).toMatchObject({ rejected: 0 });
    expect([ground.read('map.rejected.csv'), ground.read('map.rejected-2.csv')]).toEqual([own, corrected]);
    expect(readdirSync(ground.path('.')).filter((name) => name.includes('rejected'))).toHaveLength(4);
  });

  it('a formula in the file is none in the rejected rows, and reads as before', async () => {
    const ground = await openGround();
    await ground.products([{ reference: `=${ref(1)}` }]);
    const first = await importMapping(ground.session, ground.file(csv(`12 34,=${ref(1)}`)), {});
    expect(first.rejected).toBe(1);
    expect(ground.read('map.rejected.csv')).toContain(`,'=${ref(1)},`);
    const corrected = ground.read('map.rejected.csv').replace('12 34', id(1));
    expect(await importMapping(ground.session, ground.file(corrected, 'again.csv'), {})).toMatchObject({
      written: 1,
      rejected: 0,
    });
  });

  it.each([
    ['no header for the id', 'a,b\n1,2\n', /names no column for the Cartona id/],
    ['no key', 'cartona_id,name\n1,2\n', /no column that tells the product/],
    [
      'two columns for one thing',
      'cartona_id,sku,default_code\n1,2,3\n',
      /two columns for the internal reference, 'sku' and 'default_code'/,
    ],
    ['a quote that never closes', `cartona_id,sku\n1,a\n2,"b\n3,c\n`, /broken at line 3/],
    ['nothing', '', /is empty/],
    ['a workbook', 'PK\u0003\u0004xxxx', /spreadsheet's own file/],
    ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 1, 0, 2, 3, 0]), /not a text file|names no column/],
  ])('%s: one sentence, and nothing is asked of Odoo', async (_name, content, message) => {
    const ground = await openGround();
    await expect(importMapping(ground.session, ground.file(content), {})).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringMatching(message) as string,
    });
    expect(ground.calls).toEqual([]);
  });

  it('a file that is not there, and a directory', async () => {
    const ground = await openGround();
    await expect(importMapping(ground.session, ground.path('nothing.csv'), {})).rejects.toMatchObject({
      kind: 'local',
    });
    await expect(importMapping(ground.session, ground.path('.'), {})).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('is a folder') as string,
    });
  });
});

describe('what is asked of Odoo', () => {
  it('a dry run writes nothing and tells what it would write', async () => {
    const ground = await openGround();
    const made = await ground.products([{ reference: ref(1), cartonaId: id(1) }, { reference: ref(2) }]);
    const result = await importMapping(ground.session, ground.file(csv(`${id(3)},${ref(1)}`, `${id(2)},${ref(2)}`)), {
      dryRun: true,
      replace: true,
    });
    expect(result.planned).toEqual([
      { line: 2, product: made[0], from: id(1), to: id(3) },
      { line: 3, product: made[1], from: null, to: id(2) },
    ]);
    expect(await ground.held(made)).toEqual([id(1), null]);
    expect(ground.calls.map((call) => call.method)).toEqual(['search_read', 'search_read']);
  });

  it('two look-ups per 1,000 rows at most, one write per 500, one read-back per 1,000', async () => {
    const ground = await openGround();
    const made = await ground.products(Array.from({ length: 2100 }, (_, n) => ({ reference: ref(n) })));
    const result = await importMapping(
      ground.session,
      ground.file(csv(...made.map((_, n) => `${id(n)},${ref(n)}`))),
      {},
    );
    expect(result).toMatchObject({ rows: 2100, written: 2100 });
    const count = (method: string): number => ground.calls.filter((call) => call.method === method).length;
    expect(count('load') + count('web_save_multi')).toBe(5);
    expect(count('search_read')).toBeLessThanOrEqual(2 * 3 + 3);
  });
});

describe('where the id lives elsewhere', () => {
  it('on the template: one variant is fine, several are not', async () => {
    const ground = await openGround({ idField: 'template' });
    const [single] = await ground.products([{ reference: ref(1) }]);
    const several = await ground.variants(['S', 'M']);
    const file = ground.file(`cartona_id,odoo_id\n${id(1)},${single}\n${id(2)},${several[0]}\n`);
    const result = await importMapping(ground.session, file, { skipInvalid: true });
    expect(result).toMatchObject({ written: 1, rejected: 1 });
    expect(reasons(result.problems)[3]).toMatch(/product template .* another variant/);
    expect(await ground.held([Number(single), ...several])).toEqual([id(1), null, null]);
    expect(
      await importMapping(ground.session, ground.file(`cartona_id,odoo_id\n${id(1)},${single}\n`), {}),
    ).toMatchObject({ unchanged: 1 });
  });

  it('in the internal reference: that column cannot name the product', async () => {
    const ground = await openGround({ idField: 'default_code' });
    const [a] = await ground.products([{ reference: ref(1) }]);
    await expect(importMapping(ground.session, ground.file(csv(`${id(1)},${ref(1)}`)), {})).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringMatching(/holds the Cartona id itself/) as string,
    });
    const file = ground.file(`cartona_id,odoo_id,internal_reference\n${id(1)},${a},${ref(1)}\n`);
    for (const expected of [{ written: 1 }, { unchanged: 1 }]) {
      expect(await importMapping(ground.session, file, { replace: true } satisfies MappingImportOptions)).toMatchObject(
        {
          ...expected,
          rejected: 0,
        },
      );
    }
  });
});
