import { z } from 'zod';
import { expect, it } from 'vitest';
import { customer, load, loadedIds, order, product, unique } from '../../fixtures/odoo-contract/goods.js';
import { contract } from '../../fixtures/odoo-contract/subjects.js';
import { makeUser } from '../../fixtures/odoo-contract/users.js';

contract('rights', (odoo) => {
  it('the integration user reads products and stock, writes products, and makes customers and orders', async () => {
    for (const [model, operation, may] of [
      ['product.product', 'read', true],
      ['product.product', 'write', true],
      ['stock.quant', 'read', true],
      ['res.partner', 'create', true],
      ['sale.order', 'create', true],
      ['stock.picking', 'write', true],
      ['account.tax', 'read', true],
      ['ir.model.fields', 'create', false],
      ['ir.model.data', 'read', false],
    ] as const) {
      expect([
        model,
        operation,
        await odoo.call(model, 'check_access_rights', { operation, raise_exception: false }),
      ]).toEqual([model, operation, may]);
      if (odoo.major >= 18) expect(await odoo.call(model, 'has_access', { ids: [], operation })).toBe(may);
    }
  });

  it('the integration user cannot read ir.model.data, but may ask what an external id points to', async () => {
    expect(await odoo.refusal(odoo.search('ir.model.data', []))).toContain(
      "You are not allowed to access 'Model Data' (ir.model.data) records.",
    );
    expect(
      await odoo.call('ir.model.data', 'check_object_reference', { module: 'base', xml_id: 'main_company' }),
    ).toEqual(['res.company', 1]);
  });

  it('has_group is asked of the model up to 17, of a user from 18 on', async () => {
    const uid = z.looseObject({ uid: z.number() }).parse(await odoo.call('res.users', 'context_get', {})).uid;
    const ask = (group: string): Promise<unknown> =>
      odoo.call(
        'res.users',
        'has_group',
        odoo.major >= 18 ? { ids: [uid], group_ext_id: group } : { group_ext_id: group },
      );
    expect(await ask('sales_team.group_sale_manager')).toBe(true);
    expect(await ask('sales_team.group_sale_salesman')).toBe(true);
    expect(await ask('base.group_system')).toBe(false);
    expect(await ask('no.such_group')).toBe(false);
  });

  it('up to 18 a user without an e-mail address cannot leave a note, nor change the quantity of a confirmed line, which leaves one', async () => {
    const user = await makeUser(odoo, [
      'base.group_user',
      'sales_team.group_sale_manager',
      'stock.group_stock_manager',
    ]);
    const id = await order(odoo, await customer(odoo), [{ product: await product(odoo), quantity: 2, price: 3 }]);
    await odoo.call('sale.order', 'action_confirm', { ids: [id] });
    const ids = await odoo.search('sale.order.line', [['order_id', '=', id]]);
    const post = () => odoo.call('sale.order', 'message_post', { ids: [id], body: 'a note' }, user);
    const change = () =>
      odoo.call('sale.order.line', 'write', { ids, vals: { product_uom_qty: 7, price_unit: 3 } }, user);
    if (odoo.major >= 19) {
      await post();
      await change();
    } else {
      const words = "Unable to send message, please configure the sender's email address.";
      expect(await odoo.refusal(post())).toContain(words);
      expect(await odoo.refusal(change())).toContain(words);
    }
    expect(await odoo.call('sale.order.line', 'read', { ids, fields: ['product_uom_qty'] })).toMatchObject([
      { product_uom_qty: odoo.major >= 19 ? 7 : 2 },
    ]);
  });

  it('a user of sales and inventory may neither change products nor make contacts; Odoo names the groups that may', async () => {
    const user = await makeUser(odoo, ['base.group_user', 'sales_team.group_sale_salesman', 'stock.group_stock_user']);
    const id = await product(odoo);
    const write = await odoo.refusal(
      odoo.call('product.product', 'write', { ids: [id], vals: { default_code: 'x' } }, user),
    );
    expect(write).toContain("You are not allowed to modify 'Product Variant' (product.product) records.");
    expect(write).toContain('This operation is allowed for the following groups:');
    expect(await odoo.refusal(odoo.call('res.partner', 'create', { vals_list: { name: 'x' } }, user))).toContain(
      "You are not allowed to create 'Contact' (res.partner) records.",
    );
    const answer = await load(odoo, 'product.product', ['.id', 'default_code'], [[String(id), 'x']], {}, user);
    expect(answer).toMatchObject({
      ids: false,
      messages: [{ type: 'error', record: 0, message: expect.stringContaining('You are not allowed to modify') }],
    });
  });

  it('a salesperson sees the own orders only', async () => {
    const user = await makeUser(odoo, ['base.group_user', 'sales_team.group_sale_salesman']);
    const partner = await customer(odoo);
    const foreign = await order(odoo, partner, []);
    const [own = 0] = loadedIds(
      await load(
        odoo,
        'sale.order',
        ['id', 'partner_id/.id'],
        [[`__cartona__.order_${unique(odoo)}`, String(partner)]],
        {},
        user,
      ),
    );
    expect(await odoo.call('sale.order', 'search', { domain: [['partner_id', '=', partner]] }, user)).toEqual([own]);
    expect(await odoo.refusal(odoo.call('sale.order', 'read', { ids: [foreign], fields: ['name'] }, user))).toContain(
      "doesn't have 'read' access",
    );
  });

  it('what must be there must be there', async () => {
    expect(await odoo.refusal(odoo.call('sale.order', 'create', { vals_list: {} }))).toContain('partner_id');
    expect(await odoo.refusal(odoo.call('product.product', 'create', { vals_list: { default_code: 'x' } }))).toContain(
      'name',
    );
    expect(await odoo.refusal(odoo.call('res.partner', 'create', { vals_list: { ref: 'x' } }))).toContain(
      'Contacts require a name',
    );
  });
});
