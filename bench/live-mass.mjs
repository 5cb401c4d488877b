// A mass change of every price under `cartona serve`, against `sync prices` for the same change in the same run; and a
// stock change made in the middle of it.
import { setTimeout as sleep } from 'node:timers/promises';
import { client, makeHome, mappedProducts, openMarketplace, openOdoo, runProgram } from './ground.mjs';
import { startService } from './live-latency.mjs';
import { z } from 'zod';

const anything = z.unknown();

/** Every price times a factor, in one transaction of Odoo; answers with the instant at which it was committed. */
async function changeAll(api, templates, factor) {
  await api.call(
    'product.template',
    'load',
    {
      fields: ['.id', 'list_price'],
      data: templates.map((one) => [String(one.id), (one.price * factor).toFixed(2)]),
      context: { active_test: false, tracking_disable: true },
    },
    anything,
  );
  return performance.now();
}

async function templatesOf(api) {
  const rows = await api.call(
    'product.template',
    'search_read',
    { domain: [['product_variant_ids.x_cartona_id', '!=', false]], fields: ['list_price'] },
    z.array(z.object({ id: z.number(), list_price: z.number() })),
  );
  return rows.map((row) => ({ id: row.id, price: row.list_price }));
}

export async function run({ products = 10_000 } = {}) {
  const odoo = await openOdoo({ products });
  const api = client(odoo);
  const mapped = await mappedProducts(odoo);
  const templates = await templatesOf(api);
  const requests = { prices: 0, priceItems: new Map(), stock: new Map() };
  const marketplace = await openMarketplace(mapped);
  const home = await makeHome(odoo, marketplace);
  const { products: catalogue } = marketplace.state;
  for (const method of ['update', 'updateStock']) {
    const whole = catalogue[method].bind(catalogue);
    catalogue[method] = (items, ...rest) => {
      const at = performance.now();
      if (items.some((item) => item.selling_price !== undefined)) requests.prices += 1;
      for (const item of items) {
        if (item.selling_price !== undefined)
          requests.priceItems.set(`${item.internal_product_id} ${item.selling_price}`, at);
        else requests.stock.set(`${item.internal_product_id} ${item.available_stock_quantity}`, at);
      }
      return whole(items, ...rest);
    };
  }
  try {
    const first = await runProgram(['sync', 'prices', '--yes'], home.env);
    if (first.code !== 0) throw new Error(first.stderr);
    const service = await startService(home.env, home.dataFile);
    try {
      await sleep(15_000);
      const [place] = await api.call(
        'stock.warehouse',
        'search_read',
        { domain: [], fields: ['lot_stock_id'], load: '', limit: 1 },
        z.array(z.object({ lot_stock_id: z.number() })),
      );
      requests.prices = 0;
      const committed = await changeAll(api, templates, 1.04);
      await sleep(1000);
      const product = mapped[mapped.length >> 1];
      const quantity = 1000 + Math.floor(Math.random() * 1000);
      const quant = await api.call(
        'stock.quant',
        'create',
        {
          vals_list: { product_id: product.id, location_id: place.lot_stock_id, inventory_quantity: quantity },
          context: { inventory_mode: true },
        },
        z.number(),
      );
      await api.call('stock.quant', 'action_apply_inventory', { ids: [quant] }, anything);
      const counted = performance.now();
      const [{ free_qty: free }] = await api.call(
        'product.product',
        'read',
        { ids: [product.id], fields: ['free_qty'] },
        z.array(z.object({ free_qty: z.number() })),
      );
      const wanted = mapped.map((one) => `${one.cartonaId} ${Number((one.price * 1.04).toFixed(2))}`);
      const deadline = performance.now() + 60_000;
      while (performance.now() < deadline && wanted.some((key) => !requests.priceItems.has(key))) await sleep(100);
      const arrived = wanted.flatMap((key) => requests.priceItems.get(key) ?? []);
      await sleep(1500);
      const stockAt = requests.stock.get(`${product.cartonaId} ${free}`);
      const last = arrived.reduce((latest, at) => Math.max(latest, at), 0);
      const pushed = requests.prices;
      await service.stop();
      await changeAll(api, templates, 1.02);
      const alone = await runProgram(['sync', 'prices', '--json'], home.env);
      if (JSON.parse(alone.stdout).delivered < mapped.length * 0.9)
        throw new Error('the baseline did not send everything');
      return {
        name: `serve, mass change of ${mapped.length} prices, ${odoo.name}, 20 ms marketplace`,
        rows: [
          ['sync prices for the same change', `${alone.seconds.toFixed(2)} s`],
          ['arrived', `${arrived.length} of ${wanted.length}`, 'all'],
          ['from the commit to the last price', `${((last - committed) / 1000).toFixed(2)} s`],
          ['ratio', `${((last - committed) / 1000 / alone.seconds).toFixed(2)} ×`, 'at most 1.5 ×'],
          ['requests with prices', String(pushed), `${Math.ceil(mapped.length / 100)} at least`],
          [
            'stock counted in the middle, commit to request',
            stockAt === undefined ? 'did not arrive' : `${((stockAt - counted) / 1000).toFixed(3)} s`,
            'at most 1 s',
          ],
        ],
      };
    } finally {
      service.child.kill('SIGKILL');
    }
  } finally {
    // As it was: the next run starts from the same prices.
    await changeAll(api, templates, 1).catch(() => undefined);
    await home.remove();
    await marketplace.close();
    await odoo.close();
  }
}

if (import.meta.filename === process.argv[1]) console.log(JSON.stringify(await run({}), undefined, 1));
