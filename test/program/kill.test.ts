import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { amount, canonical } from '../../src/lib/common/money.js';
import { makeRandom } from '../../src/sandbox/random.js';
import { runCli, startCli, type CliResult } from '../fixtures/cli.js';
import { logIn, startSandboxes, type Sandboxes } from '../fixtures/sandboxes.js';

/**
 * The built program killed (-9) at random moments, then run again: at the end both sides must hold just what one
 * undisturbed run would have made. CARTONA_TEST_KILLS sets how many kills each job gets, on each version.
 * CARTONA_TEST_SEED sets at which share of the job's length each kill comes; what the job is doing just then differs
 * from run to run. Kills at each single request are in the tests of the jobs themselves, where they can be replayed.
 */
const KILLS = Number(process.env['CARTONA_TEST_KILLS'] ?? '6');
const VERSIONS = [16, 18, 19] as const;
const SEED = Number(process.env['CARTONA_TEST_SEED'] ?? String(Date.now() % 1_000_000));

interface Trial {
  readonly sandboxes: Sandboxes;
  readonly args: readonly string[];
  /** Must hold at any moment, right after a kill too. */
  readonly always: () => void;
}

/** Runs a job in a process of its own and kills it after `afterMs`; `undefined` when it had ended by itself before. */
async function killed(trial: Trial, afterMs: number): Promise<CliResult | undefined> {
  const { child, ended } = startCli(trial.args, { env: trial.sandboxes.env });
  let inTime = false;
  const timer = setTimeout(() => {
    inTime = child.kill('SIGKILL');
  }, afterMs);
  const result = await ended;
  clearTimeout(timer);
  return inTime ? undefined : result;
}

/** Kills the job at random moments of its length, undoing nothing in between, then lets it end. */
async function survive(trial: Trial, lengthMs: number, again: () => void): Promise<CliResult> {
  const random = makeRandom(SEED);
  for (let kill = 0; kill < KILLS; kill += 1) {
    await killed(trial, Math.round(lengthMs * (0.2 + 0.9 * random.next())));
    trial.always();
    // Something new to do, so that a later kill does not meet a job that has nothing left.
    again();
  }
  return runCli(trial.args, { env: trial.sandboxes.env });
}

async function measured(sandboxes: Sandboxes, args: readonly string[]): Promise<number> {
  const started = performance.now();
  await runCli(args, { env: sandboxes.env });
  return performance.now() - started;
}

describe(`killed at ${KILLS} random moments (CARTONA_TEST_SEED=${SEED})`, () => {
  it('map import leaves every product with its id, none twice', async () => {
    const sandboxes = await startSandboxes({ products: 1500, orders: 0, odoo: { latencyMs: 15 } });
    await logIn(sandboxes);
    const admin = {
      CARTONA_ODOO_ADMIN_LOGIN: sandboxes.odoo.adminLogin,
      CARTONA_ODOO_ADMIN_KEY: sandboxes.odoo.adminKey,
    };
    expect((await runCli(['odoo', 'setup'], { env: { ...sandboxes.env, ...admin } })).code).toBe(0);
    const rows = sandboxes.supplier.products.filter(
      (product) => product.active && product.defaultCode !== sandboxes.supplier.duplicatedReference,
    );
    const file = join(sandboxes.env['CARTONA_HOME'] ?? '', 'products.csv');
    let round = 0;
    const write = (): void =>
      writeFileSync(
        file,
        ['internal_reference,cartona_id', ...rows.map((row) => `${row.defaultCode},R${round}-${row.variantRef}`)].join(
          '\n',
        ),
      );
    write();
    const held = (): string[] =>
      sandboxes.odoo.store
        .records('product.product')
        .flatMap((row) => (typeof row['x_cartona_id'] === 'string' ? [row['x_cartona_id']] : []));
    const args = ['map', 'import', file, '--replace'];
    const length = await measured(sandboxes, args);
    const result = await survive(
      { sandboxes, args, always: () => expect(new Set(held()).size).toBe(held().length) },
      length,
      () => {
        round += 1;
        write();
      },
    );
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(held().sort()).toEqual(rows.map((row) => `R${round}-${row.variantRef}`).sort());
  }, 600_000);

  it('sync prices leaves no price behind', async () => {
    const sandboxes = await startSandboxes({
      products: 1200,
      orders: 0,
      odoo: { cartonaField: 'product' },
      marketplace: { latencyMs: 40 },
    });
    await logIn(sandboxes);
    const args = ['sync', 'prices', '--yes'];
    const length = await measured(sandboxes, args);
    let round = 0;
    const change = (): void => {
      round += 1;
      sandboxes.odoo.store.change((env) => {
        for (const id of env.search('product.template', []))
          env.write('product.template', [id], { list_price: 10 + ((id * 7 + round * 13) % 500) / 4 });
      });
    };
    change();
    const result = await survive({ sandboxes, args, always: () => undefined }, length, change);
    expect(result.code).toBe(0);
    const wanted = sandboxes.odoo.store
      .records('product.product')
      .filter((row) => typeof row['x_cartona_id'] === 'string' && row['active'] === true);
    expect(wanted.length).toBeGreaterThan(800);
    for (const row of wanted) {
      const product = sandboxes.marketplace.state.products.byInternalProductId(String(row['x_cartona_id']));
      expect([row['x_cartona_id'], amount(product?.sellingPrice ?? '0').toFixed()]).toEqual([
        row['x_cartona_id'],
        canonical(Number(row['lst_price']), 2),
      ]);
    }
  }, 600_000);

  it.each(VERSIONS)(
    'orders pull brings each order into Odoo %i once, and acknowledges nothing that is not there',
    async (version) => {
      const sandboxes = await startSandboxes({
        products: 120,
        orders: 60,
        odoo: { version, cartonaField: 'product', latencyMs: 10 },
        marketplace: { latencyMs: 10 },
      });
      await logIn(sandboxes);
      const { marketplace, odoo } = sandboxes;
      const references = (): string[] =>
        odoo.store
          .records('sale.order')
          .flatMap((row) => (typeof row['client_order_ref'] === 'string' ? [row['client_order_ref']] : []));
      const always = (): void => {
        const inOdoo = references();
        expect(new Set(inOdoo).size).toBe(inOdoo.length);
        const acknowledged = [...marketplace.state.orders.all()]
          .map(({ order }) => order.hashed_id)
          .filter((id) => !marketplace.state.orders.isListed(id));
        expect(acknowledged.filter((id) => !inOdoo.includes(id))).toEqual([]);
        expect(linesInOdoo(sandboxes).doubled).toEqual([]);
      };
      const place = (): void => {
        for (let count = 0; count < 5; count += 1) marketplace.retailers.place();
      };
      const first = await killed({ sandboxes, args: ['orders', 'pull'], always }, 900);
      expect(first).toBeUndefined();
      always();
      await runCli(['orders', 'pull'], { env: sandboxes.env });
      // That was long (all orders), later ones are short: kills are spread over the length of a short one.
      place();
      const length = await measured(sandboxes, ['orders', 'pull']);
      place();
      const result = await survive({ sandboxes, args: ['orders', 'pull'], always }, length, place);
      expect([0, 3]).toContain(result.code);
      await runCli(['orders', 'pull'], { env: sandboxes.env });
      always();
      const held = (await runCli(['orders', 'list', '--held', '--limit', '1000', '--json'], { env: sandboxes.env }))
        .json<{ orders: { hashedId: string }[] }>()
        .orders.map((order) => order.hashedId);
      const all = [...marketplace.state.orders.all()].map(({ order }) => order.hashed_id);
      expect([...references(), ...held].sort()).toEqual(all.sort());
      expect(linesInOdoo(sandboxes).wrong).toEqual([]);
    },
    600_000,
  );
});

/** Compares the lines of every Cartona order in Odoo with Cartona's. */
function linesInOdoo({ odoo, marketplace }: Sandboxes): { doubled: string[]; wrong: string[] } {
  const doubled: string[] = [];
  const wrong: string[] = [];
  const lines = odoo.store.records('sale.order.line');
  for (const order of odoo.store.records('sale.order')) {
    const kept =
      typeof order['client_order_ref'] === 'string'
        ? marketplace.state.orders.get(order['client_order_ref'])
        : undefined;
    if (!kept) continue;
    const own = lines.filter((line) => line['order_id'] === order['id']);
    if (own.length > kept.order.order_details.length) doubled.push(kept.order.hashed_id);
    const there = own
      .map((line) => `${Number(line['product_uom_qty'])} × ${canonical(Number(line['price_unit']), 2)}`)
      .sort();
    const wanted = kept.order.order_details
      .map((line) => `${line.amount} × ${canonical(line.selling_price, 2)}`)
      .sort();
    if (there.join() !== wanted.join())
      wrong.push(`${kept.order.hashed_id}: ${there.join(', ')} instead of ${wanted.join(', ')}`);
  }
  return { doubled, wrong };
}
