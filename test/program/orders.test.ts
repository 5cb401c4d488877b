import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli, startCli } from '../fixtures/cli.js';
import { logIn, startSandboxes, type Sandboxes } from '../fixtures/sandboxes.js';

interface Pulled {
  readonly listed: number;
  readonly applied: { hashedId: string; odooName: string; status: string; done: string[]; differences: string[] }[];
  readonly acknowledged: number;
  readonly held: { hashedId: string; reason: string }[];
  readonly stillHeld: number;
}

async function open(orders = 40, latencyMs = 0): Promise<Sandboxes> {
  const sandboxes = await startSandboxes({ orders, products: 80, odoo: { cartonaField: 'product', latencyMs } });
  await logIn(sandboxes);
  return sandboxes;
}

describe('orders pull, list and show', () => {
  it("brings a believable supplier's orders to Odoo, names each held one once, and shows them", async () => {
    const { env, marketplace, odoo } = await open();
    const first = await runCli(['orders', 'pull'], { env });
    expect(first.code).toBe(3);
    expect(first.stderr).toBe('');
    expect(first.stdout).toMatch(/Orders: 40 listed, \d+ brought to Odoo.*, \d+ acknowledged, \d+ newly held\.\n$/);
    expect(first.stdout).toContain('the retailer is editing the order');

    const again = await runCli(['orders', 'pull', '--json'], { env });
    expect(again.code).toBe(0);
    expect(again.json<Pulled>()).toMatchObject({ applied: [], acknowledged: 0, held: [] });

    const references = odoo.store
      .records('sale.order')
      .map((order) => order['client_order_ref'])
      .filter(Boolean);
    const acknowledged = [...marketplace.state.orders.all()]
      .map(({ order }) => order.hashed_id)
      .filter((id) => !marketplace.state.orders.isListed(id));
    expect(references.sort()).toEqual(acknowledged.sort());

    const held = (await runCli(['orders', 'list', '--held', '--json'], { env })).json<{
      orders: { hashedId: string; reason: string }[];
    }>().orders;
    expect(held).toHaveLength(40 - acknowledged.length);
    expect(again.json<Pulled>().stillHeld).toBe(held.length);
    const id = acknowledged[0] ?? '';
    const shown = await runCli(['orders', 'show', id], { env });
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    for (const text of [id, 'Cash to collect', 'create order', 'acknowledge', 'newest version received 20', 'Placed'])
      expect(shown.stdout).toContain(text);
    const list = await runCli(['orders', 'list', '--status', 'pending', '--limit', '5'], { env });
    expect(list.stdout.trim().split('\n')).toHaveLength(2 + 5);
  });

  it('a held order stands in `failures` with its retailer, the whole reason and what to do', async () => {
    const { env, marketplace, odoo } = await open(0);
    const placed = (await (await fetch(`${marketplace.url}/_sandbox/orders`, { method: 'POST' })).json()) as {
      hashed_id: string;
      retailer: { retailer_name: string };
      order_details: { internal_product_id: string }[];
    };
    const { hashed_id: id, retailer } = placed;
    const product = placed.order_details[0]?.internal_product_id ?? '';
    odoo.store.change((odooEnv) =>
      odooEnv.write('product.product', odooEnv.search('product.product', [['x_cartona_id', '=', product]]), {
        x_cartona_id: false,
      }),
    );
    const { held } = (await runCli(['orders', 'pull', '--json'], { env })).json<Pulled>();
    expect(held).toMatchObject([{ hashedId: id, reason: expect.stringContaining(product) as string }]);
    const reason = held[0]?.reason ?? '';
    const listed = await runCli(['failures'], { env });
    expect(listed).toMatchObject({ code: 3, stderr: '' });
    expect(listed.stdout).toMatch(new RegExp(`^order:${id} +${retailer.retailer_name} +held `, 'm'));
    expect(listed.stdout).toContain(`\n    ${reason}\n`);
    expect(listed.stdout).toMatch(
      /^held: mend what the reason names; every pull tries it again.*`cartona failures retry ID`/m,
    );
    const shown = await runCli(['failures', 'show', id], { env });
    expect(shown.stdout).toMatch(
      new RegExp(
        `^next +mend what .*\`cartona failures retry order:${id}\`.*\`cartona orders status ${id} cancelled_by_supplier\` cancels it$`,
        'm',
      ),
    );
    expect(shown.stdout).toContain(`reason    ${reason}\n`);
    for (const text of [listed.stdout, shown.stdout]) expect(text).not.toContain('run `cartona orders pull`');
  });

  it('says what is missing: an unknown order, a status of none', async () => {
    const { env } = await open(0);
    expect(await runCli(['orders', 'show', 'nobody'], { env })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('No order nobody was received') as string,
    });
    expect((await runCli(['orders', 'list'], { env })).stdout).toContain('No orders');
    expect(await runCli(['orders', 'pull'], { env })).toMatchObject({
      code: 0,
      stdout: 'Orders: 0 listed, 0 brought to Odoo, 0 acknowledged, 0 newly held.\n',
    });
  });

  it('a second pull at the same time leaves at once with its own exit code', async () => {
    const { env, odoo } = await open(1);
    // Whichever of the two comes first has to wait for Odoo; the other leaves.
    const resume = odoo.pause();
    const pulls = [1, 2].map(() => startCli(['orders', 'pull'], { env }).ended);
    const second = await Promise.race(pulls);
    expect(second.code).toBe(6);
    expect(second.stderr).toContain('already running');
    resume();
    expect((await Promise.all(pulls)).map(({ code }) => code).sort()).toEqual([0, 6]);
  });

  it('Ctrl-C stops it cleanly, and the next run goes on', async () => {
    const { env, odoo, marketplace } = await open(30);
    odoo.faults.add({ kind: 'latency', match: { model: 'res.partner', method: 'load' }, latencyMs: 3000 });
    const run = startCli(['orders', 'pull'], { env });
    while (odoo.faults.pending().length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    run.child.kill('SIGINT');
    expect(await run.ended).toMatchObject({
      code: 130,
      stderr: expect.stringContaining('Stopped on request') as string,
    });
    await runCli(['orders', 'pull'], { env });
    expect(
      [...marketplace.state.orders.all()].filter(
        ({ order }) => order.status === 'pending' && !marketplace.state.orders.isListed(order.hashed_id),
      ).length,
    ).toBeGreaterThan(15);
  });

  it('the pick-up OTP is nowhere: not in what is shown, not in what is kept', async () => {
    const { env, marketplace } = await open();
    const otps = [...marketplace.state.orders.all()].flatMap(({ order }) => order.pickup_otp ?? []);
    expect(otps.length).toBeGreaterThan(0);
    const shown = [
      await runCli(['orders', 'pull', '--json'], { env }),
      await runCli(['orders', 'pull', '--debug', '--verbose'], { env }),
    ]
      .map((result) => result.stdout + result.stderr)
      .join('');
    const home = env['CARTONA_HOME'] ?? '';
    const kept = readdirSync(home, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
      .join('');
    for (const otp of otps) {
      expect(shown).not.toContain(otp);
      expect(kept).not.toContain(otp);
    }
  });
});

describe('orders push', () => {
  it('shows what it would tell, tells it, and has nothing more to tell', async () => {
    const { env, marketplace, odoo } = await open();
    await runCli(['orders', 'pull'], { env });
    const order = [...marketplace.state.orders.all()]
      .map((record) => record.order)
      .find(
        (one) =>
          one.status === 'pending' &&
          one.delivered_by === 'delivered_by_supplier' &&
          !marketplace.state.orders.isListed(one.hashed_id),
      );
    const hashedId = order?.hashed_id ?? '';
    odoo.store.change((odooEnv) => {
      const [id] = odooEnv.search('sale.order', [['client_order_ref', '=', hashedId]]);
      odooEnv
        .model('sale.order')
        .methods.get('action_confirm')
        ?.run(odooEnv, odooEnv.model('sale.order'), [id ?? 0], {});
    });
    const dry = await runCli(['orders', 'push', '--dry-run'], { env });
    expect(dry).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('1 would be sent (dry run)') as string,
    });
    expect(marketplace.state.orders.get(hashedId)?.order.status).toBe('pending');
    expect((await runCli(['orders', 'push', '--json'], { env })).json()).toMatchObject({
      dryRun: false,
      pushed: [{ hashedId, from: 'pending', to: 'approved' }],
    });
    expect(marketplace.state.orders.get(hashedId)?.order.status).toBe('approved');
    expect((await runCli(['orders', 'push'], { env })).stdout).toContain('0 sent');
  });

  it('a refused state is named and gives its exit code', async () => {
    const { env, marketplace, odoo } = await open(3);
    await runCli(['orders', 'pull'], { env });
    const [record] = [...marketplace.state.orders.all()].filter(({ order }) => order.status === 'pending');
    const hashedId = record?.order.hashed_id ?? '';
    odoo.store.change((odooEnv) => {
      const [id] = odooEnv.search('sale.order', [['client_order_ref', '=', hashedId]]);
      odooEnv
        .model('sale.order')
        .methods.get('action_confirm')
        ?.run(odooEnv, odooEnv.model('sale.order'), [id ?? 0], {});
    });
    marketplace.faults.add({ kind: '413', match: { path: hashedId } });
    const push = await runCli(['orders', 'push', '--quiet'], { env });
    expect(push).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining(`Order ${hashedId}`) as string });
    expect(await runCli(['orders', 'push', '--quiet'], { env })).toMatchObject({ code: 0, stderr: '' });
  });
});
