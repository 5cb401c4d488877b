import { Args } from '@oclif/core';
import type { MappingChange } from '../../lib/mapping/set.js';
import { BaseCommand } from '../../lib/ui/base-command.js';

export default class MapClear extends BaseCommand<typeof MapClear> {
  static override summary = "Take one product's Cartona id away.";
  static override description =
    'The product, which may be archived, is named by its Odoo id (id:123, or the number alone), internal reference or barcode. It is not sent to Cartona any more; what stands there stays.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> BEANS-400',
    '<%= config.bin %> <%= command.id %> id:123',
  ];
  static override args = {
    product: Args.string({ required: true, description: 'Odoo id, internal reference or barcode.' }),
  };
  static override flags = {};

  async run(): Promise<MappingChange> {
    return this.withSession(async (session) => {
      const { clearMapping } = await import('../../lib/mapping/set.js');
      const result = await clearMapping(session, this.args.product);
      this.say(
        result.changed ? `${result.product.name}: ${result.from} → none` : `${result.product.name} has no Cartona id.`,
      );
      return result;
    });
  }
}
