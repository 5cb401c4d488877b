import { Args } from '@oclif/core';
import { formatAmount } from '../../lib/common/money.js';
import type { OrderDetails, WebhookWord } from '../../lib/orders/overview.js';
import { BaseCommand } from '../../lib/ui/base-command.js';
import type { Cell } from '../../lib/ui/output/table.js';
import { localTime } from '../../lib/ui/output/local-time.js';

export default class OrdersShow extends BaseCommand<typeof OrdersShow> {
  static override summary = 'Show everything that is known of one order.';
  static override description =
    'Its state on both sides, lines, who pays what, and what was done with it. Asks neither Cartona nor Odoo.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 8f3k2m9x0q1w7e5r4t6y',
    '<%= config.bin %> <%= command.id %> S00042 --json',
  ];
  static override args = {
    id: Args.string({
      required: true,
      description: "Cartona's id of the order (hashed_id), or the name of the sale order in Odoo.",
    }),
  };

  async run(): Promise<OrderDetails> {
    return this.withSession(async (session) => {
      const { showOrder } = await import('../../lib/orders/overview.js');
      const order = await showOrder(session, this.args.id);
      await this.show(order);
      return order;
    });
  }

  private async show(order: OrderDetails): Promise<void> {
    const facts = factsOf(order).filter(([, value]) => value !== undefined && value !== '');
    const width = Math.max(...facts.map(([label]) => label.length));
    for (const [label, value] of facts) this.say(`${label.padEnd(width)}  ${value ?? ''}`);
    this.say();
    await this.table(
      ['Line', 'Cartona id', 'Product', 'Amount', 'Price EGP', 'Comment'],
      order.lines.map((line): Cell[] => [
        line.id,
        line.cartonaId,
        line.product,
        line.amount,
        formatAmount(line.price),
        line.comment,
      ]),
    );
    this.say();
    await this.table(
      ['When', 'By', 'In', 'What', 'From', 'To', 'Outcome', 'Detail'],
      order.history.map((entry): Cell[] => [
        localTime(entry.at),
        entry.actor,
        entry.system,
        entry.action,
        entry.from,
        entry.to,
        entry.outcome,
        entry.detail,
      ]),
    );
  }
}

function factsOf(order: OrderDetails): [label: string, value: string | undefined][] {
  const { money, delivery, retailerDetails: retailer, state } = order;
  const egp = (value: string | undefined): string | undefined =>
    value === undefined ? undefined : `${formatAmount(value)} EGP`;
  const unlessZero = (value: string | undefined): string | undefined => (value === '0' ? undefined : egp(value));
  return [
    ['Order', `${order.hashedId}, ${order.status} at Cartona`],
    ['Placed', order.placedAt && instantShown(order.placedAt)],
    [
      'Here',
      `${order.phase}${order.closed ? ', closed' : ''}, newest version received ${localTime(order.receivedAt)}${order.acknowledgedAt === undefined ? '' : `, acknowledged ${localTime(order.acknowledgedAt)}`}`,
    ],
    ['Waits because', order.reason],
    ['Webhook', order.webhook && webhookLine(order.webhook)],
    ['Odoo', order.odooName],
    [
      'State told',
      state &&
        `${state.confirmed ?? 'unknown'}${state.outcome === 'delivered' ? '' : `; ${state.wanted} ${state.outcome}: ${state.reason ?? ''}`}`,
    ],
    [
      'Retailer',
      retailer &&
        [retailer.name, retailer.code, retailer.phone, retailer.phone2, retailer.address, retailer.addressNotes]
          .filter(Boolean)
          .join(', '),
    ],
    [
      'Delivery',
      delivery &&
        [
          delivery.by,
          delivery.day,
          delivery.pickup && `pick-up ${delivery.pickup}`,
          delivery.route && `route ${delivery.route}`,
        ]
          .filter(Boolean)
          .join(', '),
    ],
    ['Note', order.note],
    ['Total', egp(money?.total)],
    ['Total in Odoo', order.odooTotal === undefined ? undefined : formatAmount(order.odooTotal)],
    ['Cartona credit', unlessZero(money?.cartonaCredit)],
    ['Instalments', unlessZero(money?.installments)],
    ['Wallet top-up', unlessZero(money?.walletTopUp)],
    ['Cash to collect', egp(money?.cashToCollect)],
    ['Delivery needs', money?.needsOtp ? "the retailer's OTP" : undefined],
  ];
}

function webhookLine(webhook: WebhookWord): string {
  if (webhook.kind === 'applied') return "the state was told by a webhook alone; Cartona's list did not show it";
  const what =
    webhook.kind === 'order'
      ? "only a webhook told of the order; Cartona's list has not shown it"
      : `a webhook says ${webhook.status}; Cartona's list has not shown that`;
  return `${what}, ${webhook.nextLookAt === undefined ? 'a person decides' : `read again ${localTime(webhook.nextLookAt)}`}`;
}

/** Cartona's own writing of an instant where it cannot be read. */
function instantShown(text: string): string {
  const at = Date.parse(text);
  return Number.isNaN(at) ? text : localTime(at);
}
