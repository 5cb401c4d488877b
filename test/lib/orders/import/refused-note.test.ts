import { describe, expect, it } from 'vitest';
import { whoAmI } from '../../../../src/lib/operations/whoami.js';
import { pullOrders } from '../../../../src/lib/orders/inbox/pull.js';
import { openShop } from '../../../fixtures/shop.js';

describe.each([16, 18, 19] as const)('an integration user without an e-mail address in Odoo %i', (version) => {
  it('is named beforehand where it matters, and a note that is refused does not stop the order', async () => {
    const shop = await openShop({ odoo: { version } });
    const rights = () =>
      shop.withRows(async (session) => {
        const { odoo } = await whoAmI(session, {});
        return odoo.ok ? odoo.rights.filter(({ granted }) => !granted).map(({ grant }) => grant) : odoo.error;
      });
    expect(await rights()).toEqual([]);
    shop.change((env) =>
      env.write('res.users', env.search('res.users', [['login', '=', shop.odoo.login]]), { email: false }),
    );
    expect(await rights()).toEqual(version < 19 ? ['give this user an e-mail address in Odoo'] : []);

    const hashedId = shop.place([['P1', 2]]);
    Object.assign(shop.orderAt(hashedId), { total_price: 5 });
    const [result, audit] = await shop.withRows(async (session) => [
      await pullOrders(session),
      await session.store.audit.list({ record: hashedId, action: 'name difference' }),
    ]);
    expect(result).toMatchObject({
      held: [],
      acknowledged: 1,
      applied: [{ hashedId, differences: [expect.anything()] }],
    });
    expect(audit).toMatchObject([
      version < 19
        ? { outcome: 'refused', detail: expect.stringContaining('give it one under Settings, Users') as string }
        : { outcome: 'done' },
    ]);
  });
});
