// Ground for the benchmarks: an Odoo with mapped products (the real one that CARTONA_TEST_ODOO_URL names, else the
// simulated one), a simulated marketplace that lists the same products, and a home directory with a stored profile.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createOdoo } from '../dist/lib/odoo/client.js';
import { z } from 'zod';

export const BIN = fileURLToPath(new URL('../bin/run.js', import.meta.url));
const anything = z.unknown();

export const machine = () =>
  `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;

/** The Odoo to measure against: `{ name, url, db, login, key, admin, major, uid, close }`. */
export async function openOdoo({ products }) {
  const env = process.env;
  if (env.CARTONA_TEST_ODOO_URL) {
    const account = {
      url: env.CARTONA_TEST_ODOO_URL,
      db: env.CARTONA_TEST_ODOO_DB,
      login: env.CARTONA_TEST_ODOO_LOGIN,
      key: env.CARTONA_TEST_ODOO_KEY,
    };
    const rpc = (service, method, args) => jsonRpc(account.url, service, method, args);
    const version = await rpc('common', 'version', []);
    const uid = await rpc('common', 'authenticate', [account.db, account.login, account.key, {}]);
    const adminLogin = env.CARTONA_TEST_ODOO_ADMIN_LOGIN ?? account.login;
    const adminKey = env.CARTONA_TEST_ODOO_ADMIN_KEY ?? account.key;
    const adminUid = await rpc('common', 'authenticate', [account.db, adminLogin, adminKey, {}]);
    const major = version.server_version_info[0];
    const odoo = {
      ...account,
      name: `real Odoo ${version.server_version}`,
      version: version.server_version,
      uid,
      major,
      real: true,
      close: async () => undefined,
    };
    await fillRealOdoo(client(odoo), client({ ...odoo, login: adminLogin, key: adminKey, uid: adminUid }), products);
    return odoo;
  }
  const [{ startOdoo }, { makeSupplier }] = await Promise.all([
    import('../dist/sandbox/odoo/odoo.js'),
    import('../dist/sandbox/supplier/supplier.js'),
  ]);
  // Not every product of a believable supplier is on the marketplace: some more than are asked for.
  const supplier = makeSupplier({ seed: 1, products: Math.ceil(products * 1.4), orders: 0 });
  const simulated = await startOdoo({ version: 18, supplier, cartonaField: 'product' });
  const uid = await jsonRpc(simulated.url, 'common', 'authenticate', [
    simulated.db,
    simulated.login,
    simulated.key,
    {},
  ]);
  return {
    name: 'simulated Odoo 18',
    version: '18.0',
    url: simulated.url,
    db: simulated.db,
    login: simulated.login,
    key: simulated.key,
    uid,
    major: 18,
    real: false,
    close: () => simulated.close(),
  };
}

export const client = (odoo) => createOdoo({ ...odoo, protocol: 'json-rpc' });

async function fillRealOdoo(odoo, admin, products) {
  const fields = await odoo.call(
    'product.product',
    'fields_get',
    { allfields: ['x_cartona_id'], attributes: ['type'] },
    z.record(z.string(), anything),
  );
  if (!('x_cartona_id' in fields)) {
    const [model] = await admin.call(
      'ir.model',
      'search',
      { domain: [['model', '=', 'product.product']] },
      z.array(z.number()),
    );
    await admin.call(
      'ir.model.fields',
      'create',
      {
        vals_list: [
          {
            model_id: model,
            name: 'x_cartona_id',
            field_description: 'Cartona ID',
            ttype: 'char',
            index: true,
            copied: false,
          },
        ],
      },
      anything,
    );
  }
  let have = await odoo.call(
    'product.product',
    'search_count',
    { domain: [['x_cartona_id', '!=', false]] },
    z.number(),
  );
  const storable = odoo.major >= 18 ? { is_storable: true } : { detailed_type: 'product' };
  while (have < products) {
    const size = Math.min(500, products - have);
    const rows = Array.from({ length: size }, (_, at) => ({
      name: `منتج ${have + at}`,
      default_code: `BENCH-${have + at}`,
      list_price: 10 + ((have + at) % 90) + 0.25,
      ...storable,
      x_cartona_id: `B${have + at}`,
    }));
    await odoo.call('product.product', 'create', { vals_list: rows }, anything);
    have += size;
  }
}

export async function jsonRpc(url, service, method, args) {
  const answer = await fetch(`${url}/jsonrpc`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'call', params: { service, method, args } }),
  });
  const body = await answer.json();
  if (body.error) throw new Error(body.error.data?.message ?? body.error.message);
  return body.result;
}

/** All mapped products: `[{ id, cartonaId, price }]`. */
export async function mappedProducts(odoo) {
  const rows = await client(odoo).call(
    'product.product',
    'search_read',
    { domain: [['x_cartona_id', '!=', false]], fields: ['x_cartona_id', 'lst_price'], order: 'id' },
    z.array(z.object({ id: z.number(), x_cartona_id: z.string(), lst_price: z.number() })),
  );
  return rows.map((row) => ({ id: row.id, cartonaId: row.x_cartona_id, price: row.lst_price }));
}

/** A marketplace that lists just these products. */
export async function openMarketplace(products, options = {}) {
  const { startMarketplace } = await import('../dist/sandbox/marketplace/server.js');
  const marketplaceProducts = products.map((product, at) => ({
    supplierProductId: at + 1,
    internalProductId: product.cartonaId,
    baseProductId: at + 1,
    unit: 'piece',
    unitCount: 1,
    name: `Product ${product.cartonaId}`,
    sellingPrice: (product.price * 1.1).toFixed(2),
    stock: 5,
    taxPercentage: 0,
    isPublished: true,
    minOrder: 1,
    maxOrder: null,
    remindMeAtStock: null,
    isBundle: false,
    notes: null,
    inStock: true,
    soldAmount: 0,
    medianPrice: null,
  }));
  return startMarketplace({
    supplier: { products: [], marketplaceProducts, orders: [], ...options.supplier },
    latencyMs: 20,
    logLimit: 0,
    ...options,
  });
}

/** A directory with a stored profile for the two, with these settings; `env` points the program to it. */
export async function makeHome(odoo, marketplace, settings = {}) {
  const home = await mkdtemp(join(tmpdir(), 'cartona-bench-'));
  const env = { ...process.env, CARTONA_HOME: home, CARTONA_TOKEN: marketplace.token, CARTONA_ODOO_KEY: odoo.key };
  const [{ pathsOf }, { saveProfile }, { profileSchema }] = await Promise.all([
    import('../dist/lib/settings/paths.js'),
    import('../dist/lib/settings/profiles.js'),
    import('../dist/lib/settings/profile.js'),
  ]);
  const profile = profileSchema.parse({
    ...settings,
    cartona: { url: marketplace.url, dialect: 'base-product' },
    odoo: {
      url: odoo.url,
      db: odoo.db,
      login: odoo.login,
      uid: odoo.uid,
      version: { major: odoo.major, text: odoo.version },
      protocol: 'json-rpc',
      company: { id: 1, name: 'Bench' },
      idField: { model: 'product.product', name: 'x_cartona_id' },
    },
  });
  await saveProfile(pathsOf(env), 'default', profile);
  return { home, env, dataFile: pathsOf(env).dataFile, remove: () => rm(home, { recursive: true, force: true }) };
}

/**
 * Runs the built program and measures it whole: `{ code, seconds, peakMb, stdout }`. Peak memory is the kernel's own
 * figure.
 */
export async function runProgram(args, env) {
  const started = performance.now();
  const child = spawn(
    process.execPath,
    ['--import', fileURLToPath(new URL('peak.mjs', import.meta.url)), BIN, ...args],
    { env, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] },
  );
  const streams = ['', '', ''];
  [child.stdout, child.stderr, child.stdio[3]].forEach((stream, at) =>
    stream.on('data', (chunk) => {
      streams[at] += chunk;
    }),
  );
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const [stdout, stderr, peak] = streams;
  return { code, seconds: (performance.now() - started) / 1000, peakMb: Number(peak) / 1024, stdout, stderr };
}

export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
