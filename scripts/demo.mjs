// `npm run demo`: the whole main job as a person at a terminal sees it, on a sandbox. Builds if need be, ends by itself
// and leaves nothing behind. Every step is the real program, started anew, with its real output.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'bin', 'run.js');
const bold = (text) => (process.stdout.isTTY ? `\u001b[1m${text}\u001b[0m` : text);

function newest(folder) {
  return Math.max(...readdirSync(folder, { recursive: true }).map((name) => statSync(join(folder, name)).mtimeMs));
}

async function run(command, args, options = {}) {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
}

async function build() {
  const manifest = join(root, 'oclif.manifest.json');
  if (existsSync(manifest) && existsSync(join(root, 'dist')) && statSync(manifest).mtimeMs > newest(join(root, 'src')))
    return;
  console.log('Building …');
  if ((await run(process.execPath, [join(root, 'scripts', 'build.mjs')])) !== 0) throw new Error('the build failed');
}

/** Starts `cartona sandbox` and waits for its one line of JSON. */
async function startSandbox(csv) {
  const size = ['--products', '60', '--orders', '15'];
  const child = spawn(
    process.execPath,
    [bin, 'sandbox', '--json', '--seed', '7', ...size, '--mapping-csv', csv, '--bad-rows'],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const line = await new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
    child.on('exit', (code) => reject(new Error(`the sandbox ended (${code})`)));
  });
  return {
    addresses: JSON.parse(line),
    stop: () =>
      new Promise((resolve) => {
        child.on('exit', resolve);
        child.kill('SIGTERM');
      }),
  };
}

/** People at work in Odoo, whom no command of ours replaces: `on(model, method, positional, named)`. */
async function signInToOdoo({ url, db, login, key }) {
  const rpc = async (service, method, args) => {
    const answer = await fetch(`${url}/jsonrpc`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'call', params: { service, method, args } }),
    });
    const { result, error } = await answer.json();
    if (error) throw new Error(error.data?.message ?? error.message);
    return result;
  };
  const uid = await rpc('common', 'authenticate', [db, login, key, {}]);
  return (model, method, args, named = {}) => rpc('object', 'execute_kw', [db, uid, key, model, method, args, named]);
}

await build();
const home = await mkdtemp(join(tmpdir(), 'cartona-demo-'));
const csv = join(home, 'products.csv');
const started = Date.now();
let sandbox;
try {
  sandbox = await startSandbox(csv);
  const { marketplace, odoo } = sandbox.addresses;
  const env = { ...process.env, CARTONA_HOME: home, ...sandbox.addresses.env, ...sandbox.addresses.adminEnv };
  const say = (text) => console.log(`\n${bold(`# ${text}`)}`);
  const cartonaRun = async (...args) => {
    console.log(`\n${bold(`$ cartona ${args.map((arg) => (arg === csv ? 'products.csv' : arg)).join(' ')}`)}`);
    const code = await run(process.execPath, [bin, ...args], { env, stdio: ['ignore', 'inherit', 'inherit'] });
    if (code !== 0) console.log(`(exit code ${code})`);
    return code;
  };
  const expect = async (code, ...args) => {
    const got = await cartonaRun(...args);
    if (got !== code) throw new Error(`\`cartona ${args.join(' ')}\` ended with ${got} instead of ${code}`);
  };

  say(
    `A marketplace at ${marketplace.url} and an Odoo ${odoo.version} at ${odoo.url}, both simulated, with a supplier's data`,
  );
  say('Connect both sides. Without a terminal nothing is asked: everything comes from the environment');
  await expect(0, 'login');
  say('Once, as an administrator: the field that holds the Cartona id');
  await expect(0, 'odoo', 'setup');
  say('Map products from a CSV. Some rows are wrong: nothing is written, each is named');
  await expect(3, 'map', 'import', csv);
  say('Take the good rows anyway; the exit code still tells');
  await expect(3, 'map', 'import', csv, '--skip-invalid');
  await expect(0, 'map', 'status');
  say('What would change at Cartona?');
  await expect(0, 'sync', 'prices', '--dry-run');
  say('Send it');
  await expect(0, 'sync', 'prices');
  const inOdoo = await signInToOdoo(odoo);
  const [product] = await inOdoo('product.product', 'search_read', [[['default_code', '=', 'SKU-10005']]], {
    fields: ['default_code', 'list_price'],
  });
  const typeInOdoo = async (listPrice) => {
    const change = JSON.stringify({ product: product.default_code, list_price: listPrice });
    const { ok } = await fetch(`${odoo.url}/_sandbox/products`, { method: 'POST', body: change });
    if (!ok) throw new Error(`the sandbox refused ${change}`);
  };
  await typeInOdoo(product.list_price * 10);
  say('Somebody types a digit too many into a price in Odoo. It does not get out without a yes');
  await expect(7, 'sync', 'prices');
  await typeInOdoo(product.list_price);
  say('Corrected in Odoo: nothing differs any more');
  await expect(0, 'sync', 'prices');
  say("Cartona's orders become sale orders; those that cannot be made whole are kept and named");
  await expect(3, 'orders', 'pull');
  await expect(0, 'orders', 'list', '--limit', '10');
  say('Stock, less what those orders have taken');
  await expect(0, 'sync', 'stock', '--dry-run');
  await expect(0, 'sync', 'stock', '--yes');
  const [order] = await inOdoo(
    'sale.order',
    'search_read',
    [
      [
        ['state', '=', 'draft'],
        ['client_order_ref', '!=', false],
      ],
    ],
    { fields: ['name', 'client_order_ref'], order: 'id', limit: 1 },
  );
  await inOdoo('sale.order', 'action_confirm', [[order.id]]);
  say(`A salesperson has confirmed ${order.name} in Odoo; Cartona is told`);
  await expect(0, 'orders', 'push', '--dry-run');
  await expect(0, 'orders', 'push');
  await expect(0, 'orders', 'show', order.client_order_ref);
  console.log(
    `\nThat was the main job, in ${((Date.now() - started) / 1000).toFixed(0)} s. Nothing of it is left on this machine.`,
  );
} finally {
  await sandbox?.stop();
  await rm(home, { recursive: true, force: true });
}
