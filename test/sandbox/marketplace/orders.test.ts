import { describe, expect, it } from 'vitest';
import type { Marketplace, MarketplaceOptions } from '../../../src/sandbox/marketplace/server.js';
import type { NewOrder } from '../../../src/sandbox/marketplace/orders/order-schemas.js';
import type { ApiOrder } from '../../../src/sandbox/supplier/supplier.js';
import { Client, startWithClient, supplierWith } from '../../fixtures/marketplace-client.js';

/** A marketplace that holds one order of two lines: 4 × 10.00 and 2 × 0.10. */
async function withOrder(
  wanted: NewOrder = {},
  options: MarketplaceOptions = {},
): Promise<{ marketplace: Marketplace; client: Client; order: ApiOrder; otp: string | null }> {
  const { marketplace, client } = await startWithClient({ supplier: supplierWith({}, {}, {}), ...options });
  const lines = [
    { internal_product_id: 'CRT-1', amount: 4 },
    { internal_product_id: 'CRT-2', amount: 2, selling_price: 0.1 },
  ];
  const { order, retailerOtp } = marketplace.retailers.place({ lines, ...wanted });
  return { marketplace, client, order, otp: retailerOtp };
}

describe('pull-orders', () => {
  it('pages through every order, then answers an empty page', async () => {
    const { marketplace, client } = await startWithClient();
    const ids = new Set<unknown>();
    for (let page = 1; ; page += 1) {
      const orders = await client.pull({ page: String(page), per_page: '30' });
      if (orders.length === 0) break;
      for (const order of orders) ids.add(order.hashed_id);
    }
    expect(ids.size).toBe(100);
    expect(ids.size).toBe(marketplace.state.orders.size);
    expect(await client.pull({ limit: '7' })).toHaveLength(7);
    expect(await client.pull({ limit: '7', per_page: '3' })).toHaveLength(3);
    expect(await client.pull({ per_page: '500' })).toHaveLength(100);
  });

  it('bounds the last change by from and to', async () => {
    let now = new Date('2026-11-01T10:00:00Z');
    const { marketplace, client } = await startWithClient({ supplier: supplierWith({}), clock: () => now });
    marketplace.retailers.place();
    now = new Date('2026-11-02T10:00:00Z');
    const late = marketplace.retailers.place().order.hashed_id;
    expect((await client.pull({ from: '2026-11-02' })).map((order) => order.hashed_id)).toEqual([late]);
    expect(await client.pull({ to: '2026-11-02T09:59:59Z' })).toHaveLength(1);
    expect(await client.pull({ from: '2026-11-02T12:00:00+02:00' })).toHaveLength(1);
    for (const from of ['yesterday', '2026-11-02 10:00:00', '2026-13-01'])
      expect((await client.get(client.paths.pullOrders, { from })).status, from).toBe(422);
  });

  it('lists an order until it is acknowledged, and again after any later change', async () => {
    const { marketplace, client, order } = await withOrder();
    const listed = async (): Promise<boolean> =>
      (await client.pull()).some((pulled) => pulled.hashed_id === order.hashed_id);
    const acknowledge = async (): Promise<void> => {
      expect(await client.setStatuses([{ hashed_id: order.hashed_id, status: 'synced' }])).toMatchObject({
        status: 200,
        body: {},
      });
      expect(await listed()).toBe(false);
    };
    expect(await listed()).toBe(true);
    expect(await listed()).toBe(true);
    await acknowledge();
    expect((await client.setStatus(order.hashed_id, 'synced')).status).toBe(200);
    expect(await listed()).toBe(false);
    await client.setStatus(order.hashed_id, 'approved');
    expect(await listed()).toBe(true);
    await acknowledge();
    const [line] = order.order_details;
    await client.post(client.paths.updateDetails, [
      { hashed_id: order.hashed_id, order_details: [{ id: line?.id, amount: 1 }] },
    ]);
    expect(await listed()).toBe(true);
    await acknowledge();
    marketplace.retailers.cancel(order.hashed_id);
    expect(await listed()).toBe(true);
    await acknowledge();
    expect(order.status).toBe('cancelled_by_retailer');
  });

  it.each([
    ['order', false],
    ['version', true],
  ] as const)(
    'where an acknowledgement is of the %s, a change after the pull stays listed: %s',
    async (ackMeaning, staysListed) => {
      const { marketplace, client, order } = await withOrder({}, { ackMeaning });
      await client.pull();
      marketplace.retailers.startEditing(order.hashed_id);
      marketplace.retailers.finishEditing(order.hashed_id, [{ internal_product_id: 'CRT-3', amount: 1 }]);
      expect((await client.setStatus(order.hashed_id, 'synced')).status).toBe(200);
      expect((await client.pull()).length === 1).toBe(staysListed);
      await client.setStatus(order.hashed_id, 'synced');
      expect(await client.pull()).toEqual([]);
    },
  );

  it('shows the link that a product has now', async () => {
    const { marketplace, client } = await startWithClient({ supplier: supplierWith({ internalProductId: null }) });
    marketplace.retailers.place({ lines: [{ supplier_product_id: '501', amount: 1 }] });
    const link = async (): Promise<unknown> =>
      ((await client.pull())[0]?.order_details as { internal_product_id: unknown }[])[0]?.internal_product_id;
    expect(await link()).toBeNull();
    await client.post(client.paths.updateProducts, [{ supplier_product_id: 501, internal_product_id: 'NEW' }]);
    expect(await link()).toBe('NEW');
  });
});

describe('update-order-status on the single path', () => {
  it('takes an order from pending over approved and assigned to delivered, and no further', async () => {
    const { client, order } = await withOrder();
    for (const status of ['approved', 'assigned_to_salesman', 'delivered'])
      expect(await client.setStatus(order.hashed_id, status)).toMatchObject({ status: 200, body: { success: true } });
    expect(order.status).toBe('delivered');
    for (const status of ['pending', 'approved', 'delivered', 'returned', 'cancelled_by_supplier']) {
      expect(await client.setStatus(order.hashed_id, status, { cancellation_reason: 'out_of_stock' })).toMatchObject({
        status: 422,
        body: { error: expect.any(String) as unknown },
      });
    }
  });

  it('delivers an approved order at once, but not a pending one', async () => {
    const { client, order } = await withOrder();
    expect((await client.setStatus(order.hashed_id, 'delivered')).status).toBe(422);
    expect((await client.setStatus(order.hashed_id, 'assigned_to_salesman')).status).toBe(422);
    expect((await client.setStatus(order.hashed_id, 'approved', { estimated_delivery_day: '2026-11-09' })).status).toBe(
      200,
    );
    expect((await client.setStatus(order.hashed_id, 'pending')).status).toBe(422);
    expect((await client.setStatus(order.hashed_id, 'delivered')).status).toBe(200);
    expect(order.estimated_delivery_day).toBe('2026-11-09');
  });

  it.each(['editing', 'cancelled_by_retailer', 'done', '', undefined])(
    'does not accept the status %s from a supplier',
    async (status) => {
      const { client, order } = await withOrder();
      expect(
        (await client.post(`${client.paths.updateStatus}/${order.hashed_id}`, { hashed_id: order.hashed_id, status }))
          .status,
      ).toBe(422);
      expect(order.status).toBe('pending');
    },
  );

  it('locks the supplier out of everything while the retailer edits', async () => {
    const { marketplace, client, order } = await withOrder();
    const before = structuredClone(order);
    marketplace.retailers.startEditing(order.hashed_id);
    for (const status of ['synced', 'pending', 'approved', 'delivered', 'cancelled_by_supplier']) {
      const answer = await client.setStatus(order.hashed_id, status, { cancellation_reason: 'out_of_stock' });
      expect(answer, status).toMatchObject({
        status: 422,
        body: { error: expect.stringContaining('being edited') as unknown },
      });
    }
    const edit = await client.post(client.paths.updateDetails, [
      { hashed_id: order.hashed_id, order_details: [{ id: order.order_details[0]?.id, amount: 1 }] },
    ]);
    expect(edit.body).toEqual([expect.objectContaining({ hashed_id: order.hashed_id, success: false })]);
    expect(order).toEqual({ ...before, status: 'editing' });
    marketplace.retailers.finishEditing(order.hashed_id);
    expect((await client.setStatus(order.hashed_id, 'approved')).status).toBe(200);
  });

  it('lets the supplier only cancel what Cartona delivers', async () => {
    const { client, order } = await withOrder({ delivered_by: 'delivered_by_cartona' });
    expect((await client.setStatus(order.hashed_id, 'approved')).status).toBe(422);
    expect(
      (await client.setStatus(order.hashed_id, 'cancelled_by_supplier', { cancellation_reason: 'out_of_stock' }))
        .status,
    ).toBe(200);
    expect(order).toMatchObject({ status: 'cancelled_by_supplier', cancellation_reason: 'out_of_stock' });
  });

  it.each([undefined, '', 'no_reason'])('refuses to cancel for the reason %s', async (reason) => {
    const { client, order } = await withOrder();
    expect(
      (await client.setStatus(order.hashed_id, 'cancelled_by_supplier', { cancellation_reason: reason })).status,
    ).toBe(422);
    expect(order.status).toBe('pending');
  });

  it.each([{ installment_cost: 20 }, { wallet_top_up: 50 }])(
    'needs the right OTP to deliver with %j',
    async (money) => {
      const { client, order, otp } = await withOrder({ ...money, retailer_otp: '0427' });
      expect(otp).toBe('0427');
      await client.setStatus(order.hashed_id, 'approved');
      for (const more of [{}, { retailer_otp: '1111' }, { retailer_otp: '' }]) {
        expect(await client.setStatus(order.hashed_id, 'delivered', more)).toMatchObject({
          status: 422,
          body: { error: expect.stringContaining('OTP') as unknown },
        });
      }
      expect(order.status).toBe('approved');
      expect((await client.setStatus(order.hashed_id, 'delivered', { retailer_otp: '0427' })).status).toBe(200);
    },
  );

  it('never shows the OTP to the supplier', async () => {
    const { client } = await withOrder({ wallet_top_up: 50, retailer_otp: 'otp-4711' });
    expect(JSON.stringify(await client.pull())).not.toContain('otp-4711');
  });

  it('refuses an unknown order, a foreign hashed_id, a missing one, an undocumented field, an array and a bad day', async () => {
    const { client, order } = await withOrder();
    const path = `${client.paths.updateStatus}/${order.hashed_id}`;
    const wish = { hashed_id: order.hashed_id, status: 'approved' };
    expect((await client.setStatus('unknown', 'approved')).status).toBe(404);
    for (const body of [
      { ...wish, hashed_id: 'other' },
      { status: 'approved' },
      { ...wish, otp: '1' },
      [wish],
      { ...wish, delivery_day: '9/11/2026' },
    ]) {
      expect((await client.post(path, body)).status, JSON.stringify(body)).toBe(422);
    }
    expect(order.status).toBe('pending');
  });
});

describe('update-order-status on the bulk path', () => {
  it('answers 200 whatever fails, does what can be done, and tells nothing', async () => {
    const { marketplace, client, order } = await withOrder({ wallet_top_up: 50 });
    const other = marketplace.retailers.place().order;
    const answer = await client.setStatuses([
      { hashed_id: 'unknown', status: 'approved' },
      { hashed_id: order.hashed_id, status: 'delivered' },
      17,
      { hashed_id: order.hashed_id, status: 'nonsense' },
      { hashed_id: other.hashed_id, status: 'approved' },
      { hashed_id: order.hashed_id, status: 'approved' },
      { hashed_id: order.hashed_id, status: 'delivered', retailer_otp: 'wrong' },
    ]);
    expect(answer).toMatchObject({ status: 200, body: {} });
    expect([order.status, other.status]).toEqual(['approved', 'approved']);
  });

  it('takes no more than a hundred, and only an array', async () => {
    const { client, order } = await withOrder();
    const wish = { hashed_id: order.hashed_id, status: 'approved' };
    expect((await client.setStatuses(Array.from({ length: 101 }, () => wish))).status).toBe(413);
    expect((await client.setStatuses(wish)).status).toBe(422);
    expect(order.status).toBe('pending');
  });
});

describe('update-order-details', () => {
  const edit = (client: Client, order: ApiOrder, lines: unknown[]): Promise<{ body: unknown; status: number }> =>
    client.post(client.paths.updateDetails, [{ hashed_id: order.hashed_id, order_details: lines }]);

  it('changes, cancels and adds lines, and the total stays the sum of the lines', async () => {
    const { marketplace, client, order } = await withOrder();
    const [first, second] = order.order_details;
    expect(order.total_price).toBe(40.2);
    const answer = await edit(client, order, [
      { id: first?.id, amount: 3, price: 9.99, comment: 'عرض' },
      { id: String(second?.id), cancelled: true },
      { internal_product_id: 'CRT-3', amount: 2, price: 0.7 },
    ]);
    expect(answer).toMatchObject({ status: 200, body: [{ hashed_id: order.hashed_id, success: true }] });
    expect(
      order.order_details.map(({ amount, selling_price, comment, internal_product_id: id }) => [
        id,
        amount,
        selling_price,
        comment,
      ]),
    ).toEqual([
      ['CRT-1', 3, 9.99, 'عرض'],
      ['CRT-3', 2, 0.7, null],
    ]);
    expect(order.order_details.map((line) => line.id)[0]).toBe(first?.id);
    expect(new Set([first?.id, second?.id, order.order_details[1]?.id]).size).toBe(3);
    expect(order.total_price).toBe(31.37);
    expect(marketplace.state.products.all().map((product) => product.stock)).toEqual([47, 50, 48]);
  });

  it.each([
    ['an unknown line', (line: number) => [{ id: line + 1000, amount: 1 }]],
    ['another product on a line', (line: number) => [{ id: line, internal_product_id: 'CRT-3', amount: 1 }]],
    ['an unknown product', () => [{ internal_product_id: 'CRT-404', amount: 1 }]],
    ['an added line without a product', () => [{ amount: 1 }]],
    ['an added line without an amount', () => [{ internal_product_id: 'CRT-3' }]],
    ['an amount of zero', (line: number) => [{ id: line, amount: 0 }]],
    ['a fractional amount', (line: number) => [{ id: line, amount: 1.5 }]],
    ['a price of zero', (line: number) => [{ id: line, price: 0 }]],
    ['an undocumented field', (line: number) => [{ id: line, quantity: 2 }]],
    [
      'no line left',
      (line: number) => [
        { id: line, cancelled: true },
        { id: line + 1, cancelled: true },
      ],
    ],
    [
      'a good edit beside a bad one',
      (line: number) => [
        { id: line, amount: 1 },
        { id: line + 1, amount: -1 },
      ],
    ],
    ['no edits', () => []],
  ])('refuses %s and leaves the whole order as it was', async (_what, lines) => {
    const { client, order } = await withOrder();
    const before = structuredClone(order);
    const answer = await edit(client, order, lines(order.order_details[0]?.id ?? 0));
    expect(answer).toMatchObject({ status: 200, body: [{ hashed_id: order.hashed_id, success: false }] });
    expect(order).toEqual(before);
  });

  it('edits in pending, approved and assigned, not when delivered, nor what Cartona delivers', async () => {
    const { client, order } = await withOrder();
    const id = order.order_details[0]?.id;
    let amount = 10;
    const accepted = async (): Promise<unknown> =>
      ((await edit(client, order, [{ id, amount: (amount += 1) }])).body as { success: boolean }[])[0]?.success;
    expect(await accepted()).toBe(true);
    for (const [status, editable] of [
      ['approved', true],
      ['assigned_to_salesman', true],
      ['delivered', false],
    ] as const) {
      await client.setStatus(order.hashed_id, status);
      expect(await accepted(), status).toBe(editable);
    }
    const foreign = await withOrder({ delivered_by: 'delivered_by_cartona' });
    const answer = await edit(foreign.client, foreign.order, [{ id: foreign.order.order_details[0]?.id, amount: 1 }]);
    expect(answer.body).toEqual([expect.objectContaining({ success: false })]);
  });

  it('takes the good order beside a bad one, or neither where batches are atomic; an order named twice is edited once', async () => {
    const { marketplace, client, order } = await withOrder();
    const id = order.order_details[0]?.id;
    const body = [
      { hashed_id: order.hashed_id, order_details: [{ id, amount: 7 }] },
      { hashed_id: 'unknown', order_details: [{ id, amount: 7 }] },
    ];
    marketplace.behaviour.atomicBatches = true;
    expect((await client.post(client.paths.updateDetails, body)).status).toBe(422);
    expect(order.order_details[0]?.amount).toBe(4);
    marketplace.behaviour.atomicBatches = false;
    expect(
      (
        await client.post(client.paths.updateDetails, [
          ...body,
          { hashed_id: order.hashed_id, order_details: [{ id, amount: 8 }] },
        ])
      ).status,
    ).toBe(200);
    expect(order.order_details[0]?.amount).toBe(7);
  });
});
