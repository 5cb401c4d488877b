import { describe, expect, it, onTestFinished } from 'vitest';
import type { OdooClient } from '../../../../src/lib/odoo/client.js';
import { connectOdoo } from '../../../../src/lib/odoo/discover.js';
import { setUpPush } from '../../../../src/lib/odoo/setup/push-rules.js';
import { setUpIdField } from '../../../../src/lib/odoo/setup/setup.js';
import { tearDown } from '../../../../src/lib/odoo/setup/teardown.js';
import { startOdoo, type OdooOptions, type SimulatedOdoo } from '../../../../src/sandbox/odoo/odoo.js';

async function start(options: OdooOptions): Promise<SimulatedOdoo> {
  const odoo = await startOdoo(options);
  onTestFinished(() => odoo.close());
  return odoo;
}

const enter = async (odoo: SimulatedOdoo, login = odoo.adminLogin, key = odoo.adminKey): Promise<OdooClient> =>
  (await connectOdoo({ url: odoo.url, db: odoo.db, login, key })).client;
const target = { url: 'https://cartona.example.com', secret: 'abc' };
const field = { model: 'product.product', name: 'x_cartona_id' } as const;

describe.each([18, 19] as const)('rules that push, on Odoo %i', (version) => {
  it('are made once; doing it again only turns them to the new address', async () => {
    const odoo = await start({ version, cartonaField: 'product' });
    const admin = await enter(odoo);
    expect(await setUpPush(admin, target, { idField: field, dryRun: true })).toMatchObject({ outcome: 'would create' });
    expect(odoo.store.records('base.automation')).toEqual([]);
    expect(await setUpPush(admin, target, { idField: field, dryRun: false })).toMatchObject({ outcome: 'created' });
    const made = odoo.store.records('base.automation').length;
    expect(
      await setUpPush(admin, { ...target, url: 'https://other.example.com' }, { idField: field, dryRun: false }),
    ).toMatchObject({ outcome: 'updated' });
    expect(odoo.store.records('base.automation')).toHaveLength(made);
    const actions = odoo.store.records('ir.actions.server');
    expect(actions).toHaveLength(made);
    expect(new Set(actions.map((action) => action['webhook_url']))).toEqual(
      new Set(['https://other.example.com/odoo/hint/abc']),
    );
  });

  it('are left alone as a whole when the answer is lost, and are there after doing it again', async () => {
    const odoo = await start({ version, cartonaField: 'product' });
    const admin = await enter(odoo);
    odoo.faults.add({ kind: 'drop-after', match: { model: 'base.automation', method: 'load' } });
    await setUpPush(admin, target, { idField: field, dryRun: false });
    expect(odoo.store.records('base.automation')).toHaveLength(7);
  });

  it('need the app: without it one sentence tells where to install it', async () => {
    const odoo = await start({ version, automation: false });
    await expect(setUpPush(await enter(odoo), target, { idField: field, dryRun: true })).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('base_automation') as string,
    });
  });

  it('need an administrator', async () => {
    const odoo = await start({ version });
    await expect(
      setUpPush(await enter(odoo, odoo.login, odoo.key), target, { idField: undefined, dryRun: false }),
    ).rejects.toMatchObject({ kind: 'credentials' });
    expect(odoo.store.records('base.automation')).toEqual([]);
  });
});

it('Odoo 16 cannot push', async () => {
  const odoo = await start({ version: 16 });
  await expect(setUpPush(await enter(odoo), target, { idField: undefined, dryRun: false })).rejects.toMatchObject({
    kind: 'usage',
    message: expect.stringContaining('Odoo 16') as string,
  });
});

describe.each([18, 19] as const)('tearing Odoo %i down', (version) => {
  async function setUp(): Promise<{ odoo: SimulatedOdoo; admin: OdooClient; before: unknown }> {
    const odoo = await start({ version });
    const admin = await enter(odoo);
    odoo.store.change((env) => {
      const [model] = env.search('ir.model', [['model', '=', 'sale.order']]);
      env.create('base.automation', {
        name: 'Somebody else’s',
        model_id: model,
        trigger: 'on_write',
        action_server_ids: [
          [0, 0, { name: 'x', model_id: model, state: 'webhook', webhook_url: 'http://127.0.0.1:9' }],
        ],
      });
    });
    const before = everything(odoo);
    await setUpIdField(admin, { dryRun: false });
    await setUpPush(admin, target, { idField: field, dryRun: false });
    return { odoo, admin, before };
  }

  const everything = (odoo: SimulatedOdoo): unknown =>
    ['base.automation', 'ir.actions.server', 'ir.model.data', 'ir.model.fields'].map((model) =>
      odoo.store.records(model).map((record) => record['id']),
    );

  it('leaves nothing of ours and all that is not', async () => {
    const { odoo, admin, before } = await setUp();
    expect(await tearDown(admin, { idField: true, dryRun: true })).toEqual({ dryRun: true, rules: 7, field });
    expect(odoo.store.records('base.automation')).toHaveLength(8);
    expect(await tearDown(admin, { idField: true, dryRun: false })).toEqual({ dryRun: false, rules: 7, field });
    expect(everything(odoo)).toEqual(before);
    expect(await tearDown(admin, { idField: true, dryRun: false })).toEqual({ dryRun: false, rules: 0, field: null });
  });

  it('keeps the field, and the mapping in it, unless asked', async () => {
    const { odoo, admin } = await setUp();
    expect(await tearDown(admin, { idField: false, dryRun: false })).toMatchObject({ rules: 7, field: null });
    expect(odoo.store.records('ir.model.fields').some((record) => record['name'] === 'x_cartona_id')).toBe(true);
  });

  it('goes through with what a person has removed by hand', async () => {
    const { odoo, admin, before } = await setUp();
    odoo.store.change((env) =>
      env.unlink('ir.actions.server', env.search('ir.actions.server', [], { order: 'id desc', limit: 2 })),
    );
    await tearDown(admin, { idField: true, dryRun: false });
    expect(everything(odoo)).toEqual(before);
  });

  it('refuses to remove a field of that name which setup did not make, and then removes nothing', async () => {
    const odoo = await start({ version, cartonaField: 'product' });
    const admin = await enter(odoo);
    await setUpPush(admin, target, { idField: field, dryRun: false });
    await expect(tearDown(admin, { idField: true, dryRun: false })).rejects.toMatchObject({ kind: 'refused' });
    expect(odoo.store.records('base.automation')).toHaveLength(7);
  });
});
