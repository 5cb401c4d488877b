import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { recordLive, recordRemote, recordService, recordServiceEnded } from '../../src/lib/operations/runtime-state.js';
import { recordSuccess } from '../../src/lib/store/successes.js';
import { openSession } from '../../src/lib/open-session.js';
import type { Session } from '../../src/lib/session.js';
import { runCli, startCli, temporaryDirectory } from '../fixtures/cli.js';
import { logIn, startSandboxes, type Sandboxes } from '../fixtures/sandboxes.js';

/** Sandboxes with a login, and the same rows that the commands see. */
async function ground(): Promise<{
  sandboxes: Sandboxes;
  session: Session;
  cartona: (...args: string[]) => ReturnType<typeof runCli>;
}> {
  const sandboxes = await startSandboxes({ products: 40, orders: 0, odoo: { cartonaField: 'product' } });
  await logIn(sandboxes);
  const session = await openSession({ profileName: 'default', env: sandboxes.env });
  onTestFinished(() => session.store.close());
  return { sandboxes, session, cartona: (...args) => runCli(args, { env: sandboxes.env }) };
}

describe('go-live', () => {
  it('is refused until both complete dry runs were shown, needs a yes, and can be taken back', async () => {
    const { cartona } = await ground();
    expect(await cartona('go-live', '--yes')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/sync prices --dry-run.*sync stock --dry-run/),
    });
    await cartona('sync', 'prices', '--dry-run');
    const [one] = (await cartona('sync', 'stock', '--dry-run', '--json')).json<{ changes: { cartonaId: string }[] }>()
      .changes;
    expect(one).toBeDefined();
    const shown = await cartona('go-live');
    expect(shown).toMatchObject({ code: 3, stderr: expect.stringContaining('--yes') });
    expect(shown.stdout).toMatch(/Prices: \d+ values? differed.*\n.*Stock: \d+ values? differed/);
    expect((await cartona('go-live', '--yes', '--json')).json()).toMatchObject({ live: true, changed: true });
    expect((await cartona('go-live')).stdout).toMatch(/Already live/);
    expect((await cartona('go-live', '--undo', '--json')).json()).toMatchObject({ live: false, changed: true });
  });

  it('does not take a dry run of one product for a review', async () => {
    const { cartona, sandboxes } = await ground();
    const id =
      sandboxes.supplier.products.find((product) => product.cartonaId !== null && product.active)?.cartonaId ?? '';
    await cartona('sync', 'prices', '--dry-run', '--product', id);
    await cartona('sync', 'stock', '--dry-run');
    expect((await cartona('go-live', '--yes')).stderr).toMatch(/run `cartona sync prices --dry-run` first/);
  });
});

describe('what the brake holds', () => {
  it('is shown with old and new, waits without a yes (code 7), and goes with the next run once approved', async () => {
    const { cartona, sandboxes } = await ground();
    await cartona('sync', 'prices');
    const id = sandboxes.odoo.store.change((env) => {
      const [odooId = 0] = env.search('product.product', [['x_cartona_id', '!=', false]]);
      env.write('product.product', [odooId], { lst_price: 98_765 });
      return String(
        sandboxes.odoo.store.records('product.product').find((row) => row['id'] === odooId)?.['x_cartona_id'],
      );
    });
    expect((await cartona('sync', 'prices')).code).toBe(7);
    const held = await cartona('approve');
    expect(held).toMatchObject({ code: 7, stderr: expect.stringMatching(/1 value held by the brake/) });
    expect(held.stdout).toMatch(new RegExp(`price.*${id}.*\\d+\\.\\d\\d\\s+98765\\.00`));
    expect((await cartona('status')).code).toBe(3);
    expect((await cartona('approve', '--flow', 'stock', '--json')).json()).toEqual({
      held: [],
      approved: 0,
      rejected: 0,
    });
    expect((await cartona('approve', '--product', id, '--yes', '--json')).json()).toMatchObject({
      approved: 1,
      held: [{ cartonaId: id, new: '98765.00' }],
    });
    expect(await cartona('sync', 'prices')).toMatchObject({ code: 0 });
    expect(sandboxes.marketplace.state.products.byInternalProductId(id)?.sellingPrice).toBe('98765');
    expect((await cartona('approve')).stdout).toBe('The brake holds nothing.\n');
  });

  it('dropped, leaves what Cartona has; the sentence says how to undo it, and that is so', async () => {
    const { cartona, sandboxes } = await ground();
    await cartona('sync', 'prices');
    const { cartonaId = '', listPrice } =
      sandboxes.supplier.products.find(
        ({ active, cartonaId: id, priceExtra }) => active && id && priceExtra === '0.00',
      ) ?? {};
    sandboxes.odoo.store.change((env) => {
      env.write('product.product', env.search('product.product', [['x_cartona_id', '=', cartonaId]]), {
        lst_price: 98_765,
      });
    });
    const atCartona = () => sandboxes.marketplace.state.products.byInternalProductId(cartonaId ?? '')?.sellingPrice;
    const before = atCartona();
    await cartona('sync', 'prices');
    const { stdout } = await cartona('approve', '--product', cartonaId ?? '', '--reject');
    expect(stdout).toContain(`1 value dropped: Cartona keeps ${listPrice}.`);
    const undo = /`cartona (failures retry \S+)`/.exec(stdout)?.[1]?.split(' ') ?? [];
    await cartona('sync', 'prices');
    expect(atCartona()).toBe(before);
    expect((await cartona(...undo)).stdout).toContain('1 failure due again');
    expect((await cartona('sync', 'prices')).code).toBe(7);
    expect((await cartona('approve')).stdout).toContain('98765.00');
  });
});

describe('failures', () => {
  let world: Awaited<ReturnType<typeof ground>>;
  beforeAll(async () => {
    world = await groundForAll();
  });

  it('are listed, shown, tried again and discarded by the ids that are listed', async () => {
    const { cartona } = world;
    const listed = await cartona('failures');
    expect(listed.code).toBe(3);
    expect(listed.stdout).toMatch(/^price:BAD-1 .*rejected.*5\.00.*2\.00.*\n {4}too dear$/m);
    expect(listed.stdout).toMatch(/^rejected: mend the cause, then `cartona failures retry ID`/m);
    const { failures } = (await cartona('failures', '--kind', 'stock', '--json')).json<{
      failures: { id: string; state: string }[];
    }>();
    expect(failures).toMatchObject([{ id: 'stock:BAD-2', state: 'given_up' }]);
    expect((await cartona('failures', '--older', '1h', '--json')).json()).toEqual({ failures: [] });
    expect((await cartona('failures', 'show', 'price:BAD-1', '--json')).json()).toMatchObject({
      id: 'price:BAD-1',
      from: '5.00',
      wanted: '2.00',
    });
    expect((await cartona('failures', 'retry', 'stock:BAD-2', '--json')).json()).toEqual({ retried: ['stock:BAD-2'] });
    expect((await cartona('failures', 'discard', 'price:BAD-1', '--json')).json()).toEqual({
      discarded: ['price:BAD-1'],
    });
    const { waiting } = (await cartona('status', '--json')).json<{
      waiting: { deliveries: { stock: { failed: { count: number } } } };
    }>();
    expect(waiting.deliveries.stock.failed.count).toBe(1);
    expect((await cartona('failures', '--kind', 'stock', '--json')).json()).toMatchObject({
      failures: [{ id: 'stock:BAD-2', state: 'retrying' }],
    });
    expect(await cartona('failures', '--kind', 'price')).toMatchObject({ code: 0, stdout: 'Nothing failed.\n' });
    expect(await cartona('failures', 'discard', 'order:h1')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/stands at Cartona/),
    });
  });

  it.each(
    [
      ['retry'],
      ['retry', 'price:X', '--all'],
      ['retry', '--all', '--kind', 'price'],
      ['retry', 'price:nobody'],
      ['discard'],
      ['show', 'price:nobody'],
    ].map((args) => ({ args })),
  )('$args is wrong usage', async ({ args }) => {
    expect(await world.cartona('failures', ...args)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^Error: [^\n]+\n$/),
    });
  });

  async function groundForAll() {
    const sandboxes = await startSandboxes({ products: 40, orders: 0, odoo: { cartonaField: 'product' } });
    await logIn(sandboxes);
    const session = await openSession({ profileName: 'default', env: sandboxes.env });
    const { deliveries, inbox } = session.store;
    await deliveries.recordObserved('price', [{ key: 'BAD-1', delivered: '5' }], 1);
    await deliveries.record(
      'price',
      [{ key: 'BAD-1', odooId: 1, wanted: '2', outcome: 'rejected', reason: 'too dear' }],
      Date.now(),
    );
    await deliveries.record(
      'stock',
      [{ key: 'BAD-2', odooId: 2, wanted: '7', outcome: 'given_up', reason: 'never answered' }],
      Date.now(),
    );
    await inbox.receive([{ hashedId: 'h1', payload: '{}', version: '1', status: 'pending' }], Date.now());
    await inbox.update('h1', { phase: 'held', reason: 'unknown product' });
    await session.store.close();
    return { sandboxes, session, cartona: (...args: string[]) => runCli(args, { env: sandboxes.env }) };
  }
});

describe('audit', () => {
  it('filters, exports and follows', async () => {
    const { cartona, sandboxes, session } = await ground();
    await cartona('sync', 'prices');
    const { entries } = (
      await cartona('audit', '--action', 'price', '--outcome', 'delivered', '--limit', '5', '--json')
    ).json<{ entries: { record: string; actor: string; at: string }[] }>();
    expect(entries).toHaveLength(5);
    const [newest] = entries;
    expect(newest).toMatchObject({ actor: 'sync prices', at: expect.stringMatching(/Z$/) });
    expect((await cartona('audit', '--product', newest?.record ?? '')).stdout).toContain(newest?.record);
    expect((await cartona('audit', '--until', '1h')).stdout).toBe('No entries.\n');
    const nonsense = await cartona('audit', '--outcome', 'nonsense');
    expect(nonsense.stderr).toMatch(/^Warning: No entry has the outcome "nonsense"; there is .*delivered/);
    const file = join(temporaryDirectory(), 'trail.json');
    const { exported } = (await cartona('audit', '--export', file, '--json')).json<{ exported: { count: number } }>();
    expect(JSON.parse(readFileSync(file, 'utf8'))).toHaveLength(exported.count);

    const following = startCli(['audit', '--follow', '--actor', 'somebody'], { env: sandboxes.env });
    const entry = {
      at: Date.now(),
      actor: 'somebody',
      system: 'odoo' as const,
      action: 'looked',
      record: 'R1',
      outcome: 'seen',
    };
    while (!following.stdoutSoFar().includes('R1')) {
      await session.store.audit.write([entry]);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    following.child.kill('SIGINT');
    expect((await following.ended).code).toBe(0);
  });
});

describe('status', () => {
  it('tells the service, both sides and what waits; the code says who has to look', async () => {
    const { cartona, session } = await ground();
    const fresh = await cartona('status');
    expect(fresh).toMatchObject({ code: 0, stderr: '' });
    expect(fresh.stdout).toMatch(/Service {3}does not run\nSending {3}not yet/);
    await recordLive(session, { since: Date.now(), by: 'mona' });
    expect(await cartona('status', '--quiet')).toMatchObject({
      code: 5,
      stdout: '',
      stderr: expect.stringMatching(/does not run although/),
    });
    await recordService(session, {
      pid: process.pid,
      host: hostname(),
      url: 'http://127.0.0.1:1',
      since: Date.now(),
      beatAt: Date.now(),
      version: '0.1.0',
    });
    await recordSuccess(session, 'tail', Date.now());
    expect((await cartona('status', '--json')).json()).toMatchObject({
      service: { state: 'running', pid: process.pid },
      live: { by: 'mona' },
      troubles: [],
    });
    await recordRemote(session, 'odoo', { state: 'down', since: Date.now(), reason: 'no network' });
    const away = await cartona('status');
    expect(away.code).toBe(5);
    expect(away.stdout).toMatch(/Odoo {6}away for \d+ s: no network/);
    await recordRemote(session, 'odoo', { state: 'refused', since: Date.now(), reason: 'Odoo refuses the key.' });
    expect((await cartona('status')).code).toBe(4);
    await recordServiceEnded(session);
  });
});

describe('alerts test', () => {
  it('tries what is set, and says what to set where nothing is', async () => {
    const { cartona } = await ground();
    expect(await cartona('alerts', 'test')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/alerts\.webhook/),
    });
    const told: unknown[] = [];
    const hook = createServer((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString()));
      request.on('end', () => {
        told.push(JSON.parse(body));
        response.end();
      });
    });
    await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      hook.close();
      hook.closeAllConnections();
    });
    await cartona('settings', 'alerts.webhook', `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`);
    await cartona('settings', 'alerts.command', 'exit 3');
    const result = await cartona('alerts', 'test', '--json');
    expect(result.code).toBe(3);
    expect(result.json()).toEqual({
      told: [
        { channel: 'command', ok: false, reason: expect.stringContaining('code 3') },
        { channel: 'webhook', ok: true, reason: null },
      ],
    });
    expect(told).toMatchObject([{ state: 'test', profile: 'default' }]);
  });
});
