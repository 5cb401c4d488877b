import { describe, expect, it } from 'vitest';
import { openDemand } from '../../../src/lib/catalog/open-demand.js';
import { pullOrders } from '../../../src/lib/orders/inbox/pull.js';
import { openWorld, TARGETS, targetName } from '../../fixtures/orders-world.js';

describe.each(TARGETS.map((target) => [targetName(target), target] as const))(
  "what Cartona's open orders have taken, with %s",
  (_name, target) => {
    it('counts the lines that can be read of an order that cannot be read whole', async () => {
      const world = await openWorld(target);
      await world.products(['P1', 'P2']);
      const unreadable = world.place([{ amount: 3 }, { internal_product_id: 'P2', amount: 1 }]);
      Object.assign(world.at(unreadable), { total_price: '1,250.00' });
      Object.assign(world.at(unreadable).order_details[1] ?? {}, { amount: 'one' });
      await pullOrders(world.session);
      expect([...(await openDemand(world.session)).units]).toEqual([[`${world.tag}P1`, '3']]);
    });

    it("counts what Odoo has not reserved: orders that wait by Cartona's lines, quotations by Odoo's, confirmed ones not", async () => {
      const world = await openWorld(target);
      await world.products(['P1', 'P2']);
      const demand = async (): Promise<Record<string, string>> =>
        Object.fromEntries(
          [...(await openDemand(world.session)).units].map(([id, units]) => [id.slice(world.tag.length), units]),
        );
      expect(await demand()).toEqual({});

      const quotation = world.place([
        { amount: 3 },
        { amount: 4, selling_price: 9 },
        { internal_product_id: 'P2', amount: 1 },
      ]);
      world.place([{ internal_product_id: 'P2', amount: 5 }], { status: 'editing' });
      world.place([
        { internal_product_id: 'UNKNOWN', amount: 2 },
        { internal_product_id: 'P2', amount: 10 },
      ]);
      world.place([{ amount: 100 }], { status: 'approved' });
      world.place([{ amount: 200 }], { status: 'cancelled_by_retailer' });
      const going = world.place([{ amount: 20 }]);
      await pullOrders(world.session);
      expect(await demand()).toEqual({ P1: '27', P2: '16', UNKNOWN: '2' });

      const line = (await world.sale(quotation)).lines[0];
      await world.write('sale.order.line', line?.id ?? 0, { product_uom_qty: '1', price_unit: '10' });
      await world.call('sale.order', 'action_confirm', { ids: [(await world.sale(going)).id] });
      expect(await demand()).toEqual({ P1: '5', P2: '16', UNKNOWN: '2' });

      // Deleted in Odoo, and still sold at Cartona.
      await world.call('sale.order', 'action_cancel', {
        ids: [(await world.sale(quotation)).id],
        context: { disable_cancel_warning: true },
      });
      await world.call('sale.order', 'unlink', { ids: [(await world.sale(quotation)).id] });
      expect(await demand()).toEqual({ P1: '7', P2: '16', UNKNOWN: '2' });
    });
  },
);
