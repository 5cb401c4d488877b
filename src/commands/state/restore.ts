import { Args, Flags } from '@oclif/core';
import { CartonaError } from '../../lib/common/errors.js';
import { pathsOf } from '../../lib/settings/paths.js';
import { BaseCommand } from '../../lib/ui/base-command.js';

interface RestoreResult {
  readonly file: string;
  readonly keptAside: string | null;
}

export default class StateRestore extends BaseCommand<typeof StateRestore> {
  static override summary = 'Put a copy in the place of the data file.';
  static override description = `Refused while the service or a command works with the data file. The replaced file is kept beside it. Prices and
stock of the copy count as unconfirmed: the next comparison reads Cartona's listing before it says that anything is equal.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> /var/backups/cartona-2026-11-25.sqlite',
    '<%= config.bin %> <%= command.id %> before-upgrade.sqlite --yes',
  ];
  static override args = {
    file: Args.string({ description: 'The copy, as `state backup` wrote it.', required: true }),
  };
  static override flags = { yes: Flags.boolean({ char: 'y', summary: 'Restore without asking.', default: false }) };

  async run(): Promise<RestoreResult> {
    const { checkStateFile, restoreStateFile } = await import('../../lib/store/data-file/state-file.js');
    const paths = pathsOf(process.env);
    const { dataFile } = paths;
    const { file } = this.args;
    checkStateFile(file);
    if (!(await this.confirm(`Replace ${dataFile} by ${file}?`, this.flags.yes)))
      throw new CartonaError('usage', 'Nothing was restored: it takes a yes, at a terminal or with --yes.');
    const { keptAside } = restoreStateFile(paths, file, Date.now());
    this.say(`Restored ${file}.${keptAside === undefined ? '' : ` The replaced data file is kept as ${keptAside}.`}`);
    this.say("The next comparison of prices and stock reads Cartona's listing first.");
    return { file: dataFile, keptAside: keptAside ?? null };
  }
}
