import { Flags } from '@oclif/core';
import { ORDER_STATUSES } from '../../lib/cartona/schemas.js';
import { formatAmount } from '../../lib/common/money.js';
import type { OrderSummary } from '../../lib/orders/overview.js';
import { BaseCommand } from '../../lib/ui/base-command.js';
import type { Cell } from '../../lib/ui/output/table.js';

export default class OrdersList extends BaseCommand<typeof OrdersList> {
  static override summary = 'List the orders that were received, newest first.';
  static override description = 'Shows what the last pull left behind; asks neither Cartona nor Odoo.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --held',
    '<%= config.bin %> <%= command.id %> --status approved --limit 10',
  ];
  static override flags = {
    held: Flags.boolean({ summary: 'Only those that wait, with the reason.', default: false }),
    status: Flags.string({ summary: 'Only those with this status at Cartona.', options: [...ORDER_STATUSES] }),
    limit: Flags.integer({ summary: 'At most so many.', default: 50, min: 1 }),
  };

  async run(): Promise<{ orders: OrderSummary[] }> {
    return this.withSession(async (session) => {
      const { listOrders } = await import('../../lib/orders/overview.js');
      const { held, status, limit } = this.flags;
      const orders = await listOrders(session, { held, status, limit });
      if (orders.length === 0) this.say(held ? 'No order is held.' : 'No orders; `cartona orders pull` fetches them.');
      else
        await this.table(
          ['Order', 'Retailer', 'Cartona', 'Phase', 'Odoo', 'Total EGP', 'In Odoo', 'Reason'],
          orders.map(row),
        );
      return { orders };
    });
  }
}

const row = (order: OrderSummary): Cell[] => [
  order.hashedId,
  order.retailer,
  order.status,
  order.phase,
  order.odooName,
  order.cartonaTotal === undefined ? undefined : formatAmount(order.cartonaTotal),
  order.odooTotal === undefined ? undefined : formatAmount(order.odooTotal),
  order.reason,
];
