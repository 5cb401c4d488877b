import { formatAmount } from '../../lib/common/money.js';
import type { AppliedOrder } from '../../lib/orders/import/context.js';
import type { HeldOrder, PullResult } from '../../lib/orders/inbox/pull.js';
import { BaseCommand } from '../../lib/ui/base-command.js';
import type { Cell } from '../../lib/ui/output/table.js';

/** Rows that a table shows; beyond, the number of the others is told, and `--json` has them all. */
const SHOWN_ROWS = 50;

export default class OrdersPull extends BaseCommand<typeof OrdersPull> {
  static override summary = "Bring Cartona's new and changed orders to Odoo.";
  static override description = `Each order becomes one sale order in Odoo, however often and from however many machines this runs, and is
acknowledged to Cartona only after Odoo was read back. An order that cannot be made whole (an unknown product, a
customer who cannot be told, the retailer still editing) is kept, named once with its reason, and tried again at every
run; \`orders list --held\` shows all of these. What a salesperson changed in Odoo is never overwritten.
Exit code 3 when an order is newly held.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --quiet',
    '<%= config.bin %> <%= command.id %> --json',
  ];

  async run(): Promise<PullResult> {
    return this.withSession(async (session) => {
      const { pullOrders } = await import('../../lib/orders/inbox/pull.js');
      const result = await pullOrders(session);
      await this.show(result);
      if (result.held.length + result.unacknowledged.length + result.nameless.length > 0) this.endPartial();
      return result;
    });
  }

  private async show(result: PullResult): Promise<void> {
    await this.rows(
      'In Odoo',
      ['Order', 'Odoo', 'Status', 'Done', 'Total EGP', 'To know'],
      result.applied.map(appliedRow),
    );
    await this.rows('Held', ['Order', 'Odoo', 'Status', 'Reason'], result.held.map(heldRow));
    for (const order of result.held) this.hint(`Order ${order.hashedId} is held: ${order.reason}`);
    for (const id of result.unacknowledged)
      this.warn(
        `Order ${id} is in Odoo, but Cartona does not take the acknowledgement; it is told again at the next run.`,
      );
    for (const reason of result.nameless)
      this.warn(`Cartona listed an order without a hashed_id (${reason}); it cannot be kept. Tell Cartona.`);
    const differing = result.applied.filter((order) => order.differences.length > 0).length;
    this.say(
      `Orders: ${result.listed} listed, ${result.applied.length} brought to Odoo${differing > 0 ? ` (${differing} differ, see above)` : ''}, ` +
        `${result.acknowledged} acknowledged, ${result.held.length} newly held${result.stillHeld > 0 ? `, ${result.stillHeld} still held (\`cartona orders list --held\`)` : ''}.`,
    );
  }

  /** Under --quiet the tables are gone, and what waits for a person must still be seen. */
  private hint(line: string): void {
    if (this.flags.quiet) this.warn(line);
  }

  private async rows(title: string, head: readonly string[], rows: readonly (readonly Cell[])[]): Promise<void> {
    if (rows.length === 0) return;
    this.say(`${title}:`);
    await this.table(head, rows.slice(0, SHOWN_ROWS));
    if (rows.length > SHOWN_ROWS) this.say(`… and ${rows.length - SHOWN_ROWS} more (--json shows all)`);
    this.say();
  }
}

const appliedRow = (order: AppliedOrder): Cell[] => [
  order.hashedId,
  order.odooName || '–',
  order.status,
  order.done.join(', ') || 'nothing to do',
  formatAmount(order.cartonaTotal),
  order.differences.join('; '),
];
const heldRow = (order: HeldOrder): Cell[] => [order.hashedId, order.odooName ?? '–', order.status, order.reason];
