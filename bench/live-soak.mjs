// Thousands of cycles of the built service on shortened periods, with changes on both sides: memory, file handles and
// the database must stop growing. `CARTONA_BENCH_CYCLES` polls, 10,000 unless told.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeHome, jsonRpc, openMarketplace } from './ground.mjs';
import { startService } from './live-latency.mjs';

const rss = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
const handles = (pid) => readdirSync(`/proc/${pid}/fd`).length;
const polls = async (url) =>
  Number(/^cartona_poll_seconds_count (.+)$/m.exec(await (await fetch(url)).text())?.[1] ?? 0);

export async function run({ cycles = Number(process.env.CARTONA_BENCH_CYCLES ?? 10_000) } = {}) {
  const [{ startOdoo }, { makeSupplier }] = await Promise.all([
    import('../dist/sandbox/odoo/odoo.js'),
    import('../dist/sandbox/supplier/supplier.js'),
  ]);
  const supplier = makeSupplier({ seed: 3, products: 60, orders: 0 });
  const simulated = await startOdoo({ version: 18, supplier, cartonaField: 'product' });
  const { url, db, login, key } = simulated;
  const odoo = {
    url,
    db,
    login,
    key,
    version: '18.0',
    major: 18,
    uid: await jsonRpc(url, 'common', 'authenticate', [db, login, key, {}]),
  };
  const mapped = supplier.products
    .filter((product) => product.cartonaId !== null && product.active)
    .map((product) => ({ cartonaId: product.cartonaId, price: Number(product.listPrice) }));
  const marketplace = await openMarketplace(mapped, { latencyMs: 0 });
  const home = await makeHome(odoo, marketplace, {
    serve: { pollMs: 10, idlePollMs: 10, sweepMinutes: 0.01, pullMinutes: 0.005 },
    audit: { keepDays: 0.0005 },
  });
  const service = await startService(home.env, home.dataFile);
  const seen = [];
  const placed = [];
  const control = async (path) => {
    const answer = await fetch(`${marketplace.url}/_sandbox/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    return answer.json();
  };
  try {
    let price = 10;
    for (let done = 0; done < cycles; done = await polls(service.metricsUrl)) {
      // A change now and then: an idle service has little to leak.
      price = 10 + ((price - 9) % 5);
      simulated.store.change((env) => {
        const [id] = env.search('product.product', [['x_cartona_id', '!=', false]]);
        env.write('product.product', [id], { lst_price: price });
      });
      // Some retailer orders, and cancels a little later: what is over on both sides is forgotten in the end.
      if (placed.length > 3) await control(`orders/${placed.shift()}/cancel`);
      if (done % 400 < 100) placed.push((await control('orders')).hashed_id);
      await sleep(500);
      seen.push({
        done,
        mb: rss(service.child.pid),
        fds: handles(service.child.pid),
        kb: statSync(home.dataFile).size / 1024,
      });
    }
    const half = seen.slice(Math.floor(seen.length / 2));
    const quarter = (part) =>
      half.slice(Math.floor((half.length * part) / 2), Math.floor((half.length * (part + 1)) / 2));
    const most = (rows, what) => Math.max(...rows.map((row) => row[what]));
    return {
      name: `serve, ${cycles} polls on shortened periods, simulated Odoo`,
      rows: ['mb', 'fds', 'kb'].map((what) => [
        { mb: 'memory, MB', fds: 'file handles', kb: 'data file, KB' }[what],
        `third quarter ${most(quarter(0), what).toFixed(0)}, last ${most(quarter(1), what).toFixed(0)}`,
        'no growth',
      ]),
    };
  } finally {
    await service.stop();
    await home.remove();
    await marketplace.close();
    await simulated.close();
  }
}

if (import.meta.filename === process.argv[1]) console.log(JSON.stringify(await run(), undefined, 1));
