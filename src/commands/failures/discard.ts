import { Args } from '@oclif/core';
import { BaseCommand } from '../../lib/ui/base-command.js';
import { counted } from '../../lib/common/words.js';
import { personName } from '../../lib/ui/prompts/person.js';

export default class FailuresDiscard extends BaseCommand<typeof FailuresDiscard> {
  static override summary = 'Give up values that failed: they are not sent any more.';
  static override description = `Another value of the same product or order is sent as ever. An order itself cannot be discarded: it stands at
Cartona, and its retailer waits for it.`;
  static override examples = ['<%= config.bin %> <%= command.id %> price:INT-0042'];
  static override args = {
    ids: Args.string({ multiple: true, required: true, description: 'As `cartona failures` lists them.' }),
  };

  async run(): Promise<{ discarded: string[] }> {
    const ids = this.args.ids;
    return this.withSession(async (session) => {
      const { chosenFailures, discardFailures } = await import('../../lib/operations/failures.js');
      const failures = await chosenFailures(session, ids);
      const count = await discardFailures(session, failures, personName());
      this.say(
        `${counted(count, 'value')} discarded: Cartona keeps what it has. To undo it: \`cartona failures retry ${failures.length === 1 ? (failures[0]?.id ?? 'ID') : 'ID'}\`.`,
      );
      if (count < failures.length)
        this.warn(`${counted(failures.length - count, 'value')} delivered or changed meanwhile, and left alone.`);
      return { discarded: failures.map((failure) => failure.id) };
    });
  }
}
