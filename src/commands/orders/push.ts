import { Flags } from '@oclif/core';
import type { PushResult, StateChange } from '../../lib/orders/states/push.js';
import { BaseCommand } from '../../lib/ui/base-command.js';
import type { Cell } from '../../lib/ui/output/table.js';

export default class OrdersPush extends BaseCommand<typeof OrdersPush> {
  static override summary = 'Tell Cartona the order states that changed in Odoo.';
  static override description = `A quotation is pending, a confirmed order approved, a fully delivered one delivered, a cancelled one
cancelled_by_supplier. Every state goes through the path that reports a refusal; a refused one is not sent again until
something changes. An order with instalments or a wallet top-up becomes delivered only with the retailer's OTP.
Exit code 3 when a state was refused or its outcome is not known.`;
  static override examples = ['<%= config.bin %> <%= command.id %> --dry-run', '<%= config.bin %> <%= command.id %>'];
  static override flags = {
    'dry-run': Flags.boolean({
      summary: 'Show what would be sent and send nothing.',
      env: 'CARTONA_DRY_RUN',
      default: false,
    }),
  };

  async run(): Promise<PushResult> {
    return this.withSession(async (session) => {
      const { pushStates } = await import('../../lib/orders/states/push.js');
      const result = await pushStates(session, { dryRun: this.flags['dry-run'] });
      await this.show(result);
      if (!result.dryRun && result.refused.length + result.unknown.length > 0) this.endPartial();
      return result;
    });
  }

  private async show(result: PushResult): Promise<void> {
    await this.rows(result.dryRun ? 'Would be sent' : 'Sent', result.pushed);
    await this.rows('Refused', result.refused);
    await this.rows('Outcome not known', result.unknown);
    await this.rows('Waiting', result.waiting);
    if (this.flags.quiet)
      for (const one of [...result.refused, ...result.unknown])
        this.warn(`Order ${one.hashedId} (${one.odooName}) could not be set to ${one.to}: ${one.reason}`);
    this.say(
      `States: ${result.open} open orders, ${result.pushed.length} ${result.dryRun ? 'would be sent (dry run)' : 'sent'}, ${result.refused.length} refused, ` +
        `${result.unknown.length} unknown, ${result.waiting.length} waiting${result.stillRefused > 0 ? `, ${result.stillRefused} refused before (\`cartona orders list\`)` : ''}.`,
    );
  }

  private async rows(title: string, changes: readonly (StateChange & { readonly reason?: string })[]): Promise<void> {
    if (changes.length === 0) return;
    this.say(`${title}:`);
    await this.table(
      ['Order', 'Odoo', 'From', 'To', 'Reason'],
      changes.map((one): Cell[] => [one.hashedId, one.odooName, one.from, one.to, one.reason]),
    );
    this.say();
  }
}
