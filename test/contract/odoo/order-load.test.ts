import { expect, it } from 'vitest';
import {
  customer,
  lineTaxes,
  linesOf,
  load,
  loadedIds,
  product,
  tax,
  unique,
  type LoadAnswer,
} from '../../fixtures/odoo-contract/goods.js';
import { contract, type Odoo } from '../../fixtures/odoo-contract/subjects.js';

const FIELDS = [
  'id',
  'partner_id/.id',
  'client_order_ref',
  'order_line/id',
  'order_line/product_id/.id',
  'order_line/product_uom_qty',
  'order_line/price_unit',
];
/** What makes of `load` "create what is absent, leave what is there". */
const CREATE_ONLY = { mode: 'update', noupdate: true };

interface Wish {
  readonly key: string;
  readonly partner: number;
  readonly product: number;
  readonly quantity?: number;
  readonly price?: string;
  readonly reference?: string;
}

/** An order of two lines of the product: further lines stand in rows whose order columns are empty. */
function rows({ key, partner, product: id, quantity = 3, price = '9.50', reference = 'ref' }: Wish): string[][] {
  return [
    [
      `__cartona__.order_${key}`,
      String(partner),
      reference,
      `__cartona__.line_${key}_1`,
      String(id),
      String(quantity),
      price,
    ],
    ['', '', '', `__cartona__.line_${key}_2`, String(id), '1', '7'],
  ];
}

async function wish(odoo: Odoo): Promise<Wish> {
  return { key: unique(odoo), partner: await customer(odoo), product: await product(odoo) };
}

const quantities = async (odoo: Odoo, order: number): Promise<unknown[]> =>
  (await linesOf(odoo, order)).map((line) => [line.product_uom_qty, line.price_unit]);

contract('orders by load', (odoo) => {
  it('makes an order with its lines under external ids, and gives its id', async () => {
    const order = await wish(odoo);
    const [id = 0] = loadedIds(await load(odoo, 'sale.order', FIELDS, rows(order)));
    expect(
      await odoo.read('sale.order', id, ['client_order_ref', 'state', 'partner_id', 'amount_total']),
    ).toMatchObject({
      client_order_ref: 'ref',
      state: 'draft',
      partner_id: [order.partner, expect.any(String)],
      amount_total: 35.5,
    });
    expect(await quantities(odoo, id)).toEqual([
      [3, 9.5],
      [1, 7],
    ]);
    expect(
      await odoo.call('ir.model.data', 'check_object_reference', {
        module: '__cartona__',
        xml_id: `order_${order.key}`,
      }),
    ).toEqual(['sale.order', id]);
    const [first] = await linesOf(odoo, id);
    expect(
      await odoo.call('ir.model.data', 'check_object_reference', {
        module: '__cartona__',
        xml_id: `line_${order.key}_1`,
      }),
    ).toEqual(['sale.order.line', first?.id]);
  });

  it('many orders in one call get their ids in order', async () => {
    const [one, two] = [await wish(odoo), await wish(odoo)];
    const ids = loadedIds(await load(odoo, 'sale.order', FIELDS, [...rows(one), ...rows(two)]));
    expect(await odoo.find('sale.order', [['id', 'in', ids]], ['partner_id'])).toMatchObject([
      { id: ids[0], partner_id: [one.partner, expect.any(String)] },
      { id: ids[1], partner_id: [two.partner, expect.any(String)] },
    ]);
  });

  it('loading it again overwrites what a person has changed: it is an upsert', async () => {
    const order = await wish(odoo);
    const [id = 0] = loadedIds(await load(odoo, 'sale.order', FIELDS, rows(order)));
    const [line] = await linesOf(odoo, id);
    await odoo.write('sale.order.line', [line?.id ?? 0], { product_uom_qty: 8, price_unit: 8 });
    expect(loadedIds(await load(odoo, 'sale.order', FIELDS, rows(order)))).toEqual([id]);
    expect(await quantities(odoo, id)).toEqual([
      [3, 9.5],
      [1, 7],
    ]);
  });

  it('with mode=update and noupdate in the context it creates what is absent and leaves what is there, but gives its id', async () => {
    const order = await wish(odoo);
    const [id = 0] = loadedIds(await load(odoo, 'sale.order', FIELDS, rows(order), CREATE_ONLY));
    const [line] = await linesOf(odoo, id);
    await odoo.write('sale.order.line', [line?.id ?? 0], { product_uom_qty: 8, price_unit: 8 });
    await odoo.write('sale.order', [id], { client_order_ref: 'changed by a person' });
    const before = await odoo.read('sale.order', id, ['write_date', 'client_order_ref']);
    const more = await wish(odoo);
    const ids = loadedIds(
      await load(
        odoo,
        'sale.order',
        FIELDS,
        [...rows({ ...order, quantity: 99, reference: 'again' }), ...rows(more)],
        CREATE_ONLY,
      ),
    );
    expect(ids[0]).toBe(id);
    expect(ids[1]).toBeGreaterThan(id);
    expect(await odoo.read('sale.order', id, ['write_date', 'client_order_ref'])).toEqual(before);
    expect(await quantities(odoo, id)).toEqual([
      [8, 8],
      [1, 7],
    ]);
  });

  it('create-only holds for customers too, archived ones included', async () => {
    const key = `__cartona__.retailer_${unique(odoo)}`;
    const [id = 0] = loadedIds(await load(odoo, 'res.partner', ['id', 'name'], [[key, 'First']], CREATE_ONLY));
    await odoo.write('res.partner', [id], { active: false });
    expect(loadedIds(await load(odoo, 'res.partner', ['id', 'name'], [[key, 'Second']], CREATE_ONLY))).toEqual([id]);
    expect(await odoo.read('res.partner', id, ['name', 'active'])).toMatchObject({ name: 'First', active: false });
  });

  it('the protection counts in update mode only: a plain load overwrites a protected record', async () => {
    const order = await wish(odoo);
    const [id = 0] = loadedIds(await load(odoo, 'sale.order', FIELDS, rows(order), CREATE_ONLY));
    await load(odoo, 'sale.order', FIELDS, rows({ ...order, quantity: 5, reference: 'plain' }));
    expect(await odoo.read('sale.order', id, ['client_order_ref'])).toMatchObject({ client_order_ref: 'plain' });
    expect(await quantities(odoo, id)).toEqual([
      [5, 9.5],
      [1, 7],
    ]);
  });

  it('a line that a person has deleted does not come back by a create-only load', async () => {
    const order = await wish(odoo);
    const [id = 0] = loadedIds(await load(odoo, 'sale.order', FIELDS, rows(order), CREATE_ONLY));
    const [, second] = await linesOf(odoo, id);
    await odoo.call('sale.order.line', 'unlink', { ids: [second?.id ?? 0] });
    await load(odoo, 'sale.order', FIELDS, rows(order), CREATE_ONLY);
    expect(await quantities(odoo, id)).toEqual([[3, 9.5]]);
  });

  it('deleting an order takes its external id with it: the next load makes a new one', async () => {
    const order = await wish(odoo);
    const [id = 0] = loadedIds(await load(odoo, 'sale.order', FIELDS, rows(order), CREATE_ONLY));
    await odoo.call('sale.order', 'unlink', { ids: [id] });
    expect(
      await odoo.refusal(
        odoo.call('ir.model.data', 'check_object_reference', { module: '__cartona__', xml_id: `order_${order.key}` }),
      ),
    ).toContain('External ID not found in the system');
    const [again = 0] = loadedIds(await load(odoo, 'sale.order', FIELDS, rows(order), CREATE_ONLY));
    expect(again).toBeGreaterThan(id);
  });

  it('without external ids for the lines, loading an order again adds its lines a second time', async () => {
    const order = await wish(odoo);
    const fields = FIELDS.filter((field) => field !== 'order_line/id');
    const data = [[`__cartona__.order_${order.key}`, String(order.partner), 'ref', String(order.product), '3', '9.50']];
    const [id = 0] = loadedIds(await load(odoo, 'sale.order', fields, data));
    await load(odoo, 'sale.order', fields, data);
    expect(await quantities(odoo, id)).toEqual([
      [3, 9.5],
      [3, 9.5],
    ]);
  });

  it('of simultaneous loads of the same order one makes it; the others fail in their messages or find it, and there is one order', async () => {
    const order = await wish(odoo);
    const answers: LoadAnswer[] = await Promise.all(
      Array.from({ length: 6 }, () => load(odoo, 'sale.order', FIELDS, rows(order), CREATE_ONLY)),
    );
    const ids = answers.flatMap((answer) => answer.ids || []);
    expect(new Set(ids).size).toBe(1);
    for (const answer of answers.filter(({ ids: made }) => made === false)) {
      expect(answer.messages).toMatchObject([
        { type: 'error', record: 0, message: 'could not serialize access due to concurrent update\n' },
      ]);
    }
    expect(await odoo.search('sale.order', [['partner_id', '=', order.partner]])).toEqual([ids[0]]);
    expect(await quantities(odoo, ids[0] ?? 0)).toEqual([
      [3, 9.5],
      [1, 7],
    ]);
  });

  it('simultaneous loads of different orders of one customer do not disturb each other', async () => {
    const order = await wish(odoo);
    const answers = await Promise.all(
      [1, 2, 3].map((at) =>
        load(odoo, 'sale.order', FIELDS, rows({ ...order, key: `${order.key}_${at}` }), CREATE_ONLY),
      ),
    );
    expect(new Set(answers.flatMap(loadedIds)).size).toBe(3);
  });

  it('one bad order rolls the whole call back, and is named', async () => {
    const [good, bad] = [await wish(odoo), await wish(odoo)];
    const answer = await load(
      odoo,
      'sale.order',
      FIELDS,
      [...rows(good), ...rows({ ...bad, product: 999_999_999 })],
      CREATE_ONLY,
    );
    expect(answer.ids).toBe(false);
    expect(answer.messages[0]).toMatchObject({
      type: 'error',
      record: 1,
      rows: { from: 2, to: 3 },
      field: 'order_line',
      message: "No matching record found for database id '999999999' in field 'Order Lines/Product'",
    });
    expect(await odoo.search('sale.order', [['partner_id', 'in', [good.partner, bad.partner]]])).toEqual([]);
  });

  it('what cannot be read is named by its row and field', async () => {
    const order = await wish(odoo);
    const missing = await load(odoo, 'sale.order', FIELDS, rows({ ...order, partner: 999_999_999 }));
    expect(missing.messages[0]).toMatchObject({
      type: 'error',
      record: 0,
      field: 'partner_id',
      message: "No matching record found for database id '999999999' in field 'Customer'",
    });
    const number = await load(odoo, 'sale.order', FIELDS, rows({ ...order, price: 'abc' }));
    expect(number.messages[0]).toMatchObject({
      type: 'error',
      record: 0,
      field: 'order_line',
      message: "'abc' does not seem to be a number for field 'Order Lines/Unit Price'",
    });
    const unknown = await load(
      odoo,
      'sale.order',
      ['id', 'partner_id/id'],
      [[`__cartona__.order_${order.key}`, '__cartona__.no_such']],
    );
    expect(unknown.messages[0]).toMatchObject({
      type: 'error',
      record: 0,
      field: 'partner_id',
      message: "No matching record found for external id '__cartona__.no_such' in field 'Customer'",
    });
  });

  it('external ids with spaces are refused, and nothing is made', async () => {
    const order = await wish(odoo);
    const answer = await load(odoo, 'sale.order', FIELDS, rows({ ...order, key: `${order.key} x` }));
    expect(answer.ids).toBe(false);
    expect(answer.messages[0]?.message).toContain('ir_model_data_name_nospaces');
    expect(await odoo.search('sale.order', [['partner_id', '=', order.partner]])).toEqual([]);
  });

  it('an external id that stands for a record of another model is refused', async () => {
    const order = await wish(odoo);
    await load(odoo, 'sale.order', FIELDS, rows(order));
    const answer = await load(odoo, 'res.partner', ['id', 'name'], [[`__cartona__.order_${order.key}`, 'x']]);
    expect(answer.messages[0]?.message).toContain('found record of different model sale.order');
  });

  it('a customer can be named by external id', async () => {
    const order = await wish(odoo);
    const key = `__cartona__.retailer_${order.key}`;
    const [partner] = loadedIds(
      await load(
        odoo,
        'res.partner',
        ['id', 'name', 'phone', 'street', 'ref', 'comment'],
        [[key, 'بقالة النور', '01001234567', 'شارع التحرير', order.key, 'note']],
        CREATE_ONLY,
      ),
    );
    const [id = 0] = loadedIds(
      await load(odoo, 'sale.order', ['id', 'partner_id/id'], [[`__cartona__.order_${order.key}`, key]], CREATE_ONLY),
    );
    expect(await odoo.read('sale.order', id, ['partner_id'])).toMatchObject({ partner_id: [partner, 'بقالة النور'] });
  });

  it('a customer or product that is archived is found by its database id', async () => {
    const order = await wish(odoo);
    await odoo.write('res.partner', [order.partner], { active: false });
    await odoo.write('product.product', [order.product], { active: false });
    expect(loadedIds(await load(odoo, 'sale.order', FIELDS, rows(order), CREATE_ONLY))).toHaveLength(1);
  });

  it("an empty tax column makes lines without taxes; left out, the product's taxes are added", async () => {
    const order = {
      ...(await wish(odoo)),
      product: await product(odoo, { taxes_id: [[6, 0, [await tax(odoo, 15, false)]]] }),
    };
    const line = (key: string): string[] => [
      `__cartona__.order_${key}`,
      String(order.partner),
      'ref',
      `__cartona__.line_${key}`,
      String(order.product),
      '1',
      '10',
    ];
    const [taxed = 0] = loadedIds(await load(odoo, 'sale.order', FIELDS, [line(`${order.key}_a`)]));
    const [untaxed = 0] = loadedIds(
      await load(
        odoo,
        'sale.order',
        [...FIELDS, `order_line/${lineTaxes(odoo)}/.id`],
        [[...line(`${order.key}_b`), '']],
      ),
    );
    expect(await odoo.read('sale.order', taxed, ['amount_total'])).toMatchObject({ amount_total: 11.5 });
    expect(await odoo.read('sale.order', untaxed, ['amount_total', 'amount_tax'])).toMatchObject({
      amount_total: 10,
      amount_tax: 0,
    });
  });

  it("dates are in the user's time zone, unless the context says tz: UTC", async () => {
    const order = await wish(odoo);
    const fields = ['id', 'partner_id/.id', 'commitment_date'];
    const zone = await odoo.call('res.users', 'context_get', {});
    expect(zone).toMatchObject({ tz: 'Africa/Cairo' });
    const [local = 0] = loadedIds(
      await load(odoo, 'sale.order', fields, [
        [`__cartona__.order_${order.key}_a`, String(order.partner), '2026-01-02 10:00:00'],
      ]),
    );
    const [utc = 0] = loadedIds(
      await load(
        odoo,
        'sale.order',
        fields,
        [[`__cartona__.order_${order.key}_b`, String(order.partner), '2026-01-02 10:00:00']],
        {
          tz: 'UTC',
        },
      ),
    );
    expect(await odoo.read('sale.order', local, ['commitment_date'])).toMatchObject({
      commitment_date: '2026-01-02 08:00:00',
    });
    expect(await odoo.read('sale.order', utc, ['commitment_date'])).toMatchObject({
      commitment_date: '2026-01-02 10:00:00',
    });
    const iso = await load(odoo, 'sale.order', fields, [
      [`__cartona__.order_${order.key}_c`, String(order.partner), '2026-01-02T10:00:00Z'],
    ]);
    expect(iso.messages[0]).toMatchObject({ type: 'error', field: 'commitment_date' });
  });

  it('a line may be a note, and an order may have none', async () => {
    const order = await wish(odoo);
    const fields = [
      'id',
      'partner_id/.id',
      'note',
      'order_line/id',
      'order_line/display_type',
      'order_line/name',
      'order_line/product_id/.id',
      'order_line/product_uom_qty',
    ];
    const [id = 0] = loadedIds(
      await load(odoo, 'sale.order', fields, [
        [
          `__cartona__.order_${order.key}`,
          String(order.partner),
          'سطر\nline & more',
          `__cartona__.line_${order.key}`,
          'line_note',
          'a note',
          '',
          '',
        ],
      ]),
    );
    expect(await linesOf(odoo, id, ['display_type', 'name', 'product_id'])).toMatchObject([
      { display_type: 'line_note', name: 'a note', product_id: false },
    ]);
    expect(await odoo.read('sale.order', id, ['note', 'amount_total'])).toMatchObject({
      note: '<p>سطر\nline &amp; more</p>',
      amount_total: 0,
    });
  });

  it('loading, reading back, writing and posting are the same over every protocol', async () => {
    const order = await wish(odoo);
    for (const protocol of odoo.protocols) {
      const call = (method: string, args: Record<string, unknown>): Promise<unknown> =>
        odoo.call('sale.order', method, args, 'integration', protocol);
      const key = `${order.key}_${protocol.replace('-', '')}`;
      const loaded = await call('load', { fields: FIELDS, data: rows({ ...order, key }), context: CREATE_ONLY });
      const again = await call('load', { fields: FIELDS, data: rows({ ...order, key }), context: CREATE_ONLY });
      expect(again).toEqual(loaded);
      const [id = 0] = await odoo.search(
        'sale.order',
        [
          ['client_order_ref', '=', 'ref'],
          ['partner_id', '=', order.partner],
        ],
        { order: 'id desc', limit: 1 },
      );
      odoo.remember('sale.order', id);
      expect(loaded).toMatchObject({ ids: [id], messages: [] });
      await call('write', {
        ids: [id],
        vals: { client_order_ref: `written over ${protocol}`, commitment_date: '2026-03-01 08:00:00' },
      });
      await call('message_post', { ids: [id], body: 'ملاحظة & more' });
      expect(
        await call('read', {
          ids: [id],
          fields: ['client_order_ref', 'commitment_date', 'amount_total', 'order_line'],
          context: { lang: 'ar_001' },
        }),
      ).toEqual([
        {
          id,
          client_order_ref: `written over ${protocol}`,
          commitment_date: '2026-03-01 08:00:00',
          amount_total: 35.5,
          order_line: [expect.any(Number), expect.any(Number)],
        },
      ]);
      const refused = await call('load', {
        fields: FIELDS,
        data: rows({ ...order, key: `${key}_x`, partner: 999_999_999 }),
      });
      expect(refused).toMatchObject({
        ids: false,
        messages: [
          { type: 'error', record: 0, rows: { from: 0, to: 1 }, field: 'partner_id' },
          { type: 'error', record: 0 },
        ],
      });
    }
  });

  it('get_external_id tells the external ids of many records at once', async () => {
    const order = await wish(odoo);
    const [id = 0] = loadedIds(await load(odoo, 'sale.order', FIELDS, rows(order)));
    expect(await odoo.call('sale.order', 'get_external_id', { ids: [id] })).toEqual({
      [id]: `__cartona__.order_${order.key}`,
    });
    expect(await odoo.call('res.partner', 'get_external_id', { ids: [order.partner] })).toEqual({
      [order.partner]: '',
    });
  });

  it('an external id that is not there is an error of check_object_reference', async () => {
    expect(
      await odoo.refusal(
        odoo.call('ir.model.data', 'check_object_reference', { module: '__cartona__', xml_id: 'no_such' }),
      ),
    ).toContain('External ID not found in the system: __cartona__.no_such');
  });
});
