// A person's own save in Odoo beside a polling `cartona serve`: blocks of saves with the service at work and with it
// standing still (stopped by a signal), in turn.
import { setTimeout as sleep } from 'node:timers/promises';
import { client, makeHome, mappedProducts, median, openMarketplace, openOdoo } from './ground.mjs';
import { startService } from './live-latency.mjs';
import { z } from 'zod';

const anything = z.unknown();

export async function run({ products = 10_000, rounds = 12, saves = 20 } = {}) {
  const odoo = await openOdoo({ products });
  const api = client(odoo);
  const mapped = await mappedProducts(odoo);
  const marketplace = await openMarketplace(mapped);
  const home = await makeHome(odoo, marketplace);
  const service = await startService(home.env, home.dataFile);
  const partner = await api.call(
    'res.partner',
    'create',
    { vals_list: [{ name: 'A customer of the benchmark' }] },
    z.array(z.number()),
  );
  // A save that concerns neither prices nor stock: what it costs more is the polling alone.
  const block = async () => {
    const times = [];
    for (let at = 0; at < saves; at += 1) {
      const started = performance.now();
      await api.call('res.partner', 'write', { ids: partner, vals: { comment: `bench ${at}` } }, anything);
      times.push(performance.now() - started);
      await sleep(100);
    }
    return times.reduce((sum, time) => sum + time, 0) / times.length;
  };
  try {
    await sleep(10_000);
    const ratios = [];
    const stood = [];
    for (let round = 0; round < rounds; round += 1) {
      const working = await block();
      service.child.kill('SIGSTOP');
      const standing = await block();
      service.child.kill('SIGCONT');
      await sleep(500);
      ratios.push(working / standing);
      stood.push(standing);
    }
    return {
      name: `a person's save beside serve, ${mapped.length} products, ${odoo.name}`,
      rows: [
        ['a save without the service', `${median(stood).toFixed(1)} ms`],
        ['with it, ratio (pairwise median)', `${median(ratios).toFixed(3)} ×`, 'at most 1.02 ×'],
      ],
    };
  } finally {
    await service.stop();
    await home.remove();
    await marketplace.close();
    await odoo.close();
  }
}

if (import.meta.filename === process.argv[1]) console.log(JSON.stringify(await run({}), undefined, 1));
