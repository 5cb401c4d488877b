import { describe, expect, it, onTestFinished } from 'vitest';
import { connectOdoo } from '../../../../src/lib/odoo/discover.js';
import type { OdooClient } from '../../../../src/lib/odoo/client.js';
import { setUpIdField } from '../../../../src/lib/odoo/setup/setup.js';
import { startOdoo, type OdooOptions, type SimulatedOdoo } from '../../../../src/sandbox/odoo/odoo.js';

async function start(options: OdooOptions): Promise<SimulatedOdoo> {
  const odoo = await startOdoo(options);
  onTestFinished(() => odoo.close());
  return odoo;
}

const enter = async (odoo: SimulatedOdoo, login = odoo.adminLogin, key = odoo.adminKey): Promise<OdooClient> =>
  (await connectOdoo({ url: odoo.url, db: odoo.db, login, key })).client;
const made = (odoo: SimulatedOdoo): unknown[] =>
  odoo.store.records('ir.model.fields').filter((field) => field['name'] === 'x_cartona_id');

describe.each([16, 18, 19] as const)('setting Odoo %i up', (version) => {
  it('makes the field on variants, indexed and not copied, once', async () => {
    const odoo = await start({ version });
    const admin = await enter(odoo);
    expect(await setUpIdField(admin, { dryRun: true })).toEqual({
      outcome: 'would create',
      field: { model: 'product.product', name: 'x_cartona_id' },
    });
    expect(made(odoo)).toEqual([]);
    expect(await setUpIdField(admin, { dryRun: false })).toMatchObject({ outcome: 'created' });
    expect(await setUpIdField(admin, { dryRun: false })).toMatchObject({ outcome: 'exists' });
    expect(made(odoo)).toEqual([
      expect.objectContaining({
        model: 'product.product',
        ttype: 'char',
        index: true,
        copied: false,
        field_description: 'Cartona ID',
      }),
    ]);
  });

  it('whose answer is lost after the work was done: looked up, not made again', async () => {
    const odoo = await start({ version });
    const admin = await enter(odoo);
    odoo.faults.add({ kind: 'drop-after', match: { model: 'ir.model.fields', method: 'create' } });
    expect(await setUpIdField(admin, { dryRun: false })).toMatchObject({ outcome: 'created' });
    expect(made(odoo)).toHaveLength(1);
  });

  it('is refused to the integration user, in one sentence', async () => {
    const odoo = await start({ version });
    const user = await enter(odoo, odoo.login, odoo.key);
    await expect(setUpIdField(user, { dryRun: false })).rejects.toMatchObject({
      kind: 'credentials',
      message: expect.not.stringContaining('Traceback') as string,
    });
    expect(made(odoo)).toEqual([]);
  });

  it('leaves an Odoo alone that has the field on the template', async () => {
    const odoo = await start({ version, cartonaField: 'template' });
    expect(await setUpIdField(await enter(odoo), { dryRun: false })).toEqual({
      outcome: 'exists',
      field: { model: 'product.template', name: 'x_cartona_id' },
    });
  });
});
