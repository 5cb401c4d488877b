// `cartona map import`: reading and judging a file against csv-parse alone on it, and the whole built program's time
// and peak memory. The real server that CARTONA_TEST_ODOO_URL names is used as far as it holds products enough, else
// the simulated one.
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse';
import { importMapping } from '../dist/lib/mapping/import.js';
import { profileSchema } from '../dist/lib/settings/profile.js';
import { makeHome, mappedProducts, median, openOdoo, runProgram } from './ground.mjs';

/** The file that a supplier would send: id, product, and a name that nobody asked for. */
const fileOf = (rows) =>
  [
    'cartona_id,odoo_id,internal_reference,name',
    ...rows.map(({ cartonaId, id, reference }) => `${cartonaId},${id},${reference ?? ''},"منتج رقم ${id}, عبوة 12"`),
  ].join('\n');

async function parseAlone(file) {
  const started = performance.now();
  await new Promise((resolve, reject) =>
    createReadStream(file)
      .pipe(parse())
      .on('data', () => undefined)
      .on('end', resolve)
      .on('error', reject),
  );
  return performance.now() - started;
}

/**
 * The whole import but for its look-ups: these are answered at once with what was prepared, and the time that takes is
 * taken off.
 */
async function judgeAlone(file, prepared) {
  let lookups = 0;
  const odoo = {
    major: 18,
    url: 'http://127.0.0.1:9',
    async call(model, method, { domain }, answer) {
      const started = performance.now();
      const ids = domain.flatMap((term) => (Array.isArray(term) && term[0] === 'id' ? term[2] : []));
      const page = ids[0] ?? 0;
      if (!prepared.has(page))
        prepared.set(
          page,
          answer.parse(
            ids.map((id) => ({ id, active: true, default_code: `R${id}`, barcode: false, x_cartona_id: false })),
          ),
        );
      lookups += performance.now() - started;
      return prepared.get(page);
    },
  };
  const profile = profileSchema.parse({
    cartona: { url: odoo.url, dialect: 'base-product' },
    odoo: {
      url: odoo.url,
      db: 'bench',
      login: 'bench',
      uid: 2,
      version: { major: 18, text: '18.0' },
      protocol: 'json-rpc',
      company: { id: 1, name: 'Bench' },
      idField: { model: 'product.product', name: 'x_cartona_id' },
    },
  });
  const started = performance.now();
  const result = await importMapping({ profile, odoo, signal: undefined, progress: () => undefined }, file, {
    dryRun: true,
  });
  if (result.rejected > 0)
    throw new Error(`${result.rejected} rows were rejected: ${JSON.stringify(result.problems[0])}`);
  return performance.now() - started - lookups;
}

async function judging({ rows, runs }) {
  const directory = await mkdtemp(join(tmpdir(), 'cartona-bench-'));
  try {
    const file = join(directory, 'map.csv');
    await writeFile(
      file,
      fileOf(
        Array.from({ length: rows }, (_, at) => ({
          id: at + 1,
          reference: `R${at + 1}`,
          cartonaId: `CRT-${100_000 + at}`,
        })),
      ),
    );
    const pairs = [];
    const prepared = new Map();
    for (let at = 0; at < runs; at += 1)
      pairs.push({ alone: await parseAlone(file), ours: await judgeAlone(file, prepared) });
    // The best of each: what is left when nothing else disturbed it.
    const [alone, ours] = [Math.min(...pairs.map((pair) => pair.alone)), Math.min(...pairs.map((pair) => pair.ours))];
    return { alone, ours, ratio: ours / alone };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The built program on a file that gives every product a new id. */
async function whole({ products, runs }) {
  const odoo = await openOdoo({ products });
  const mapped = (await mappedProducts(odoo)).slice(0, products);
  const home = await makeHome(odoo, { url: 'http://127.0.0.1:9', token: 'bench-token' });
  const results = [];
  try {
    const file = join(home.home, 'map.csv');
    for (let at = 0; at < runs; at += 1) {
      const tag = `${Date.now().toString(36)}-`;
      await writeFile(file, fileOf(mapped.map(({ id }) => ({ id, cartonaId: `${tag}${id}` }))));
      const program = await runProgram(['map', 'import', file, '--replace', '--json'], home.env);
      const report = program.code === 0 ? JSON.parse(program.stdout) : {};
      if (report.written !== mapped.length)
        throw new Error(
          `import ended with ${program.code} and wrote ${report.written} of ${mapped.length}: ${program.stderr}${program.stdout.slice(0, 600)}`,
        );
      results.push(program);
    }
    return {
      name: odoo.name,
      products: mapped.length,
      seconds: median(results.map((result) => result.seconds)),
      peakMb: median(results.map((result) => result.peakMb)),
    };
  } finally {
    await home.remove();
    await odoo.close();
  }
}

export async function run({
  small = 10_000,
  large = process.env.CARTONA_TEST_ODOO_URL ? 0 : 100_000,
  rows = 100_000,
  runs = 3,
} = {}) {
  const judged = await judging({ rows, runs: 8 });
  const table = [
    [`csv-parse alone, ${rows} rows (best of 8)`, `${judged.alone.toFixed(0)} ms`],
    ['reading and judging, look-ups excluded (best of 8)', `${judged.ours.toFixed(0)} ms`],
    ['ratio', `${judged.ratio.toFixed(2)} ×`, 'at most 3 ×'],
  ];
  const peaks = [];
  for (const products of [small, large].filter((count) => count > 0)) {
    const result = await whole({ products, runs });
    peaks.push(result.peakMb);
    table.push(
      [`whole program, ${result.products} new ids, ${result.name}`, `${result.seconds.toFixed(1)} s`],
      [`peak memory at ${result.products}`, `${result.peakMb.toFixed(0)} MB`, 'at most 150 MB'],
    );
  }
  if (peaks.length > 1) table.push(['growth', `${(peaks[1] / peaks[0]).toFixed(2)} ×`, 'at most 1.3 ×']);
  return { name: 'map import', rows: table };
}

if (import.meta.filename === process.argv[1]) console.log(await run());
