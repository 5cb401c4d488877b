// `cartona serve` beside a stream of changes in Odoo: from the commit of a price (a stock count) to the request at
// Cartona.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'libsql';
import { BIN, client, makeHome, mappedProducts, openMarketplace, openOdoo, runProgram } from './ground.mjs';
import { z } from 'zod';

const anything = z.unknown();

/** The value below which a share of the values lies. */
export const percentile = (values, share) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];

/** Starts the service, live from the beginning, and waits until it has compared everything. */
export async function startService(env, dataFile, args = ['--port', '0']) {
  const child = spawn(process.execPath, [BIN, 'serve', '--log-format', 'json', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const events = [];
  let rest = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines) if (line.startsWith('{')) events.push(JSON.parse(line));
    });
  }
  const until = async (name) => {
    while (!events.some((event) => event.event === name)) {
      if (child.exitCode !== null) throw new Error(`the service ended with ${child.exitCode}`);
      await sleep(50);
    }
    return events.find((event) => event.event === name);
  };
  const { url, metricsUrl } = await until('ready');
  const db = new Database(dataFile);
  db.exec('PRAGMA busy_timeout = 5000');
  db.prepare(
    `INSERT INTO note (profile, name, value, at) SELECT profile, 'live', '{"since":1,"by":"bench"}', 1 FROM note WHERE name = 'service'`,
  ).run();
  db.close();
  await until('compared');
  const stop = async () => {
    child.kill('SIGTERM');
    await new Promise((resolve) => child.once('exit', resolve));
  };
  return { child, url, metricsUrl, events, stop };
}

/**
 * Makes changes at a steady pace (stock one by one: counts that meet in one location make Odoo fail): `{ id, value, at
 * }` with the instant at which Odoo answered, that is: had committed.
 */
async function changes(products, perSecond, seconds, change, oneByOne) {
  const made = [];
  const started = performance.now();
  const pending = [];
  for (let at = 0; at < perSecond * seconds; at += 1) {
    const due = started + (at * 1000) / perSecond;
    await sleep(Math.max(0, due - performance.now()));
    // Steps that share no divisor with the catalogue's size: every product at most once.
    const product = products[(at * 7919) % products.length];
    const making = (oneByOne ? (pending.at(-1) ?? Promise.resolve()) : Promise.resolve()).then(() =>
      change(product, at),
    );
    pending.push(making.then((value) => made.push({ cartonaId: product.cartonaId, value, at: performance.now() })));
  }
  await Promise.all(pending);
  return made;
}

/** A free port, for an address that has to be known beforehand. */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

/** @param push Odoo's automation rules tell of changes (installed and taken away with the administrator's login) */
export async function run({
  products = 10_000,
  push = false,
  perSecond = 10,
  seconds = Number(process.env.CARTONA_BENCH_SECONDS ?? 60),
  what = 'price',
} = {}) {
  const odoo = await openOdoo({ products });
  const api = client(odoo);
  const mapped = await mappedProducts(odoo);
  const marketplace = await openMarketplace(mapped, { logLimit: 0 });
  const home = await makeHome(odoo, marketplace);
  const arrived = new Map();
  const { products: catalogue } = marketplace.state;
  // Seen after the marketplace's own 20 ms, which are counted as ours.
  for (const method of ['update', 'updateStock']) {
    const whole = catalogue[method].bind(catalogue);
    catalogue[method] = (items, ...rest) => {
      for (const item of items) {
        const key = `${item.internal_product_id} ${item.selling_price ?? item.available_stock_quantity}`;
        if (!arrived.has(key)) arrived.set(key, performance.now());
      }
      return whole(items, ...rest);
    };
  }
  const adminEnv = {
    ...home.env,
    CARTONA_ODOO_ADMIN_LOGIN: process.env.CARTONA_TEST_ODOO_ADMIN_LOGIN ?? '',
    CARTONA_ODOO_ADMIN_KEY: process.env.CARTONA_TEST_ODOO_ADMIN_KEY ?? '',
  };
  const port = push ? await freePort() : 0;
  if (push) {
    const setUp = await runProgram(['odoo', 'setup', '--push', '--push-url', `http://127.0.0.1:${port}`], adminEnv);
    if (setUp.code !== 0) throw new Error(setUp.stderr);
  }
  const service = await startService(home.env, home.dataFile, ['--port', String(port)]);
  try {
    await sleep(2000);
    const [location] =
      what === 'price'
        ? []
        : await api.call(
            'stock.warehouse',
            'search_read',
            { domain: [], fields: ['lot_stock_id'], load: '', limit: 1 },
            z.array(z.object({ lot_stock_id: z.number() })),
          );
    const setPrice = async (product, at) => {
      const value = Number((product.price * (1 + ((at % 20) + 1) / 100)).toFixed(2));
      await api.call('product.product', 'write', { ids: [product.id], vals: { lst_price: value } }, anything);
      return value;
    };
    // Another figure than an earlier run has left behind.
    const base = 100 + Math.floor(Math.random() * 100_000);
    const setStock = async (product, at) => {
      const value = base + (at % 900);
      const quant = await api.call(
        'stock.quant',
        'create',
        {
          vals_list: { product_id: product.id, location_id: location.lot_stock_id, inventory_quantity: value },
          context: { inventory_mode: true },
        },
        z.number(),
      );
      await api.call('stock.quant', 'action_apply_inventory', { ids: [quant] }, anything);
      return value;
    };
    const made = await changes(mapped, perSecond, seconds, what === 'price' ? setPrice : setStock, what === 'stock');
    await sleep(3000);
    const delays = made.flatMap(({ cartonaId, value, at }) => {
      const when = arrived.get(`${cartonaId} ${value}`);
      return when === undefined ? [] : [(when - at) / 1000];
    });
    return {
      name: `serve, ${mapped.length} products, ${perSecond} changes of ${what} a second for ${seconds} s, ${odoo.name}, 20 ms marketplace${push ? ', with --push' : ''}`,
      rows: [
        ['arrived within 3 s of the end', `${delays.length} of ${made.length}`, 'all'],
        ['commit to request, p50', `${percentile(delays, 0.5).toFixed(3)} s`, `at most ${push ? 0.1 : 0.4} s`],
        ['p99', `${percentile(delays, 0.99).toFixed(3)} s`, 'at most 1 s'],
        ['longest', `${Math.max(...delays).toFixed(3)} s`],
      ],
    };
  } finally {
    await service.stop();
    if (push) await runProgram(['odoo', 'teardown', '--yes'], adminEnv);
    await home.remove();
    await marketplace.close();
    await odoo.close();
  }
}

if (import.meta.filename === process.argv[1])
  console.log(
    JSON.stringify(await run({ what: process.argv[2] ?? 'price', push: process.argv[3] === 'push' }), undefined, 1),
  );
