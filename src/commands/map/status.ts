import type { MappingStatus } from '../../lib/mapping/status.js';
import { BaseCommand } from '../../lib/ui/base-command.js';

export default class MapStatus extends BaseCommand<typeof MapStatus> {
  static override summary = 'Show how much of the sellable catalogue is mapped.';
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json'];
  static override flags = {};

  async run(): Promise<MappingStatus> {
    return this.withSession(async (session) => {
      const { mappingStatus } = await import('../../lib/mapping/status.js');
      const status = await mappingStatus(session);
      await this.table(
        ['Products', 'Number'],
        [
          ['for sale', status.sellable],
          ['  with a Cartona id', `${status.sellableMapped}${status.percent === null ? '' : ` (${status.percent} %)`}`],
          ['  without one', status.sellableUnmapped],
          ['not for sale, with a Cartona id', status.mappedNotForSale],
          ['archived, with a Cartona id', status.mappedArchived],
        ],
      );
      this.say(`The Cartona id lives in ${status.field}.`);
      if (status.sellableUnmapped > 0) this.say('List the others with `cartona map export todo.csv --unmapped`.');
      return status;
    });
  }
}
