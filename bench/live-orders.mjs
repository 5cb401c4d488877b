// Signed orders at a fixed rate into the whole `cartona serve`, which brings them to the simulated Odoo meanwhile;
// every accepted one must be there in the end, once. `CARTONA_BENCH_SECONDS=60` for a whole minute.
import { setTimeout as sleep } from 'node:timers/promises';
import { makeHome, openMarketplace, jsonRpc } from './ground.mjs';
import { startService } from './live-latency.mjs';
import { SECRET, start, SUPPLIER } from './webhooks.mjs';

export async function run({ perSecond = 1000, seconds = Number(process.env.CARTONA_BENCH_SECONDS ?? 10) } = {}) {
  const [{ startOdoo }, { makeSupplier }] = await Promise.all([
    import('../dist/sandbox/odoo/odoo.js'),
    import('../dist/sandbox/supplier/supplier.js'),
  ]);
  const supplier = makeSupplier(SUPPLIER);
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
    .filter((product) => product.cartonaId !== null)
    .map((product) => ({ cartonaId: product.cartonaId, price: Number(product.listPrice) }));
  const marketplace = await openMarketplace(mapped);
  const home = await makeHome(odoo, marketplace, { webhooks: { requestsPerSecond: 0 } });
  const service = await startService({ ...home.env, CARTONA_WEBHOOK_SECRETS: SECRET }, home.dataFile);
  try {
    const before = simulated.store.records('sale.order').length;
    const load = { url: service.url, perSecond, seconds, warmUp: 2, seed: 1 };
    const sent = await start('sender', load).told();
    const from = performance.now();
    let there = 0;
    for (let still = 0; still < 120 && there < sent.answered; still += 1) {
      await sleep(1000);
      const now = simulated.store.db.table('sale.order').size - before;
      if (now > there) still = 0;
      there = now;
    }
    const refs = simulated.store
      .records('sale.order')
      .map((order) => order.client_order_ref)
      .filter(Boolean);
    const held = new Map();
    for (const { event, level, message } of service.events) {
      if (event !== 'order' || level !== 'warn') continue;
      const reason = message
        .replace(/^\S+/, '')
        .replace(/\d{6,}.*$/, '…')
        .slice(0, 40);
      held.set(reason, (held.get(reason) ?? 0) + 1);
    }
    return {
      name: `serve, ${perSecond} signed orders a second for ${seconds} s, into the simulated Odoo`,
      rows: [
        [
          'latency p50 / p99 / max',
          `${sent.p50.toFixed(1)} / ${sent.p99.toFixed(1)} / ${sent.max.toFixed(1)} ms`,
          'p99 at most 50 ms',
        ],
        ['accepted / refused', `${sent.answered} / ${sent.failed}`, 'all / 0'],
        [
          'orders in Odoo in the end',
          `${there}, ${refs.length - new Set(refs).size} twice; held: ${JSON.stringify(Object.fromEntries(held))}`,
          'all, none twice',
        ],
        ['after the last one was sent', `${((performance.now() - from) / 1000).toFixed(0)} s`, 'reported'],
      ],
    };
  } finally {
    await service.stop();
    await home.remove();
    await marketplace.close();
    await simulated.close();
  }
}

if (import.meta.filename === process.argv[1]) console.log(JSON.stringify(await run(), undefined, 1));
