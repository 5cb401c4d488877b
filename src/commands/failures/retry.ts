import { Args, Flags } from '@oclif/core';
import { CartonaError } from '../../lib/common/errors.js';
import { BaseCommand } from '../../lib/ui/base-command.js';
import {
  FAILURE_HEAD,
  failureFilter,
  failureFilters,
  failureRow,
  shownFailure,
} from '../../lib/ui/output/failure-rows.js';
import { counted } from '../../lib/common/words.js';
import { personName } from '../../lib/ui/prompts/person.js';

export default class FailuresRetry extends BaseCommand<typeof FailuresRetry> {
  static override summary = 'Try failures again.';
  static override description = `Names them, or chooses them by kind, product, order or age, or takes --all. A running service tries them at once;
without one the next \`cartona sync\`, \`cartona orders pull\` or \`cartona orders push\` does.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> price:INT-0042 stock:INT-0042',
    '<%= config.bin %> <%= command.id %> --kind order',
    '<%= config.bin %> <%= command.id %> --all',
  ];
  static override args = {
    ids: Args.string({ multiple: true, description: 'As `cartona failures` lists them.' }),
  };
  static override flags = {
    ...failureFilters,
    all: Flags.boolean({ summary: 'All of them.', default: false, exclusive: Object.keys(failureFilters) }),
  };

  async run(): Promise<{ retried: string[] }> {
    const ids = this.args.ids ?? [];
    const { kind, product, order, older, all } = this.flags;
    const filtered = [kind, product, order, older].some((one) => one !== undefined);
    if (Number(ids.length > 0) + Number(filtered) + Number(all) !== 1) {
      throw new CartonaError(
        'usage',
        'Say which failures to try again: either their ids, or --kind, --product, --order, --older, or --all.',
      );
    }
    return this.withSession(async (session) => {
      const { chosenFailures, failureNames, listFailures, retryFailures } =
        await import('../../lib/operations/failures.js');
      const failures =
        ids.length > 0
          ? await chosenFailures(session, ids)
          : await listFailures(session, failureFilter(this.flags, session.now()));
      // The retailer's code is what it waits for; knocking again would be refused again.
      const due = failures.filter((failure) => failure.state !== 'awaiting_otp');
      await retryFailures(session, due, personName());
      if (due.length < failures.length)
        this.warn(
          `${counted(failures.length - due.length, 'order')} awaiting the retailer's OTP; deliver with \`cartona orders deliver ID --otp CODE\`.`,
        );
      if (due.length > 0) {
        const names = await failureNames(session, due);
        await this.table(
          FAILURE_HEAD,
          due.map((failure) => failureRow(shownFailure(failure, names))),
        );
        this.say();
      }
      this.say(`${counted(due.length, 'failure')} due again; \`cartona failures\` lists what has not got through yet.`);
      return { retried: due.map((failure) => failure.id) };
    });
  }
}
