import { Flags } from '@oclif/core';
import type { BrakedValue } from '../lib/operations/approvals.js';
import type { Session } from '../lib/session.js';
import { BaseCommand, exportFlag } from '../lib/ui/base-command.js';
import { counted } from '../lib/common/words.js';
import { changeCells, changeMoved, changeText, largestFirst } from '../lib/ui/output/change-rows.js';
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
  /** Signed, in per cent for prices, in units for stock. */
  readonly change: string | null;
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
    export: exportFlag(),
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
      await this.listToAgree(
        'Held by the brake',
        ['Flow', 'Product', 'Cartona id', 'Old', 'New', 'Change', 'Since', 'Reason'],
        held.map(row),
        this.flags.export,
      );
      if (this.flags.reject) {
        const rejected = await reject(session, values, personName());
        this.say(dropped(rejected, held));
        this.warnOfChanged(values.length - rejected);
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
      this.warnOfChanged(values.length - approved);
      return { held, approved, rejected: 0 };
    });
  }

  private warnOfChanged(count: number): void {
    if (count > 0) this.warn(`${counted(count, 'value')} changed meanwhile; look again with \`cartona approve\`.`);
  }

  private async shownValues(session: Session, values: readonly BrakedValue[]): Promise<ShownBraked[]> {
    const { namesIfReachable } = await import('../lib/operations/failures.js');
    const names = await namesIfReachable(
      session,
      values.map((value) => value.odooId),
    );
    const ordered = (['price', 'stock'] as const).flatMap((flow) =>
      largestFirst(
        flow,
        values.filter((value) => value.flow === flow).map((value) => ({ ...value, value: value.wanted })),
      ),
    );
    return ordered.map(({ flow, key, odooId, from, wanted, reason, since }) => ({
      flow,
      cartonaId: key,
      odooId,
      product: names.get(odooId) ?? null,
      old: from === undefined ? null : changeText(flow, from),
      new: changeText(flow, wanted),
      change: changeMoved(flow, from, wanted),
      reason: reason ?? null,
      since: since === undefined ? null : new Date(since).toISOString(),
    }));
  }
}

function dropped(count: number, held: readonly ShownBraked[]): string {
  const [one] = held;
  const kept = count === 1 && held.length === 1 && one?.old ? one.old : 'what it has (the column Old)';
  const id = one && held.length === 1 ? `${one.flow}:${one.cartonaId}` : 'ID';
  return `${counted(count, 'value')} dropped: Cartona keeps ${kept}. To undo it: \`cartona failures retry ${id}\`, after which the brake asks again (\`cartona failures --discarded\` lists the ids).`;
}

const row = (value: ShownBraked): Cell[] => [
  value.flow,
  value.product ?? `product ${value.odooId}`,
  value.cartonaId,
  ...changeCells(value),
  value.since === null ? undefined : localTime(Date.parse(value.since)),
  value.reason,
];
