import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { becomes, eventually } from '../fixtures/service.js';
import { openShop, TOKEN, type Shop } from '../fixtures/shop.js';

const NEVER = { pullMinutes: 1440 };

/** Requests about the state of one order that is no acknowledgement. */
const pushes = (shop: Shop, hashedId: string): unknown[] =>
  shop.marketplace.state.requests
    .list(`update-order-status/${hashedId}`)
    .map(({ body }) => (body as { status?: unknown }).status);

const amounts = (shop: Shop, hashedId: string): number[] =>
  shop.odoo.store
    .records('sale.order.line')
    .filter((line) => line['order_id'] === shop.saleOf(hashedId)?.['id'] && Number(line['product_uom_qty']) > 0)
    .map((line) => Number(line['product_uom_qty']));

const stateOf = (shop: Shop, hashedId: string): unknown => shop.saleOf(hashedId)?.['state'];

/** What Cartona is known to have on sale; undefined while nobody knows. */
const confirmedStock = (shop: Shop, cartonaId: string): Promise<string | undefined> =>
  shop.withRows(async (session) => {
    const row = (await session.store.deliveries.get('stock', [cartonaId])).get(cartonaId);
    return row?.deliveredAt === undefined ? undefined : row.delivered;
  });

describe('cartona serve: orders', () => {
  it('one sale order for each, whatever is repeated, reordered and lost; edits and cancellations arrive; nothing is told back', async () => {
    const shop = await openShop({
      products: 12,
      marketplace: { webhooks: { repeat: 0.5, reorder: 0.4, loss: 0.15, holdMs: 100, echo: true } },
    });
    await shop.serveLive();
    const { retailers, state } = shop.marketplace;
    const ids = Array.from({ length: 24 }, (_, at) => shop.place([[`P${(at % 12) + 1}`, 1 + (at % 3)]]));
    ids.forEach((id, at) => {
      if (at % 4 !== 0) return;
      retailers.startEditing(id);
      const [line] = shop.orderAt(id).order_details;
      retailers.finishEditing(id, at % 8 === 0 ? [{ id: line?.id, amount: 7 }] : []);
    });
    for (const id of ids.slice(-4)) retailers.cancel(id);
    await eventually(
      () => ids.filter((id) => state.orders.isListed(id)),
      (listed) => listed.length === 0,
      20_000,
    );
    await becomes(
      () => ids.map((id) => stateOf(shop, id)),
      ids.map((_, at) => (at >= 20 ? 'cancel' : 'draft')),
    );
    expect(shop.odoo.store.records('sale.order')).toHaveLength(24);
    expect(ids.map((id) => amounts(shop, id))).toEqual(
      ids.map((id) => shop.orderAt(id).order_details.map(({ amount }) => amount)),
    );
    // What the retailer did is known at Cartona: nobody tells it.
    expect(ids.flatMap((id) => pushes(shop, id))).toEqual([]);
    // Ordered and not reserved in Odoo: taken off what is on sale.
    const left = (cartonaId: string): number =>
      100 -
      ids
        .filter((id) => stateOf(shop, id) === 'draft')
        .flatMap((id) => shop.orderAt(id).order_details)
        .filter((line) => line.internal_product_id === cartonaId)
        .reduce((sum, line) => sum + line.amount, 0);
    await becomes(() => ['P1', 'P5', 'P9'].map((id) => shop.stockAt(id)), ['P1', 'P5', 'P9'].map(left));
  });

  it('what is signed is taken at once, without any pull; what is not is refused', async () => {
    const shop = await openShop({ settings: { serve: NEVER }, odoo: { latencyMs: 30 } });
    const service = await shop.serveLive();
    const id = shop.place([['P1', 3]]);
    await becomes(() => stateOf(shop, id), 'draft');
    // What was ordered is never put back on sale, not even until the order is in Odoo.
    await becomes(() => confirmedStock(shop, 'P1'), '97');
    expect(shop.sentStock('P1').filter((sent) => sent !== 97)).toEqual([]);
    const stranger = JSON.stringify({ ...shop.orderAt(id), hashed_id: 'of-a-stranger' });
    const post = (headers: Record<string, string>): Promise<number> =>
      fetch(`${service.url}/cartona_integration/webhook/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: stranger,
      }).then(({ status }) => status);
    expect([
      await post({}),
      await post({ authorization: 'Bearer wrong-wrong-wrong-wrong' }),
      await post({
        authorization: `Bearer ${TOKEN}`,
        'webhook-id': 'msg_1',
        'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
        'webhook-signature': 'v1,bm9uZQ==',
      }),
    ]).toEqual([401, 401, 401]);
    const next = shop.place([['P2', 1]]);
    await becomes(() => stateOf(shop, next), 'draft');
    expect(shop.saleOf('of-a-stranger')).toBeUndefined();
  });

  it.each([16, 18, 19] as const)(
    'approved when it is confirmed in Odoo %i, delivered when it is delivered, cancelled when it is cancelled; each told once',
    async (version) => {
      const shop = await openShop({ odoo: { version }, marketplace: { webhooks: { echo: true } } });
      await shop.serveLive();
      const [delivered, cancelled, untouched] = [
        shop.place([['P1', 2]]),
        shop.place([['P2', 1]]),
        shop.place([['P3', 1]]),
      ];
      await becomes(
        () => [delivered, cancelled, untouched].map((id) => stateOf(shop, id)),
        ['draft', 'draft', 'draft'],
      );
      shop.confirm(delivered);
      await becomes(() => shop.orderAt(delivered).status, 'approved');
      // Reserved now instead of only ordered: the same number is on sale.
      await becomes(() => shop.stockAt('P1'), 98);
      shop.deliver(delivered);
      await becomes(() => shop.orderAt(delivered).status, 'delivered');
      shop.cancel(cancelled);
      await becomes(() => shop.orderAt(cancelled).status, 'cancelled_by_supplier');
      // The goods are on sale again.
      await becomes(() => shop.stockAt('P2'), 100);
      // Two pulls and some polls later nothing was told again.
      const pulls = (): number => shop.marketplace.state.requests.list('pull-orders').length;
      const before = pulls();
      await eventually(pulls, (now) => now >= before + 2);
      expect([delivered, cancelled, untouched].map((id) => pushes(shop, id))).toEqual([
        ['approved', 'delivered'],
        ['cancelled_by_supplier'],
        [],
      ]);
      expect(shop.odoo.store.records('sale.order')).toHaveLength(3);
      expect(shop.stockAt('P1')).toBe(98);
    },
  );

  it('what Cartona tells of our own doings comes late: no state is told again', async () => {
    const shop = await openShop({ marketplace: { webhooks: { echo: true } } });
    await shop.serveLive();
    const id = shop.place([['P1', 2]]);
    await becomes(() => stateOf(shop, id), 'draft');
    shop.marketplace.webhooks.pause();
    shop.confirm(id);
    await becomes(() => shop.orderAt(id).status, 'approved');
    shop.deliver(id);
    await becomes(() => shop.orderAt(id).status, 'delivered');
    shop.marketplace.webhooks.resume();
    await shop.marketplace.webhooks.quiet();
    const pulls = shop.marketplace.state.requests.list('pull-orders').length;
    await eventually(
      () => shop.marketplace.state.requests.list('pull-orders').length,
      (now) => now >= pulls + 2,
    );
    expect(pushes(shop, id)).toEqual(['approved', 'delivered']);
  });

  it('an order that is confirmed and cancelled by the retailer is cancelled in Odoo; what Cartona approved is confirmed there, and not told back', async () => {
    const shop = await openShop();
    await shop.serveLive();
    const [taken, approved] = [shop.place([['P1', 2]]), shop.place([['P2', 2]])];
    await becomes(() => [stateOf(shop, taken), stateOf(shop, approved)], ['draft', 'draft']);
    shop.confirm(taken);
    await becomes(() => shop.orderAt(taken).status, 'approved');
    shop.marketplace.retailers.cancel(taken);
    await becomes(() => stateOf(shop, taken), 'cancel');
    await becomes(() => shop.stockAt('P1'), 100);
    const record = shop.marketplace.state.orders.require(approved);
    shop.marketplace.state.orders.change(record, { status: 'approved' }, 'cartona');
    await becomes(() => stateOf(shop, approved), 'sale');
    const pulls = shop.marketplace.state.requests.list('pull-orders').length;
    await eventually(
      () => shop.marketplace.state.requests.list('pull-orders').length,
      (now) => now >= pulls + 2,
    );
    expect([pushes(shop, taken), pushes(shop, approved)]).toEqual([['approved'], []]);
  });

  it("an order that needs the retailer's code is not knocked at again; with the code it is delivered", async () => {
    const shop = await openShop();
    await shop.serveLive();
    const id = shop.place([['P1', 2]], { installment_cost: 5 });
    await becomes(() => stateOf(shop, id), 'draft');
    shop.confirm(id);
    await becomes(() => shop.orderAt(id).status, 'approved');
    shop.deliver(id);
    const failures = await eventually(
      () => shop.failures(),
      ([first]) => first?.state === 'awaiting_otp',
    );
    expect(failures).toMatchObject([{ kind: 'order_state', key: id }]);
    const pulls = shop.marketplace.state.requests.list('pull-orders').length;
    await eventually(
      () => shop.marketplace.state.requests.list('pull-orders').length,
      (now) => now >= pulls + 2,
    );
    expect(pushes(shop, id).filter((status) => status === 'delivered').length).toBeLessThanOrEqual(1);
    const otp = shop.marketplace.state.orders.require(id).retailerOtp ?? '';
    expect(await shop.run('orders', 'deliver', id, '--otp', otp, '--json')).toMatchObject({ code: 0 });
    expect(shop.orderAt(id).status).toBe('delivered');
    await becomes(() => shop.failures(), []);
  });

  it('what `orders pull` brings beside the service is never put back on sale', async () => {
    const shop = await openShop({ settings: { serve: NEVER } });
    await shop.serveLive();
    shop.marketplace.webhooks.unsubscribe();
    shop.place([['P1', 2]]);
    // 6: the service still reads the list for the first time.
    const pulled = await eventually(
      () => shop.run('orders', 'pull', '--quiet'),
      ({ code }) => code !== 6,
    );
    expect(pulled).toMatchObject({ code: 0, stderr: '' });
    await becomes(() => confirmedStock(shop, 'P1'), '98');
    expect([shop.stockAt('P1'), shop.sentStock('P1').filter((sent) => sent !== 98)]).toEqual([98, []]);
  });

  it('`orders pull` beside the service: every order once, and neither of them fails', async () => {
    const shop = await openShop({ products: 12, odoo: { latencyMs: 10 } });
    const service = await shop.serveLive();
    const ids: string[] = [];
    const placing = (async () => {
      for (let count = 0; count < 40; count += 1) {
        ids.push(shop.place([[`P${(count % 12) + 1}`, 1]]));
        await sleep(30);
      }
    })();
    const codes: number[] = [];
    for (let run = 0; run < 3; run += 1) codes.push((await shop.run('orders', 'pull', '--quiet')).code);
    await placing;
    // 6: the service is at it just now.
    expect(codes.filter((code) => code !== 0 && code !== 6)).toEqual([]);
    await eventually(
      () => ids.filter((id) => shop.marketplace.state.orders.isListed(id)),
      (listed) => listed.length === 0,
      20_000,
    );
    expect(
      shop.odoo.store
        .records('sale.order')
        .map((sale) => sale['client_order_ref'])
        .sort(),
    ).toEqual([...ids].sort());
    expect(service.events().filter(({ level }) => level !== 'info')).toEqual([]);
  });
});
