import { Flags } from '@oclif/core';
import { BaseCommand } from '../../lib/ui/base-command.js';
import {
  FAILURE_HEAD,
  failureFilter,
  failureFilters,
  failureRow,
  nextSteps,
  shownFailure,
  type ShownFailure,
} from '../../lib/ui/output/failure-rows.js';
import { counted } from '../../lib/common/words.js';

export default class Failures extends BaseCommand<typeof Failures> {
  static override summary = 'List what did not get through, oldest first, with the reason.';
  static override description = `Prices, stock and order states that Cartona rejected or that failed again and again, and orders that cannot be
brought to Odoo. What is tried again by itself shows its next try; the rest waits for a person: mend the cause, then
\`cartona failures retry\`. What the brake holds is listed by \`cartona approve\`. Exit code 3 while something waits for a person.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --kind price --older 2h',
    '<%= config.bin %> <%= command.id %> --product SKU-0042 --json',
  ];
  static override flags = {
    ...failureFilters,
    discarded: Flags.boolean({ summary: 'Also those that were discarded.', default: false }),
  };

  async run(): Promise<{ failures: ShownFailure[] }> {
    return this.withSession(async (session) => {
      const { failureNames, listFailures } = await import('../../lib/operations/failures.js');
      const found = await listFailures(session, {
        ...failureFilter(this.flags, session.now()),
        discarded: this.flags.discarded,
      });
      const names = await failureNames(session, found);
      const failures = found.map((failure) => shownFailure(failure, names));
      if (failures.length === 0) this.say('Nothing failed.');
      else await this.show(failures);
      const waiting = failures.filter(({ state }) => state !== 'retrying' && state !== 'discarded').length;
      if (waiting > 0) {
        if (this.flags.quiet)
          this.warn(`${counted(waiting, 'failure')} waiting for a person; see \`cartona failures\`.`);
        this.endPartial();
      }
      return { failures };
    });
  }

  private async show(failures: readonly ShownFailure[]): Promise<void> {
    await this.table(
      FAILURE_HEAD,
      failures.map(failureRow),
      failures.map(({ reason }) => reason),
    );
    this.say();
    for (const line of nextSteps(failures)) this.say(line);
  }
}
