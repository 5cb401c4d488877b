import { Args } from '@oclif/core';
import { pathsOf } from '../../lib/settings/paths.js';
import { BaseCommand } from '../../lib/ui/base-command.js';

export default class StateBackup extends BaseCommand<typeof StateBackup> {
  static override summary = 'Write a copy of the data file: what was confirmed, orders, audit trail.';
  static override description = `The copy holds all profiles as they are at one instant; the service and commands may go on meanwhile. It holds
customers' names and phones, but no token or key, and has mode 0600. A file that exists is never overwritten.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> /var/backups/cartona-$(date +%F).sqlite',
    '<%= config.bin %> <%= command.id %> before-upgrade.sqlite --quiet',
  ];
  static override args = { file: Args.string({ description: 'Where the copy goes.', required: true }) };
  static override flags = {};

  async run(): Promise<{ readonly file: string; readonly bytes: number }> {
    const { backUpStateFile, checkStateFile } = await import('../../lib/store/data-file/state-file.js');
    const { file } = this.args;
    backUpStateFile(pathsOf(process.env).dataFile, file);
    const { bytes } = checkStateFile(file);
    this.say(`Backed up to ${file} (${bytes} bytes). \`cartona state restore ${file}\` brings it back.`);
    return { file, bytes };
  }
}
