import { describe, expect, it } from 'vitest';
import { receiveEvents } from '../../../src/lib/orders/arrive.js';
import type { OrderEvent } from '../../../src/lib/orders/take-events.js';
import { Killed, mortal } from './killed.js';
import { openWorld } from './world.js';

describe('orders that come by webhook', () => {
  it('cut off at any call and taken again, they are in Odoo once, without waiting for a pull', async () => {
    const world = await openWorld({ version: 18, protocol: 'json-rpc' });
    await world.products(['P1']);
    for (let call = 1; ; call += 1) {
      const machine = world.machine();
      const id = world.place([{ amount: 2 }]);
      const event: OrderEvent = { kind: 'order', hashedId: id, payload: JSON.stringify(world.at(id)) };
      const cut = await receiveEvents(mortal(machine, { call, moment: 'after' }).session, [event]).then(() => false, (error: unknown) => error instanceof Killed);
      await receiveEvents(machine, [event]);
      expect(await world.sales(id)).toHaveLength(1);
      expect((await machine.store.inbox.list({ hashedIds: [id] }))[0]).toMatchObject({ phase: 'applied' });
      if (!cut) return;
    }
  });
});
