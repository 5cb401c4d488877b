import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import type { MappingCheck } from '../../src/lib/mapping/check.js';
import type { MappingImportResult } from '../../src/lib/mapping/import.js';
import type { MappingStatus } from '../../src/lib/mapping/status.js';
import { runCli, startCli, type CliResult } from '../fixtures/cli.js';
import { logIn, startSandboxes, type SandboxesOptions } from '../fixtures/sandboxes.js';

/** A supplier who has logged in and whose Odoo has the field for the id, by default with no id given yet. */
async function ready(options: SandboxesOptions = {}) {
  const sandboxes = await startSandboxes({ products: 120, orders: 0, ...options });
  await logIn(sandboxes);
  const admin = {
    CARTONA_ODOO_ADMIN_LOGIN: sandboxes.odoo.adminLogin,
    CARTONA_ODOO_ADMIN_KEY: sandboxes.odoo.adminKey,
  };
  expect((await runCli(['odoo', 'setup'], { env: { ...sandboxes.env, ...admin } })).code).toBe(0);
  const home = sandboxes.env['CARTONA_HOME'] ?? '';
  const products = sandboxes.supplier.products.filter(
    (product) => product.active && product.saleOk && product.defaultCode !== sandboxes.supplier.duplicatedReference,
  );
  const archived = sandboxes.supplier.products.find((product) => !product.active);
  return {
    ...sandboxes,
    products,
    archived,
    path: (name: string): string => join(home, name),
    file: (name: string, content: string | Buffer): string => {
      writeFileSync(join(home, name), content);
      return join(home, name);
    },
    map: (...args: string[]): Promise<CliResult> =>
      runCli(['map', ...args], {
        env: {
          CARTONA_HOME: home,
          CARTONA_TOKEN: sandboxes.env['CARTONA_TOKEN'] ?? '',
          CARTONA_ODOO_KEY: sandboxes.env['CARTONA_ODOO_KEY'] ?? '',
        },
      }),
    held: (): Map<string, string> =>
      new Map(
        sandboxes.odoo.store
          .records('product.product')
          .flatMap((row) =>
            typeof row['x_cartona_id'] === 'string'
              ? [[String(row['default_code']), row['x_cartona_id']] as const]
              : [],
          ),
      ),
  };
}

describe('map import, as a supplier meets it', () => {
  it('a file with bad rows: nothing written, then the good rows, then the corrected ones', async () => {
    const { products, archived, path, file, map, held, supplier } = await ready();
    const [first, second, third, fourth, fifth] = products.map((product) => product.defaultCode);
    const rows = [
      'المرجع الداخلي;كود كرتونة;الاسم',
      `${first};A1;فول مدمس`,
      `${second};A2;جبنة`,
      `${third};;لا كود`,
      `${fourth};6,22E+12;رقم من الجدول`,
      `NO-SUCH;A5;`,
      `${supplier.duplicatedReference ?? ''};A6;`,
      `${archived?.defaultCode ?? ''};A7;`,
      ';;',
      `${fifth};A1;مكرر`,
    ];
    const source = file('mapping.csv', iconv.encode(rows.join('\r\n'), 'windows-1256'));

    const refused = await map('import', source);
    expect(refused.code).toBe(3);
    expect(refused.stdout).toMatch(/line 2: the same Cartona id 'A1' is also on line 10/);
    expect(refused.stdout).toMatch(/line 4: the Cartona id is empty/);
    expect(refused.stdout).toMatch(/line 5: .*spreadsheet has shortened/);
    expect(refused.stdout).toMatch(/line 6: unknown product/);
    expect(refused.stdout).toMatch(/line 7: ambiguous product/);
    expect(refused.stdout).toMatch(/line 8: archived product/);
    expect(refused.stdout).toMatch(/line 10: the same Cartona id 'A1' is also on line 2/);
    expect(refused.stdout).toMatch(
      /8 rows \(Windows-1256\): 1 change, 0 unchanged, 7 rejected\.\nNothing was written to Odoo: /,
    );
    expect(refused.stderr).toBe(
      `Warning: 7 rows rejected; they stand with the reason in ${path('mapping.rejected.csv')}\n`,
    );
    expect(held().size).toBe(0);

    const skipping = await map('import', source, '--skip-invalid', '--json');
    expect(skipping.code).toBe(3);
    expect(skipping.json<MappingImportResult>()).toMatchObject({
      rows: 8,
      changes: 1,
      written: 1,
      unchanged: 0,
      rejected: 7,
      dryRun: false,
    });
    expect([...held()]).toEqual([[second, 'A2']]);

    const rejected = readFileSync(path('mapping.rejected.csv'), 'utf8');
    const [head = [], ...lines]: string[][] = parse(rejected, { bom: true, delimiter: ';' });
    expect(head).toEqual(['المرجع الداخلي', 'كود كرتونة', 'الاسم', 'reason']);
    expect(lines).toHaveLength(7);
    const corrected = [
      head,
      ...lines.slice(0, 3).map(([reference = '', , ...rest], at) => [reference, `B${at}`, ...rest]),
    ];
    file(
      'mapping.rejected.csv',
      corrected.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(';')).join('\n'),
    );
    const again = await map('import', path('mapping.rejected.csv'));
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expect(held()).toEqual(
      new Map([
        [second, 'A2'],
        [first, 'B0'],
        [third, 'B1'],
        [fourth, 'B2'],
      ]),
    );
  });

  it('a dry run shows all changes with their products and writes nothing; a repeated import has nothing to do', async () => {
    const { products, file, map, held, path } = await ready();
    const source = file(
      'm.csv',
      ['cartona_id,sku', ...products.map((product, at) => `N${at},${product.defaultCode}`)].join('\n'),
    );
    const dry = await map('import', source, '--dry-run');
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    expect(dry.stdout.split('\n').filter((line) => / +none +N\d+$/.test(line))).toHaveLength(products.length);
    expect(dry.stdout).toMatch(new RegExp(`^2 +\\d+ +\\[${products[0]?.defaultCode}\\] \\S.* none +N0$`, 'm'));
    const exported = path('planned.csv');
    await map('import', source, '--dry-run', '--export', exported);
    expect(readFileSync(exported, 'utf8').trim().split('\r\n')).toHaveLength(products.length + 1);
    const listed = (await map('import', source, '--dry-run', '--json')).json<MappingImportResult>().planned;
    expect(listed).toHaveLength(products.length);
    expect(held().size).toBe(0);
    expect((await map('import', source)).stdout).toContain(
      `${products.length} Cartona ids written to Odoo and read back.`,
    );
    expect(held().size).toBe(products.length);
    const result = (await map('import', source, '--json')).json<MappingImportResult>();
    expect(result).toMatchObject({ changes: 0, written: 0, unchanged: products.length });
    expect(existsSync(path('m.rejected.csv'))).toBe(false);
    expect((await map('import', source, '--quiet')).stdout).toBe('');
  });

  it('without a field for the id, or with a file that is none: one sentence', async () => {
    const sandboxes = await startSandboxes({ products: 20, orders: 0 });
    await logIn(sandboxes);
    const home = sandboxes.env['CARTONA_HOME'] ?? '';
    const source = join(home, 'm.csv');
    writeFileSync(source, 'cartona_id,sku\n1,2\n');
    const missing = await runCli(['map', 'import', source], { env: sandboxes.env });
    expect(missing).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^Error: .*`cartona odoo setup`\.\n$/) as string,
    });
    const { map, file, path } = await ready();
    expect(await map('import', path('nothing.csv'))).toMatchObject({
      code: 8,
      stderr: expect.stringMatching(/^Error: [^\n]*nothing\.csv[^\n]*\n$/) as string,
    });
    expect(await map('import', file('x.csv', 'a,b\n1,2\n'))).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^Error: [^\n]*cartona_id[^\n]*\n$/) as string,
    });
    expect(await map('import', file('q.csv', 'cartona_id,sku\n1,"2\n'))).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^Error: [^\n]*line 2[^\n]*\n$/) as string,
    });
  });

  it('Ctrl-C stops between two parts with code 130; run again, the rest is done', async () => {
    const { env, products, file, map, held } = await ready({ products: 1500, odoo: { latencyMs: 60 } });
    const source = file(
      'm.csv',
      ['cartona_id,sku', ...products.map((product, at) => `N${at},${product.defaultCode}`)].join('\n'),
    );
    const { child, ended } = startCli(['map', 'import', source], { env });
    for (let waited = 0; held().size === 0 && waited < 30_000; waited += 5)
      await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(stderr).toMatch(/Stopping/);
    expect(code).toBe(130);
    expect(held().size).toBeLessThan(products.length);
    const rest = (await map('import', source, '--json')).json<MappingImportResult>();
    expect(rest).toMatchObject({ rejected: 0, unchanged: products.length - rest.written });
    expect(held().size).toBe(products.length);
  });
});

describe('map export, check, status, set and clear', () => {
  it('export and import are each other’s inverse; a clash is named and mended', async () => {
    const { products, map, held, path, odoo } = await ready({ odoo: { version: 19, cartonaField: 'product' } });
    const before = held();
    const file = path('out.csv');
    expect(await map('export', file)).toMatchObject({ code: 0, stderr: '' });
    const piped = await map('export');
    const rows = parse(piped.stdout).length - 1;
    expect(rows).toBeGreaterThanOrEqual(before.size);
    expect(readFileSync(file, 'utf8')).toBe(`\ufeff${piped.stdout}`);
    expect((await map('import', file, '--replace', '--json')).json<MappingImportResult>()).toMatchObject({
      rejected: 0,
      changes: 0,
      unchanged: rows,
    });
    expect((await map('status', '--json')).json<MappingStatus>()).toMatchObject({
      field: 'product.product.x_cartona_id',
    });
    expect(await map('check')).toMatchObject({ code: 0 });

    const [one, two] = products
      .filter((product) => before.has(product.defaultCode))
      .map((product) => product.defaultCode);
    const taken = before.get(one ?? '') ?? '';
    odoo.store.change((env) =>
      env.write('product.product', env.search('product.product', [['default_code', '=', two]]), {
        x_cartona_id: taken,
      }),
    );
    const check = await map('check');
    expect(check.code).toBe(3);
    for (const reference of [one, two]) expect(check.stdout).toContain(`[${reference}]`);
    expect((await map('check', '--json')).json<MappingCheck>().clashes).toMatchObject([{ cartonaId: taken }]);
    expect(await map('import', file)).toMatchObject({ code: 3 });

    expect(await map('set', two ?? '', 'NEW-1')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--replace/) as string,
    });
    expect(await map('set', two ?? '', 'NEW-1', '--replace')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`${taken} → NEW-1`) as string,
    });
    expect(await map('check')).toMatchObject({ code: 0 });
    expect(await map('clear', two ?? '')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('NEW-1 → none') as string,
    });
    expect(held().has(two ?? '')).toBe(false);
    const todo = await map('export', '--unmapped');
    expect(todo.stdout).toContain(`,${two},`);
  });

  it('--json and CSV do not share standard output', async () => {
    const { map } = await ready();
    const result = await map('export', '--json');
    expect(result.code).toBe(2);
    expect(result.json()).toMatchObject({
      error: { kind: 'usage', message: expect.stringContaining('name the file') as string },
    });
  });
});
