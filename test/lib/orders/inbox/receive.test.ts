import { describe, expect, it } from 'vitest';
import { pullOrders } from '../../../../src/lib/orders/inbox/pull.js';
import { listOrders, showOrder } from '../../../../src/lib/orders/overview.js';
import { receiveOrders } from '../../../../src/lib/orders/inbox/receive.js';
import { openWorld, type World } from '../../../fixtures/orders-world.js';

const open = (): Promise<World> => openWorld({ version: 18, protocol: 'json-rpc' });

describe('receiving orders', () => {
  it('makes the stock of their products unconfirmed, and again when they change, for what they had before too', async () => {
    const world = await open();
    const { deliveries } = world.session.store;
    const confirmed = async (...shorts: string[]): Promise<boolean[]> => {
      const rows = await deliveries.get('stock', shorts.map(world.id));
      return shorts.map((short) => rows.get(world.id(short))?.deliveredAt !== undefined);
    };
    const confirmAll = (): Promise<void> =>
      deliveries.recordObserved(
        'stock',
        ['P1', 'P2', 'P3'].map((short) => ({ key: world.id(short), delivered: '50' })),
        world.session.now(),
      );
    await confirmAll();
    const id = world.place([{ internal_product_id: 'P1' }, { internal_product_id: 'P2' }]);
    expect(await receiveOrders(world.session)).toMatchObject({ changed: 1 });
    expect(await confirmed('P1', 'P2', 'P3')).toEqual([false, false, true]);
    await confirmAll();
    expect(await receiveOrders(world.session)).toMatchObject({ changed: 0 });
    expect(await confirmed('P1', 'P2')).toEqual([true, true]);
    world.edit(id, [null]);
    await receiveOrders(world.session);
    expect(await confirmed('P1', 'P2', 'P3')).toEqual([false, false, true]);
  });

  it('notes the state that Cartona tells, and tries refused ones again once the order changed', async () => {
    const world = await open();
    const { deliveries } = world.session.store;
    const id = world.place([{}]);
    await receiveOrders(world.session);
    await deliveries.record(
      'order_state',
      [{ key: id, odooId: 1, wanted: 'approved', outcome: 'rejected', reason: 'no' }],
      1,
    );
    await receiveOrders(world.session);
    expect((await deliveries.get('order_state', [id])).get(id)).toMatchObject({
      delivered: 'pending',
      outcome: 'rejected',
    });
    world.status(id, 'editing');
    await receiveOrders(world.session);
    expect((await deliveries.get('order_state', [id])).get(id)).toMatchObject({
      delivered: 'editing',
      outcome: 'failed',
    });
  });

  it('acknowledges nothing', async () => {
    const world = await open();
    const id = world.place([{}]);
    await receiveOrders(world.session);
    expect(world.listed(id)).toBe(true);
    expect(await world.inbox(id)).toMatchObject({ phase: 'received', status: 'pending', cartonaTotal: '10' });
  });
});

describe('looking at orders', () => {
  it('lists and shows what is known, with lines, money and history, and without the pick-up OTP', async () => {
    const world = await open();
    await world.products(['P1']);
    const id = world.place([{ amount: 3, applied_supplier_discount: 1, comment: 'بارد' }], {
      pickup_otp: '774411',
      wallet_top_up: 20,
    });
    const waiting = world.place([{ internal_product_id: 'NONE' }]);
    await pullOrders(world.session);
    const list = await listOrders(world.session, {});
    expect(list.map((order) => [order.hashedId, order.phase]).sort()).toEqual(
      [
        [id, 'acknowledged'],
        [waiting, 'held'],
      ].sort(),
    );
    expect(await listOrders(world.session, { held: true })).toMatchObject([
      { hashedId: waiting, reason: expect.stringContaining('NONE') as string },
    ]);
    expect(await listOrders(world.session, { status: 'approved' })).toEqual([]);
    expect(await listOrders(world.session, { limit: 1 })).toHaveLength(1);

    const details = await showOrder(world.session, id);
    expect(details).toMatchObject({
      status: 'pending',
      phase: 'acknowledged',
      odooName: (await world.sale(id)).name,
      cartonaTotal: '30',
      odooTotal: '30',
      money: { cashToCollect: '50', needsOtp: true, supplierDiscount: '3' },
      lines: [{ cartonaId: world.id('P1'), amount: '3', price: '10', comment: 'بارد' }],
      state: { confirmed: 'pending' },
    });
    expect(details.history.map((entry) => [entry.system, entry.action])).toEqual([
      ['odoo', 'create order'],
      ['cartona', 'acknowledge'],
    ]);
    expect(JSON.stringify([details, list, await world.session.store.inbox.list({})])).not.toContain('774411');
    expect((await showOrder(world.session, (await world.sale(id)).name)).hashedId).toBe(id);
    await expect(showOrder(world.session, 'nobody')).rejects.toMatchObject({ kind: 'usage' });
  });
});
