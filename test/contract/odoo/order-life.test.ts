import { z } from 'zod';
import { expect, it } from 'vitest';
import { confirmed, customer, lineTaxes, linesOf, order, product, tax } from '../../fixtures/odoo-contract/goods.js';
import { contract, type Odoo } from '../../fixtures/odoo-contract/subjects.js';
import { groupId, makeUser } from '../../fixtures/odoo-contract/users.js';

const ids = z.array(z.number());

const state = async (odoo: Odoo, id: number): Promise<unknown> => (await odoo.read('sale.order', id, ['state'])).state;

contract('amounts of orders', (odoo) => {
  it('taxes on top of the price and contained in it, rounded by line', async () => {
    const [onTop, contained] = [
      await product(odoo, { taxes_id: [[6, 0, [await tax(odoo, 15, false)]]] }),
      await product(odoo, { taxes_id: [[6, 0, [await tax(odoo, 14, true)]]] }),
    ];
    const id = await order(odoo, await customer(odoo), [
      { product: onTop, quantity: 3, price: 10.01 },
      { product: contained, quantity: 3, price: 9.99 },
    ]);
    expect(await odoo.read('sale.order', id, ['amount_untaxed', 'amount_tax', 'amount_total'])).toMatchObject({
      amount_untaxed: 56.32,
      amount_tax: 8.18,
      amount_total: 64.5,
    });
    expect(await linesOf(odoo, id, ['price_subtotal', 'price_total'])).toMatchObject([
      { price_subtotal: 30.03, price_total: 34.53 },
      { price_subtotal: 26.29, price_total: 29.97 },
    ]);
  });

  it("the product's taxes stand on a new line; a tax tells its rate and whether it is in the price", async () => {
    const id = await tax(odoo, 14, true);
    const sale = await order(odoo, await customer(odoo), [
      { product: await product(odoo, { taxes_id: [[6, 0, [id]]] }), quantity: 1 },
    ]);
    expect(await linesOf(odoo, sale, [lineTaxes(odoo)])).toMatchObject([{ [lineTaxes(odoo)]: [id] }]);
    expect(await odoo.read('account.tax', id, ['amount', 'amount_type', 'price_include'])).toMatchObject({
      amount: 14,
      amount_type: 'percent',
      price_include: true,
    });
  });

  it("a line without a price takes the product's", async () => {
    const sale = await order(odoo, await customer(odoo), [
      { product: await product(odoo, { list_price: 12.5 }), quantity: 2 },
    ]);
    expect(await odoo.read('sale.order', sale, ['amount_total'])).toMatchObject({ amount_total: 25 });
  });

  it("writing only a line's quantity, be it the same, brings back the product's price; written with the price, it stays", async () => {
    const sale = await order(odoo, await customer(odoo), [
      { product: await product(odoo, { list_price: 10 }), quantity: 3, price: 7 },
    ]);
    const [line] = await linesOf(odoo, sale);
    await odoo.write('sale.order.line', [line?.id ?? 0], { product_uom_qty: 5, price_unit: 7 });
    expect(await linesOf(odoo, sale)).toMatchObject([{ product_uom_qty: 5, price_unit: 7 }]);
    await odoo.write('sale.order.line', [line?.id ?? 0], { product_uom_qty: 5 });
    expect(await linesOf(odoo, sale)).toMatchObject([{ product_uom_qty: 5, price_unit: 10 }]);
  });

  it('from 17 on a price that was written after the line was made survives a quantity', async () => {
    const sale = await order(odoo, await customer(odoo), [
      { product: await product(odoo, { list_price: 10 }), quantity: 3 },
    ]);
    const [line] = await linesOf(odoo, sale);
    await odoo.write('sale.order.line', [line?.id ?? 0], { price_unit: 8.5 });
    await odoo.write('sale.order', [sale], { order_line: [[1, line?.id ?? 0, { product_uom_qty: 6 }]] });
    expect(await linesOf(odoo, sale)).toMatchObject([{ product_uom_qty: 6, price_unit: odoo.major >= 17 ? 8.5 : 10 }]);
  });

  it('lines are added, changed and removed by commands on the order', async () => {
    const [one, two] = [await product(odoo), await product(odoo)];
    const sale = await order(odoo, await customer(odoo), [
      { product: one, quantity: 1, price: 5 },
      { product: one, quantity: 1, price: 6 },
    ]);
    const [first, second] = await linesOf(odoo, sale);
    await odoo.write('sale.order', [sale], {
      order_line: [
        [1, first?.id, { product_uom_qty: 2, price_unit: 5 }],
        [2, second?.id, 0],
        [0, 0, { product_id: two, product_uom_qty: 3, price_unit: 4 }],
      ],
    });
    expect(await linesOf(odoo, sale, ['product_uom_qty', 'price_unit'])).toMatchObject([
      { product_uom_qty: 2, price_unit: 5 },
      { product_uom_qty: 3, price_unit: 4 },
    ]);
    expect(await odoo.read('sale.order', sale, ['amount_total'])).toMatchObject({ amount_total: 22 });
  });
});

contract('states of orders', (odoo) => {
  it('a new order is a draft with a name of its own', async () => {
    const [one, two] = [await order(odoo, await customer(odoo), []), await order(odoo, await customer(odoo), [])];
    const found = await odoo.find('sale.order', [['id', 'in', [one, two]]], ['name', 'state']);
    expect(found).toMatchObject([{ state: 'draft', name: expect.stringMatching(/^S\d{5,}$/) }, { state: 'draft' }]);
    expect(found[0]?.name).not.toBe(found[1]?.name);
  });

  it('action_confirm makes of it a sale; once more it is refused from 17 on', async () => {
    const id = await confirmed(odoo, await customer(odoo), [{ product: await product(odoo), quantity: 1 }]);
    expect(await odoo.read('sale.order', id, ['state', 'delivery_status'])).toMatchObject({
      state: 'sale',
      delivery_status: 'pending',
    });
    if (odoo.major >= 17)
      expect(await odoo.refusal(odoo.call('sale.order', 'action_confirm', { ids: [id] }))).toContain(
        'not in a state requiring confirmation',
      );
  });

  it('action_cancel cancels a draft at once', async () => {
    const id = await order(odoo, await customer(odoo), []);
    expect(await odoo.call('sale.order', 'action_cancel', { ids: [id] })).toBe(true);
    expect(await state(odoo, id)).toBe('cancel');
  });

  it('action_cancel on a confirmed order opens a question and changes nothing up to 18, unless disable_cancel_warning; 19 cancels', async () => {
    const id = await confirmed(odoo, await customer(odoo), []);
    const answer = await odoo.call('sale.order', 'action_cancel', { ids: [id] });
    if (odoo.major >= 19) expect(answer).toBe(true);
    else {
      expect(answer).toMatchObject({ type: 'ir.actions.act_window', res_model: 'sale.order.cancel' });
      expect(await state(odoo, id)).toBe('sale');
      expect(
        await odoo.call('sale.order', 'action_cancel', { ids: [id], context: { disable_cancel_warning: true } }),
      ).toBe(true);
    }
    expect(await state(odoo, id)).toBe('cancel');
  });

  it('a quotation that was sent asks as well before it is cancelled, up to 18', async () => {
    const id = await order(odoo, await customer(odoo), [], { state: 'sent' });
    const answer = await odoo.call('sale.order', 'action_cancel', { ids: [id] });
    expect([answer === true, await state(odoo, id)]).toEqual(odoo.major >= 19 ? [true, 'cancel'] : [false, 'sent']);
  });

  it('a cancelled order can be made a draft again', async () => {
    const id = await order(odoo, await customer(odoo), []);
    await odoo.call('sale.order', 'action_cancel', { ids: [id] });
    await odoo.call('sale.order', 'action_draft', { ids: [id] });
    expect(await state(odoo, id)).toBe('draft');
  });

  it('done: 16 has a state of its own through action_done; from 17 on an order is locked through action_lock and stays a sale', async () => {
    const id = await confirmed(odoo, await customer(odoo), []);
    if (odoo.major >= 17) {
      expect(await odoo.refusal(odoo.call('sale.order', 'action_done', { ids: [id] }))).toContain('action_done');
      await odoo.call('sale.order', 'action_lock', { ids: [id] });
      expect(await odoo.read('sale.order', id, ['state', 'locked'])).toMatchObject({ state: 'sale', locked: true });
      await odoo.call('sale.order', 'action_unlock', { ids: [id] });
      expect(await odoo.read('sale.order', id, ['locked'])).toMatchObject({ locked: false });
    } else {
      await odoo.call('sale.order', 'action_done', { ids: [id] });
      expect(await state(odoo, id)).toBe('done');
    }
  });

  it('a locked order keeps its lines, and from 17 on it cannot be cancelled', async () => {
    const id = await confirmed(odoo, await customer(odoo), [{ product: await product(odoo), quantity: 1, price: 5 }]);
    await odoo.call('sale.order', odoo.major >= 17 ? 'action_lock' : 'action_done', { ids: [id] });
    const [line] = await linesOf(odoo, id);
    expect(
      await odoo.refusal(odoo.write('sale.order.line', [line?.id ?? 0], { product_uom_qty: 2, price_unit: 5 })),
    ).toContain('It is forbidden to modify the following fields in a locked order');
    if (odoo.major >= 17)
      expect(
        await odoo.refusal(
          odoo.call('sale.order', 'action_cancel', { ids: [id], context: { disable_cancel_warning: true } }),
        ),
      ).toContain('You cannot cancel a locked order');
  });

  it('the option "Lock Confirmed Sales" locks at confirmation: locked does not mean delivered', async () => {
    const goods = await product(odoo);
    const partner = await customer(odoo);
    let id: number;
    if (odoo.major >= 19) {
      id = await order(odoo, partner, [{ product: goods, quantity: 1 }]);
      const [everybody, lock] = [
        await groupId(odoo, 'base.group_user'),
        await groupId(odoo, 'sale.group_auto_done_setting'),
      ];
      // The option is one for all: on for as short as can be.
      await odoo.call('res.groups', 'write', { ids: [everybody], vals: { implied_ids: [[4, lock]] } }, 'admin');
      await odoo
        .call('sale.order', 'action_confirm', { ids: [id] })
        .finally(() =>
          odoo.call('res.groups', 'write', { ids: [everybody], vals: { implied_ids: [[3, lock]] } }, 'admin'),
        );
    } else {
      const locker = await makeUser(odoo, [
        'base.group_user',
        'sales_team.group_sale_manager',
        'sale.group_auto_done_setting',
      ]);
      id = await order(odoo, partner, [{ product: goods, quantity: 1 }], {}, locker);
      await odoo.call('sale.order', 'action_confirm', { ids: [id] }, locker);
    }
    expect(
      await odoo.read('sale.order', id, ['delivery_status', ...(odoo.major >= 17 ? ['locked'] : ['state'])]),
    ).toMatchObject({
      delivery_status: 'pending',
      ...(odoo.major >= 17 ? { locked: true } : { state: 'done' }),
    });
  });

  it('a confirmed order can be neither deleted nor robbed of a line', async () => {
    const id = await confirmed(odoo, await customer(odoo), [{ product: await product(odoo), quantity: 1 }]);
    const [line] = await linesOf(odoo, id);
    expect(await odoo.refusal(odoo.call('sale.order', 'unlink', { ids: [id] }))).toContain('You must first cancel it');
    expect(await odoo.refusal(odoo.call('sale.order.line', 'unlink', { ids: [line?.id ?? 0] }))).toMatch(
      /once .*confirmed|is confirmed/i,
    );
  });

  it('a message can be posted; its text is escaped from 17 on; keywords only', async () => {
    const id = await order(odoo, await customer(odoo), []);
    const answer = await odoo.call('sale.order', 'message_post', { ids: [id], body: 'needs an OTP <b>now</b> & soon' });
    const message = odoo.major >= 19 ? ids.parse(answer)[0] : z.number().parse(answer);
    const body =
      odoo.major >= 17
        ? '<p>needs an OTP &lt;b&gt;now&lt;/b&gt; &amp; soon</p>'
        : '<p>needs an OTP <b>now</b> &amp; soon</p>';
    expect(await odoo.find('mail.message', [['id', '=', message]], ['body', 'model', 'res_id'])).toMatchObject([
      { body, model: 'sale.order', res_id: id },
    ]);
    expect(await odoo.refusal(odoo.call('sale.order', 'message_post', { ids: [id], body: 'x', no_such: 1 }))).toContain(
      'not supported when posting',
    );
  });

  it('the customer of a confirmed order cannot be deleted; that of a draft takes the draft along, up to 18', async () => {
    const [partner, other] = [await customer(odoo), await customer(odoo)];
    await confirmed(odoo, partner, []);
    expect(await odoo.refusal(odoo.call('res.partner', 'unlink', { ids: [partner] }))).toMatch(/another model/i);
    const draft = await order(odoo, other, []);
    if (odoo.major >= 19)
      expect(await odoo.refusal(odoo.call('res.partner', 'unlink', { ids: [other] }))).toMatch(/another model/i);
    else {
      await odoo.call('res.partner', 'unlink', { ids: [other] });
      expect(await odoo.search('sale.order', [['id', '=', draft]])).toEqual([]);
    }
  });
});
