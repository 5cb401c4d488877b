import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startMarketplace, type Marketplace } from '../../src/sandbox/marketplace/server.js';
import { startOdoo, type SimulatedOdoo } from '../../src/sandbox/odoo/odoo.js';
import { makeSupplier } from '../../src/sandbox/supplier/supplier.js';
import { runCli, startCli, temporaryDirectory } from '../fixtures/cli.js';
import { logInAt } from '../fixtures/sandboxes.js';

/** Sets a terminal's title, clears its screen, goes back to the line's begin, begins a line of its own, turns the text around. */
const HOSTILE =
  'Tea\u001b]0;owned\u0007\u009b2J\u001b[2J\rBACK\nFAKED line\u2028FAKED too\u0085FAKED also\u202etxet\u2066\u200f';
/** What may not reach a terminal; our own line breaks may. */
const RAW = /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

const env = { CARTONA_HOME: temporaryDirectory() };
let marketplace: Marketplace;
let odoo: SimulatedOdoo;
let applied = '';
let held = '';

beforeAll(async () => {
  const supplier = makeSupplier({ seed: 3, products: 12, orders: 6 });
  for (const product of supplier.products) product.name = `${HOSTILE} ${product.name}`;
  supplier.orders.forEach((order, at) => {
    order.note_message = HOSTILE;
    order.retailer.retailer_name = `${HOSTILE} ${at}`;
    order.retailer.retailer_address = HOSTILE;
    order.retailer.address_notes = HOSTILE;
    for (const line of order.order_details) {
      line.product_name = HOSTILE;
      line.comment = HOSTILE;
      if (at === 0) line.internal_product_id = `no such ${HOSTILE}`;
    }
  });
  held = supplier.orders[0]?.hashed_id ?? '';
  marketplace = await startMarketplace({ supplier, seed: 3 });
  odoo = await startOdoo({ supplier, seed: 3, cartonaField: 'product' });
  await logInAt(env, marketplace, odoo);
  await runCli(['orders', 'pull', '--quiet'], { env });
  for (const flow of ['prices', 'stock']) await runCli(['sync', flow, '--dry-run', '--quiet'], { env });
  expect((await runCli(['go-live', '--yes'], { env })).code).toBe(0);
  applied = supplier.orders.map((order) => order.hashed_id).find((id) => !marketplace.state.orders.isListed(id)) ?? '';
});

afterAll(async () => {
  await marketplace.close();
  await odoo.close();
});

function expectHarmless(output: string): void {
  expect(RAW.exec(output)?.[0]).toBeUndefined();
  expect(output.split('\n').filter((line) => /^\s*(FAKED|BACK)/.test(line))).toEqual([]);
}

const listings = (): string[][] => [
  ['orders', 'pull'],
  ['orders', 'list'],
  ['orders', 'list', '--held'],
  ['orders', 'show', applied],
  ['orders', 'show', held],
  ['orders', 'lines', applied],
  ['failures'],
  ['failures', 'show', `order:${held}`],
  ['sync', 'prices', '--dry-run'],
  ['sync', 'stock', '--dry-run'],
  ['audit', '--limit', '200'],
  ['status', '--verbose'],
  ['map', 'set', HOSTILE, 'x'],
  ['orders', 'show', HOSTILE],
];

describe('what others wrote', () => {
  it(
    'is shown without anything that a terminal acts on, on the line where it belongs',
    { timeout: 240_000 },
    async () => {
      expect(applied).not.toBe('');
      let shown = '';
      for (const args of listings()) {
        const { stdout, stderr } = await runCli(args, { env });
        expectHarmless(stdout);
        expectHarmless(stderr);
        shown += `${args.join(' ')}\n${stdout}${stderr}`;
      }
      for (const command of ['orders list', 'orders show', 'sync prices', 'failures'])
        expect(shown).toMatch(new RegExp(`${command}[^]*FAKED`));
    },
  );

  it('is exact in --json, and escaped', async () => {
    const result = await runCli(['orders', 'show', applied, '--json'], { env });
    expectHarmless(result.stdout);
    expect(JSON.stringify(result.json())).toContain(JSON.stringify(HOSTILE).slice(1, -1));
  });

  it.each(['text', 'json'])("is one line of the service's log as %s", { timeout: 120_000 }, async (format) => {
    await fetch(`${marketplace.url}/_sandbox/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        note_message: HOSTILE,
        retailer: { retailer_name: `${HOSTILE} ${format}`, retailer_number: '01012345678' },
      }),
    });
    const service = startCli(['serve', '--port', '0', '--log-format', format], { env });
    onTestFinished(() => void service.child.kill('SIGKILL'));
    const output = (): string => service.stdoutSoFar() + service.stderrSoFar();
    await expect.poll(output, { timeout: 100_000 }).toMatch(/ready[^]*\n[^\n]*\border\b/i);
    service.child.kill('SIGTERM');
    await service.ended;
    expectHarmless(output());
  });
});
