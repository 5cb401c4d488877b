import { describe, expect, it } from 'vitest';
import { receiveEvents } from '../../../../src/lib/orders/inbox/webhook-events.js';
import type { OrderEvent } from '../../../../src/lib/orders/inbox/webhook-events.js';
import { Killed, mortal } from '../../../fixtures/killed-clients.js';
import { pullOrders } from '../../../../src/lib/orders/inbox/pull.js';
import { openStagedWorld, openWorld } from '../../../fixtures/orders-world.js';

describe('orders that come by webhook', () => {
  it('cut off at any call and taken again, they are in Odoo once, without waiting for a pull', async () => {
    const world = await openWorld({ version: 18, protocol: 'json-rpc' });
    await world.products(['P1']);
    for (let call = 1; ; call += 1) {
      const machine = world.machine();
      const id = world.place([{ amount: 2 }]);
      const event: OrderEvent = { kind: 'order', hashedId: id, payload: JSON.stringify(world.at(id)) };
      const cut = await receiveEvents(mortal(machine, { call, moment: 'after' }).session, [event]).then(
        () => false,
        (error: unknown) => error instanceof Killed,
      );
      await receiveEvents(machine, [event]);
      expect(await world.sales(id)).toHaveLength(1);
      expect((await machine.store.inbox.list({ hashedIds: [id] }))[0]).toMatchObject({ phase: 'applied' });
      if (!cut) return;
    }
  });

  it('made in Odoo by a run that could not note it, then no longer to be made: the sale order is known all the same', async () => {
    const { simulated, world } = await openStagedWorld();
    const id = world.place([{ amount: 2 }]);
    simulated.faults.add({ kind: 'malformed', match: { model: 'sale.order', method: 'load' } });
    await expect(pullOrders(world.session)).rejects.toThrow();
    simulated.store.change((env) =>
      env.write('product.product', env.search('product.product', [['x_cartona_id', '=', world.id('P1')]]), {
        x_cartona_id: false,
      }),
    );
    expect((await pullOrders(world.session)).held).toMatchObject([{ hashedId: id }]);
    expect(await world.inbox(id)).toMatchObject({ phase: 'held', odooId: (await world.sale(id)).id });
  });
});
