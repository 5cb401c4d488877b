// `cartona sync prices` with every price changed, whole program, against reading the same rows alone over the same
// protocol.
import Database from 'libsql';
import { client, makeHome, mappedProducts, median, openMarketplace, openOdoo, runProgram } from './ground.mjs';
import { z } from 'zod';

const rows = z.array(z.unknown());

/** Reading those rows and nothing else, in pages by id; start-up of a program not included. */
async function readAlone(odoo) {
  const api = client(odoo);
  const started = performance.now();
  for (let last = 0; ;) {
    const page = await api.call(
      'product.product',
      'search_read',
      {
        domain: [
          ['x_cartona_id', '!=', false],
          ['id', '>', last],
        ],
        fields: ['x_cartona_id', 'active', 'lst_price'],
        order: 'id',
        limit: 2000,
      },
      rows,
    );
    if (page.length < 2000) break;
    last = page.at(-1).id;
  }
  return (performance.now() - started) / 1000;
}

/** As after an earlier sync, with every price changed in Odoo since. */
function makeEveryPriceDiffer(dataFile) {
  const db = new Database(dataFile);
  db.exec("UPDATE delivery SET delivered = printf('%.2f', wanted * 1.05) WHERE flow = 'price'");
  db.close();
}

/** @param products at least so many are mapped; a real Odoo that holds more is measured with all of them */
export async function run({ products = 10_000, runs = 5 } = {}) {
  const odoo = await openOdoo({ products });
  const mapped = await mappedProducts(odoo);
  const marketplace = await openMarketplace(mapped);
  const home = await makeHome(odoo, marketplace);
  try {
    const first = await runProgram(['sync', 'prices', '--yes'], home.env);
    if (first.code !== 0) throw new Error(`the first run failed: ${first.stderr}${first.stdout}`);
    const ratios = [];
    const whole = [];
    const reading = [];
    const peaks = [];
    for (let at = 0; at < runs; at += 1) {
      makeEveryPriceDiffer(home.dataFile);
      const alone = await readAlone(odoo);
      const program = await runProgram(['sync', 'prices', '--json'], home.env);
      const report = JSON.parse(program.stdout);
      if (program.code !== 0 || report.delivered !== mapped.length)
        throw new Error(
          `sync ended with ${program.code} and delivered ${report.delivered} of ${mapped.length}: ${program.stdout.slice(0, 600)} ${program.stderr}`,
        );
      ratios.push(program.seconds / alone);
      whole.push(program.seconds);
      reading.push(alone);
      peaks.push(program.peakMb);
    }
    return {
      name: `sync prices, ${mapped.length} changed, ${odoo.name}, 20 ms marketplace`,
      rows: [
        ['reading the rows alone', `${median(reading).toFixed(2)} s`],
        ['whole program', `${median(whole).toFixed(2)} s`],
        ['ratio (pairwise median)', `${median(ratios).toFixed(2)} ×`, odoo.real ? 'at most 1.5 ×' : 'reported'],
        ['peak memory', `${median(peaks).toFixed(0)} MB`, 'at most 150 MB'],
      ],
      peakMb: median(peaks),
    };
  } finally {
    await home.remove();
    await marketplace.close();
    await odoo.close();
  }
}

if (import.meta.filename === process.argv[1])
  console.log(await run({ products: Number(process.argv[2] ?? 10_000), runs: Number(process.argv[3] ?? 5) }));
