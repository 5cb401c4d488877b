import { describe, expect, it } from 'vitest';
import type { Marketplace } from '../../../src/sandbox/marketplace/server.js';
import { Client, start, startWithClient, supplierWith } from '../../fixtures/marketplace-client.js';

/** Control requests carry no token. */
async function control(
  marketplace: Marketplace,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const sent =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const response = await fetch(`${marketplace.url}/_sandbox${path}`, { method, ...sent });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('retailers', () => {
  it('take their goods off the stock that is on sale, and give them back when an order is cancelled by whomever', async () => {
    const { marketplace, client } = await startWithClient({
      supplier: supplierWith({ stock: 5 }, { stock: 9, unlimitedStock: true }),
    });
    const stock = (): number[] => marketplace.state.products.all().map((product) => product.stock);
    const place = (): string =>
      marketplace.retailers.place({
        lines: [
          { internal_product_id: 'CRT-1', amount: 5 },
          { internal_product_id: 'CRT-2', amount: 30 },
        ],
      }).order.hashed_id;
    const first = place();
    expect(stock()).toEqual([0, 9]);
    expect(marketplace.state.products.all()[0]?.inStock).toBe(false);
    expect(() => marketplace.retailers.place({ lines: [{ internal_product_id: 'CRT-1', amount: 1 }] })).toThrow(
      'only 0 of product 501',
    );
    marketplace.retailers.cancel(first);
    expect(stock()).toEqual([5, 9]);
    await client.setStatus(place(), 'cancelled_by_supplier', { cancellation_reason: 'out_of_stock' });
    expect(stock()).toEqual([5, 9]);
  });

  it('edit a pending order, and only that', async () => {
    const { marketplace, client } = await startWithClient({ supplier: supplierWith({}, {}) });
    const { order } = marketplace.retailers.place({ lines: [{ internal_product_id: 'CRT-1', amount: 2 }] });
    expect(() => marketplace.retailers.finishEditing(order.hashed_id)).toThrow('already pending');
    marketplace.retailers.startEditing(order.hashed_id);
    expect(() => marketplace.retailers.cancel(order.hashed_id)).toThrow('cannot go from editing');
    expect((await client.pull())[0]).toMatchObject({ hashed_id: order.hashed_id, status: 'editing' });
    marketplace.retailers.finishEditing(order.hashed_id, [
      { id: order.order_details[0]?.id, amount: 3 },
      { internal_product_id: 'CRT-2', amount: 1 },
    ]);
    expect((await client.pull())[0]).toMatchObject({
      status: 'pending',
      total_price: 40,
      order_details: [{ amount: 3 }, { amount: 1 }],
    });
    await client.setStatus(order.hashed_id, 'approved');
    expect(() => marketplace.retailers.startEditing(order.hashed_id)).toThrow();
    marketplace.retailers.cancel(order.hashed_id, 'delayed_order');
    expect(order).toMatchObject({ status: 'cancelled_by_retailer', cancellation_reason: 'delayed_order' });
  });

  it('may not cancel what is on its way', async () => {
    const { marketplace, client } = await startWithClient({ supplier: supplierWith({}) });
    const { order } = marketplace.retailers.place();
    await client.setStatus(order.hashed_id, 'approved');
    await client.setStatus(order.hashed_id, 'assigned_to_salesman');
    expect(() => marketplace.retailers.cancel(order.hashed_id)).toThrow();
    expect(order.status).toBe('assigned_to_salesman');
  });

  it('are told what they cannot order', async () => {
    const marketplace = await start({ supplier: supplierWith({}) });
    expect(() => marketplace.retailers.place({ lines: [{ internal_product_id: 'CRT-404' }] })).toThrow(
      'sells no product CRT-404',
    );
    expect(() =>
      marketplace.retailers.place({
        lines: [
          { internal_product_id: 'CRT-1', amount: 30 },
          { internal_product_id: 'CRT-1', amount: 21 },
        ],
      }),
    ).toThrow('only 50');
    expect(marketplace.state.orders.size).toBe(0);
  });
});

describe("Cartona's staff", () => {
  it('moves what Cartona delivers along the cycle, and only cancels the rest', async () => {
    const marketplace = await start({ supplier: supplierWith({}) });
    const theirs = marketplace.retailers.place({ delivered_by: 'delivered_by_cartona', wallet_top_up: 10 }).order;
    const ours = marketplace.retailers.place().order;
    for (const status of ['approved', 'assigned_to_salesman', 'returned'] as const)
      marketplace.retailers.setStatus(theirs.hashed_id, status);
    expect(theirs.status).toBe('returned');
    expect(() => marketplace.retailers.setStatus(ours.hashed_id, 'approved')).toThrow('may not');
    marketplace.retailers.setStatus(ours.hashed_id, 'cancelled_by_supplier', 'supplier_asked_me_to_cancel');
    expect(ours).toMatchObject({ status: 'cancelled_by_supplier', cancellation_reason: 'supplier_asked_me_to_cancel' });
  });

  it('edits lines, and the order says so', async () => {
    const marketplace = await start({ supplier: supplierWith({}) });
    const { order } = marketplace.retailers.place({ lines: [{ internal_product_id: 'CRT-1', amount: 2 }] });
    marketplace.retailers.editByAdmin(order.hashed_id, [{ id: order.order_details[0]?.id, price: 8 }]);
    expect(order).toMatchObject({ edited_by_admin: true, total_price: 16 });
  });
});

describe('the control endpoints', () => {
  it('stage orders and their whole life without a token, and show the OTP', async () => {
    const marketplace = await start({ supplier: supplierWith({}, {}) });
    const client = new Client(marketplace);
    const placed = await control(marketplace, 'POST', '/orders', {
      lines: [{ internal_product_id: 'CRT-1', amount: 2 }],
      installment_cost: 5,
      retailer_otp: '0099',
    });
    expect(placed).toMatchObject({
      status: 200,
      body: { status: 'pending', total_price: 20, sandbox: { retailer_otp: '0099', listed: true } },
    });
    const id = String(placed.body.hashed_id);
    const act = (action: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }> =>
      control(marketplace, 'POST', `/orders/${id}/${action}`, body);
    expect((await act('start-editing')).body.status).toBe('editing');
    expect((await client.setStatus(id, 'approved')).status).toBe(422);
    expect((await act('finish-editing', { lines: [{ internal_product_id: 'CRT-2', amount: 1 }] })).body).toMatchObject({
      status: 'pending',
      total_price: 30,
    });
    expect((await act('admin-edit', { lines: [{ internal_product_id: 'CRT-2', amount: 1 }] })).body).toMatchObject({
      edited_by_admin: true,
      total_price: 40,
    });
    expect((await act('set-status', { status: 'approved' })).status).toBe(422);
    expect((await act('cancel', { reason: 'delayed_order' })).body).toMatchObject({
      status: 'cancelled_by_retailer',
      cancellation_reason: 'delayed_order',
    });
    expect((await act('cancel')).status).toBe(422);
    expect((await act('vanish')).status).toBe(422);
    expect((await control(marketplace, 'POST', '/orders/unknown/cancel')).status).toBe(404);
    expect((await control(marketplace, 'POST', '/orders', { shop: 'x' })).status).toBe(422);
  });

  it('show products, orders and requests', async () => {
    const { marketplace, client } = await startWithClient({ supplier: supplierWith({}, {}) });
    marketplace.retailers.place();
    await client.post(client.paths.updateProducts, [{ internal_product_id: 'CRT-1', selling_price: 3 }]);
    const state = async (what: string): Promise<unknown> =>
      (await control(marketplace, 'GET', `/state?what=${what}`)).body;
    expect(await state('products')).toEqual(JSON.parse(JSON.stringify(marketplace.state.products.all())));
    expect(await state('orders')).toHaveLength(1);
    expect(await state('requests')).toMatchObject([
      {
        method: 'POST',
        path: '/api/v1/base-product/bulk-update',
        auth: true,
        status: 200,
        body: [{ internal_product_id: 'CRT-1', selling_price: 3 }],
      },
    ]);
    expect((await control(marketplace, 'GET', '/state?what=tokens')).status).toBe(422);
    expect((await control(marketplace, 'GET', '/state')).status).toBe(422);
  });

  it('change the behaviour, but not to nonsense', async () => {
    const { marketplace, client } = await startWithClient({ supplier: supplierWith({}) });
    expect(
      (await control(marketplace, 'POST', '/behaviour', { answerShape: 'empty-object', maxItems: 1 })).body,
    ).toMatchObject({ answerShape: 'empty-object', maxItems: 1, ackMeaning: 'order' });
    expect((await client.post(client.paths.updateProducts, [{}])).body).toEqual({});
    expect((await control(marketplace, 'POST', '/behaviour', { answerShape: 'poem' })).status).toBe(422);
    expect((await control(marketplace, 'POST', '/behaviour', { kindness: 1 })).status).toBe(422);
  });
});
