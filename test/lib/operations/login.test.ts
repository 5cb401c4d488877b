import { describe, expect, it } from 'vitest';
import { logIn } from '../../../src/lib/operations/login.js';
import { profileSchema, type Profile } from '../../../src/lib/settings/profile.js';
import { startSandboxes } from '../../fixtures/sandboxes.js';

const elsewhere = (url: string): string => url.replace('127.0.0.1', 'localhost');

describe('a login at new addresses of the same account and database', () => {
  it('keeps everything that belongs to the database, and refuses a database that has it not', async () => {
    const { marketplace, odoo } = await startSandboxes({ orders: 0, odoo: { cartonaField: 'product' } });
    const company = odoo.store.change((env) => {
      const currency = odoo.store.records('res.company')[0]?.['currency_id'];
      const { id } = env.create('res.company', { name: 'Second Company', currency_id: Number(currency) });
      for (const user of env.search('res.users', [['login', '=', odoo.login]]))
        env.write('res.users', [user], { company_ids: [1, id] });
      return id;
    });
    const access = {
      cartonaUrl: marketplace.url,
      cartonaToken: marketplace.token,
      odooUrl: odoo.url,
      odooDb: odoo.db,
      odooLogin: odoo.login,
      odooKey: odoo.key,
    };
    const first = await logIn({ ...access, company: String(company), idField: 'default_code' });
    const push = { url: 'http://127.0.0.1:8474', secret: 'a-push-secret' };
    const stored: Profile = profileSchema.parse({ ...first.profile, odoo: { ...first.profile.odoo, push } });
    const moved = { ...access, cartonaUrl: elsewhere(marketplace.url), odooUrl: elsewhere(odoo.url), stored };
    const { profile, startsAnew } = await logIn({ ...moved, moved: true });
    expect(startsAnew).toBe(false);
    expect(profile.odoo).toMatchObject({
      url: elsewhere(odoo.url),
      company: { id: company, name: 'Second Company' },
      idField: { model: 'product.product', name: 'default_code' },
      push,
    });
    // Without --moved it may be another database: nothing of the old one is taken for granted.
    const anew = await logIn(moved);
    expect(anew.startsAnew).toBe(true);
    expect(anew.profile.odoo.push).toBeUndefined();
    expect(anew.profile.odoo.company.id).toBe(1);
    const gone = profileSchema.parse({ ...stored, odoo: { ...stored.odoo, company: { id: 999, name: 'Gone' } } });
    await expect(logIn({ ...moved, stored: gone, moved: true })).rejects.toMatchObject({ kind: 'usage' });
  });
});
