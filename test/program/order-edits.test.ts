import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../fixtures/cli.js';
import { logIn, startSandboxes, type Sandboxes } from '../fixtures/sandboxes.js';

async function open(): Promise<Sandboxes> {
  const sandboxes = await startSandboxes({ orders: 60, products: 80, odoo: { cartonaField: 'product' } });
  await logIn(sandboxes);
  await runCli(['orders', 'pull'], { env: sandboxes.env });
  return sandboxes;
}

type Order = ReturnType<Sandboxes['marketplace']['state']['orders']['require']>['order'];

/** An order that is in Odoo. */
function find({ marketplace }: Sandboxes, test: (order: Order) => boolean): string {
  const record = [...marketplace.state.orders.all()].find(
    ({ order }) =>
      !marketplace.state.orders.isListed(order.hashed_id) &&
      order.delivered_by === 'delivered_by_supplier' &&
      test(order),
  );
  if (!record) throw new Error('the supplier has no such order');
  return record.order.hashed_id;
}

const keptText = (home: string): string =>
  readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('');

describe('orders deliver', () => {
  it('a wrong code changes nothing, the right one delivers on both sides, and neither is kept or shown', async () => {
    const sandboxes = await open();
    const { env, marketplace } = sandboxes;
    const [wrong, right] = ['WRONG7361954', 'RIGHT8250463'];
    const id = 'withinstalments';
    const { order } = marketplace.state.orders.require(find(sandboxes, (one) => one.status === 'pending'));
    marketplace.state.orders.add({ ...structuredClone(order), hashed_id: id, installment_cost: 5 }, right);
    await runCli(['orders', 'pull'], { env });
    const outputs = [];
    const refused = await runCli(['orders', 'deliver', id, '--otp', wrong, '--debug'], { env });
    expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining('wrong OTP') as string });
    expect(marketplace.state.orders.require(id).order.status).not.toBe('delivered');
    outputs.push(refused, await runCli(['orders', 'deliver', id], { env, stdin: '' }));
    expect(outputs[1]).toMatchObject({ code: 2, stderr: expect.stringContaining('OTP') as string });
    const done = await runCli(['orders', 'deliver', id, '--otp', '-', '--json', '--debug'], {
      env,
      stdin: `${right}\n`,
    });
    expect(done.code).toBe(0);
    expect(done.json()).toMatchObject({
      hashedId: id,
      told: expect.arrayContaining(['delivered']) as unknown,
      done: expect.arrayContaining(['deliver', 'lock']) as unknown,
    });
    expect(marketplace.state.orders.require(id).order.status).toBe('delivered');
    outputs.push(done, await runCli(['orders', 'show', id], { env }));
    const everything = outputs.map((one) => one.stdout + one.stderr).join('') + keptText(env['CARTONA_HOME'] ?? '');
    for (const code of [wrong, right]) expect(everything).not.toContain(code);
    expect((await runCli(['orders', 'deliver', id], { env })).stdout).toContain('delivered already');
  });
});

describe('orders status', () => {
  it('approves and cancels on both sides, and says why a step is illegal', async () => {
    const sandboxes = await open();
    const { env, marketplace } = sandboxes;
    const id = find(sandboxes, (order) => order.status === 'pending');
    expect(await runCli(['orders', 'status', id, 'approved'], { env })).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/pending -> approved; S\d+ in Odoo: confirm/) as string,
    });
    expect(await runCli(['orders', 'status', id, 'pending'], { env })).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('cannot go back') as string,
    });
    expect(await runCli(['orders', 'status', id, 'approved', '--reason', 'out_of_stock'], { env })).toMatchObject({
      code: 2,
    });
    expect(
      await runCli(['orders', 'status', id, 'cancelled_by_supplier', '--reason', 'out_of_stock', '--json'], { env }),
    ).toMatchObject({ code: 0 });
    expect(marketplace.state.orders.require(id).order).toMatchObject({
      status: 'cancelled_by_supplier',
      cancellation_reason: 'out_of_stock',
    });
    expect((await runCli(['orders', 'show', id], { env })).stdout).toContain('orders status');
  });
});

describe('orders lines', () => {
  it('shows what differs, tells it, and has nothing more to tell', async () => {
    const sandboxes = await open();
    const { env, marketplace, odoo } = sandboxes;
    const id = find(sandboxes, (order) => order.status === 'pending');
    expect(await runCli(['orders', 'lines', id], { env })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Both sides have the same lines') as string,
    });
    odoo.store.change((odooEnv) => {
      const [order] = odooEnv.search('sale.order', [['client_order_ref', '=', id]]);
      const [line] = odooEnv.search('sale.order.line', [['order_id', '=', order ?? 0]]);
      odooEnv.write('sale.order.line', [line ?? 0], { product_uom_qty: 77, price_unit: 5 });
    });
    expect((await runCli(['orders', 'lines', id], { env })).stdout).toContain('77 ×');
    expect(await runCli(['orders', 'lines', id, '--push', '--dry-run'], { env })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1 lines would be told') as string,
    });
    expect(marketplace.state.orders.require(id).order.order_details.map((line) => line.amount)).not.toContain(77);
    expect(await runCli(['orders', 'lines', id, '--push', '--json'], { env })).toMatchObject({ code: 0 });
    expect(marketplace.state.orders.require(id).order.order_details.map((line) => line.amount)).toContain(77);
    expect(await runCli(['orders', 'lines', id, '--push'], { env })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Nothing to tell') as string,
    });
    expect(await runCli(['orders', 'lines', id, '--take', 'odoo'], { env })).toMatchObject({ code: 2 });
  });
});
