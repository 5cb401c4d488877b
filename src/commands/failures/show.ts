import { Args } from '@oclif/core';
import type { AuditEntry } from '../../lib/store/store.js';
import { BaseCommand } from '../../lib/ui/base-command.js';
import { shownFailure, type ShownFailure } from '../../lib/ui/output/failure-rows.js';
import { localTime } from '../../lib/ui/output/local-time.js';
import type { Cell } from '../../lib/ui/output/table.js';

/** Entries of the audit trail that are shown. */
const HISTORY = 20;

interface Shown extends ShownFailure {
  readonly history: readonly AuditEntry[];
}

export default class FailuresShow extends BaseCommand<typeof FailuresShow> {
  static override summary = 'Show one failure and what was done about it, newest first.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> price:INT-0042',
    '<%= config.bin %> <%= command.id %> order:8f3k2m9x0q1w7e5r4t6y --json',
  ];
  static override args = {
    id: Args.string({ required: true, description: 'As `cartona failures` lists it.' }),
  };

  async run(): Promise<Shown> {
    return this.withSession(async (session) => {
      const { chosenFailures, failureNames, historyOf } = await import('../../lib/operations/failures.js');
      const [failure] = await chosenFailures(session, [this.args.id]);
      if (!failure) throw new Error('a chosen failure is there');
      const one = shownFailure(failure, await failureNames(session, [failure]));
      const history = await historyOf(session, failure, HISTORY);
      const facts = Object.entries(one).filter(([, value]) => value !== null);
      for (const [name, value] of facts) this.say(`${name.padEnd(8)}  ${String(value)}`);
      this.say();
      await this.table(
        ['When', 'By', 'In', 'What', 'From', 'To', 'Outcome', 'Detail'],
        history.map((entry): Cell[] => [
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
      return { ...one, history };
    });
  }
}
