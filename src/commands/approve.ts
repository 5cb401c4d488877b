import { Flags } from '@oclif/core';
import type { BrakedValue } from '../lib/operations/approvals.js';
import { formatAmount } from '../lib/common/money.js';
import type { Session } from '../lib/session.js';
import { BaseCommand } from '../lib/ui/base-command.js';
import { counted } from '../lib/common/words.js';
import { localTime } from '../lib/ui/output/local-time.js';
import { personName } from '../lib/ui/prompts/person.js';
import type { Cell } from '../lib/ui/output/table.js';
import type { CatalogFlow } from '../lib/store/store.js';

interface ShownBraked {
  readonly flow: CatalogFlow;
  readonly cartonaId: string;
  readonly odooId: number;
  readonly product: string | null;
  readonly old: string | null;
  readonly new: string;
  readonly reason: string | null;
  readonly since: string | null;
}

interface ApproveResult {
  readonly held: readonly ShownBraked[];
  readonly approved: number;
  readonly rejected: number;
}

export default class Approve extends BaseCommand<typeof Approve> {
  static override summary = 'Let the changes go that the brake holds, or drop them.';
  static override description = `Shows them first. A yes is to just the values that are shown: one that becomes another value waits again.
What was dropped is sent when Odoo has another value for it. Without a terminal and without --yes or --reject it only
shows them, with exit code 7.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --flow stock --yes',
    '<%= config.bin %> <%= command.id %> --product SKU-0042 --reject',
  ];
  static override flags = {
    flow: Flags.option({ summary: 'Only prices, or only stock.', options: ['price', 'stock'] as const })(),
    product: Flags.string({
      summary: 'Only this product (Cartona id, Odoo id, internal reference or barcode); may be repeated.',
      multiple: true,
    }),
    yes: Flags.boolean({ char: 'y', summary: 'Let them go without asking.', default: false }),
    reject: Flags.boolean({ summary: 'Drop them instead of letting them go.', default: false, exclusive: ['yes'] }),
  };

  async run(): Promise<ApproveResult> {
    return this.withSession(async (session) => {
      const { brakedValues, approve, reject } = await import('../lib/operations/approvals.js');
      const { flow, product, yes } = this.flags;
      const values = await brakedValues(session, { flow, products: product });
      const held = await this.shownValues(session, values);
      if (held.length === 0) {
        this.say('The brake holds nothing.');
        return { held, approved: 0, rejected: 0 };
      }
      await this.table(['Flow', 'Product', 'Cartona id', 'Old', 'New', 'Since', 'Reason'], held.map(row));
      this.say();
      if (this.flags.reject) {
        const rejected = await reject(session, values, personName());
        this.say(`${counted(rejected, 'value')} dropped.`);
        return { held, approved: 0, rejected };
      }
      if (!(await this.confirm(`Send ${values.length === 1 ? 'it' : `these ${values.length}`}?`, yes))) {
        this.warn(
          `${counted(values.length, 'value')} held by the brake; let them go with \`cartona approve --yes\`, or drop them with --reject.`,
        );
        this.endAs('brake');
        return { held, approved: 0, rejected: 0 };
      }
      const approved = await approve(session, values, personName());
      this.say(
        `${counted(approved, 'value')} approved; the running service sends ${approved === 1 ? 'it' : 'them'} now (without one: \`cartona sync prices\`, \`cartona sync stock\`).`,
      );
      if (approved < values.length)
        this.warn(
          `${counted(values.length - approved, 'value')} changed meanwhile; look again with \`cartona approve\`.`,
        );
      return { held, approved, rejected: 0 };
    });
  }

  private async shownValues(session: Session, values: readonly BrakedValue[]): Promise<ShownBraked[]> {
    const { namesIfReachable } = await import('../lib/operations/failures.js');
    const names = await namesIfReachable(
      session,
      values.map((value) => value.odooId),
    );
    const text = (value: BrakedValue, amount: string | undefined): string | null =>
      amount === undefined ? null : value.flow === 'price' ? formatAmount(amount) : amount;
    return values.map((value) => ({
      flow: value.flow,
      cartonaId: value.key,
      odooId: value.odooId,
      product: names.get(value.odooId) ?? null,
      old: text(value, value.from),
      new: text(value, value.wanted) ?? '',
      reason: value.reason ?? null,
      since: value.since === undefined ? null : new Date(value.since).toISOString(),
    }));
  }
}

const row = (value: ShownBraked): Cell[] => [
  value.flow,
  value.product ?? `product ${value.odooId}`,
  value.cartonaId,
  value.old ?? '–',
  value.new,
  value.since === null ? undefined : localTime(Date.parse(value.since)),
  value.reason,
];
