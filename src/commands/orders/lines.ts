import { Args, Flags } from '@oclif/core';
import { CartonaError } from '../../lib/common/errors.js';
import { formatAmount } from '../../lib/common/money.js';
import type { LineQuestion, LinesPushed, LinesTaken, Side } from '../../lib/orders/lines/edit-lines.js';
import type { ComparedLine } from '../../lib/orders/lines/line-updates.js';
import type { LinesShown } from '../../lib/orders/lines/compare-lines.js';
import { BaseCommand } from '../../lib/ui/base-command.js';
import type { Cell } from '../../lib/ui/output/table.js';

export default class OrdersLines extends BaseCommand<typeof OrdersLines> {
  static override summary = "Compare an order's lines on both sides, and settle what differs.";
  static override description = `Without a flag, shows line by line what Cartona and Odoo have and what differs.
--push tells Cartona what was changed in Odoo: quantities, prices, lines taken off or set to zero, and added lines whose
product has a Cartona id. It goes while the order is pending, approved or assigned to a salesman, and not while the
retailer edits it.
--apply brings the retailer's edits to a quotation where somebody changed the same lines in Odoo: each such line is asked
about on a terminal, or --take says whose word counts for all. Where it is Odoo's, --push tells Cartona afterwards.
Exit code 3 when something was refused, cannot be told, or still waits.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> S00042',
    '<%= config.bin %> <%= command.id %> S00042 --push --dry-run',
    '<%= config.bin %> <%= command.id %> 8f3k2m9x0q1w7e5r4t6y --apply --take cartona',
  ];
  static override args = {
    id: Args.string({
      required: true,
      description: "The order's id at Cartona (hashed_id), or the name of the sale order in Odoo.",
    }),
  };
  static override flags = {
    push: Flags.boolean({ summary: 'Tell Cartona what was changed in Odoo.', exclusive: ['apply'] }),
    'dry-run': Flags.boolean({
      summary: 'With --push: show what would be told and tell nothing.',
      env: 'CARTONA_DRY_RUN',
      default: false,
    }),
    apply: Flags.boolean({ summary: "Bring the retailer's edits to the quotation in Odoo." }),
    take: Flags.option({
      options: ['cartona', 'odoo'] as const,
      summary: 'With --apply: whose word counts where both sides changed a line.',
      dependsOn: ['apply'],
    })(),
  };

  async run(): Promise<LinesShown | LinesPushed | LinesTaken> {
    return this.withSession(async (session) => {
      const { id } = this.args;
      if (this.flags.push) {
        const { pushLines } = await import('../../lib/orders/lines/edit-lines.js');
        const result = await pushLines(session, id, { dryRun: this.flags['dry-run'] });
        await this.show(result);
        this.tellPushed(result);
        return result;
      }
      if (this.flags.apply) {
        const { takeLines } = await import('../../lib/orders/lines/edit-lines.js');
        const result = await takeLines(session, id, (question) => this.decide(question));
        await this.show(result);
        this.tellTaken(result);
        return result;
      }
      const { showLines } = await import('../../lib/orders/lines/compare-lines.js');
      const result = await showLines(session, id);
      await this.show(result);
      const differing = result.lines.filter((line) => !line.equal).length;
      this.say(
        differing === 0 ? 'Both sides have the same lines.' : `${differing} of ${result.lines.length} lines differ.`,
      );
      return result;
    });
  }

  private async decide({ line, cartona, odoo }: LineQuestion): Promise<Side> {
    if (this.flags.take) return this.flags.take;
    if (!this.canAsk())
      throw new CartonaError(
        'usage',
        `Both sides changed ${line} (Cartona ${cartona}, Odoo ${odoo}); say whose word counts with --take cartona or --take odoo.`,
      );
    return (await this.confirm(
      `Both sides changed ${line}. Take Cartona's ${cartona} (no keeps Odoo's ${odoo})?`,
      false,
    ))
      ? 'cartona'
      : 'odoo';
  }

  private async show({ hashedId, odooName, status, lines }: LinesShown): Promise<void> {
    this.say(`Order ${hashedId}, ${status} at Cartona; ${odooName} in Odoo`);
    this.say();
    await this.table(
      ['Line', 'Product', 'Cartona', 'Odoo', 'Difference'],
      lines.map((line): Cell[] => [
        line.id ?? 'new',
        line.product,
        values(line.cartona),
        values(line.odoo),
        difference(line),
      ]),
    );
    this.say();
  }

  private tellPushed({ sent, dryRun, unseen, lines }: LinesPushed): void {
    this.say(
      sent.length === 0
        ? 'Nothing to tell Cartona.'
        : `${sent.length} lines ${dryRun ? 'would be told to Cartona (dry run)' : 'told to Cartona'}.`,
    );
    if (unseen)
      this.warn(
        'Cartona does not list the order after it took the lines, so they could not be read back; the next pull compares them.',
      );
    for (const line of lines)
      if (line.problem !== undefined) this.warn(`Line ${line.id ?? 'new'} (${line.product}): ${line.problem}.`);
    const left = dryRun || unseen ? [] : lines.filter((line) => line.update !== undefined);
    for (const line of left)
      this.warn(
        `Line ${line.id ?? 'new'} (${line.product}) still differs at Cartona: ${values(line.cartona) ?? 'not there'}.`,
      );
    if (left.length > 0 || lines.some((line) => line.problem !== undefined)) this.endPartial();
  }

  private tellTaken({ decided, waits, hashedId, lines }: LinesTaken): void {
    for (const one of decided)
      this.say(`${one.line}: ${one.taken === 'cartona' ? `Cartona's ${one.cartona}` : `Odoo's ${one.odoo}`}`);
    if (lines.some((line) => line.update !== undefined))
      this.say(`Where Odoo differs, \`cartona orders lines ${hashedId} --push\` tells Cartona.`);
    if (waits === undefined) return;
    this.warn(`Order ${hashedId} still waits: ${waits}`);
    this.endPartial();
  }
}

const values = (side: ComparedLine['cartona']): string | undefined =>
  side && `${side.quantity} × ${formatAmount(side.price)}`;

function difference(line: ComparedLine): string {
  if (line.equal) return '';
  if (line.problem !== undefined) return line.problem;
  if (line.cartona === undefined) return 'only in Odoo';
  if (line.update && 'cancelled' in line.update) return 'not in Odoo';
  return [
    line.update && 'amount' in line.update && line.update.amount !== undefined ? 'quantity' : [],
    line.update && 'price' in line.update && line.update.price !== undefined ? 'price' : [],
  ]
    .flat()
    .join(', ');
}
