import { Args, Flags } from '@oclif/core';
import { CANCELLATION_REASONS } from '../../lib/cartona/schemas.js';
import { CartonaError } from '../../lib/common/errors.js';
import type { StateSet } from '../../lib/orders/states/set-state.js';
import { OrderCommand } from '../../lib/ui/order-command.js';

const STATUSES = [
  'pending',
  'approved',
  'assigned_to_salesman',
  'delivered',
  'cancelled_by_supplier',
  'returned',
] as const;

export default class OrdersStatus extends OrderCommand<typeof OrdersStatus> {
  static override summary = "Set an order's state at Cartona, and bring Odoo along.";
  static override description = `Checks first whether Cartona's order cycle and Odoo allow it, asks Cartona through the path that reports a refusal, and
does in Odoo what follows (approved: confirmed; delivered: delivered; cancelled: cancelled). What Cartona refuses
changes nothing in Odoo. Exit code 3 when it was refused, or when Odoo's part waits for a person.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> S00042 approved',
    '<%= config.bin %> <%= command.id %> 8f3k2m9x0q1w7e5r4t6y cancelled_by_supplier --reason out_of_stock',
  ];
  static override args = {
    id: Args.string({
      required: true,
      description: "The order's id at Cartona (hashed_id), or the name of the sale order in Odoo.",
    }),
    status: Args.string({ required: true, description: 'The state.', options: [...STATUSES] }),
  };
  static override flags = {
    reason: Flags.option({
      options: CANCELLATION_REASONS,
      summary: 'Why it is cancelled; the setting orders.cancellationReason unless told.',
    })(),
  };

  async run(): Promise<StateSet> {
    const status = STATUSES.find((one) => one === this.args.status);
    const { reason } = this.flags;
    if (status === undefined) throw new CartonaError('usage', `There is no state ${this.args.status}.`);
    if (reason !== undefined && status !== 'cancelled_by_supplier')
      throw new CartonaError('usage', `--reason is for cancelled_by_supplier; ${status} takes none.`);
    return this.withSession(async (session) => {
      const { setState } = await import('../../lib/orders/states/set-state.js');
      const result = await setState(session, 'orders status', this.args.id, { status, reason });
      this.show(result, status);
      return result;
    });
  }
}
