import { Args } from '@oclif/core';
import type { StateCheck } from '../../lib/store/data-file/state-file.js';
import { pathsOf } from '../../lib/settings/paths.js';
import { BaseCommand } from '../../lib/ui/base-command.js';
import { grouped } from '../../lib/common/words.js';
import { localTime } from '../../lib/ui/output/local-time.js';

export default class StateCheckCommand extends BaseCommand<typeof StateCheckCommand> {
  static override summary = 'Look the data file, or a copy of it, through: is it sound, and what does it hold?';
  static override description = 'Changes nothing. Exit code 8 when the file is damaged.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> /var/backups/cartona-2026-11-25.sqlite --json',
  ];
  static override args = { file: Args.string({ description: 'A copy; the data file itself when left out.' }) };
  static override flags = {};

  async run(): Promise<StateCheck> {
    const { checkStateFile } = await import('../../lib/store/data-file/state-file.js');
    const check = checkStateFile(this.args.file ?? pathsOf(process.env).dataFile);
    await this.table(
      ['Profile', 'Prices, stock, states', 'Orders', 'Audit entries', 'Newest'],
      check.profiles.map(({ profile, values, orders, auditEntries, newest }) => [
        profile,
        grouped(values),
        grouped(orders),
        grouped(auditEntries),
        newest === undefined ? undefined : localTime(newest),
      ]),
    );
    const schema =
      check.schema === check.currentSchema
        ? ''
        : ` Its schema is version ${check.schema}, this program's ${check.currentSchema}.`;
    if (check.damage.length > 0) {
      for (const line of check.damage) this.warn(line);
      this.warn(`${check.file} is damaged; restore a copy with \`cartona state restore FILE\`.`);
      this.endAs('local');
    } else this.say(`${check.file} is sound (${grouped(check.bytes)} bytes).${schema}`);
    return check;
  }
}
