import { Args, Flags } from '@oclif/core';
import type { MappingChange } from '../../lib/mapping/set.js';
import { BaseCommand } from '../../lib/ui/base-command.js';

export default class MapSet extends BaseCommand<typeof MapSet> {
  static override summary = 'Give one product a Cartona id.';
  static override description =
    'The product is named by its Odoo id (id:123, or the number alone), internal reference or barcode. The rules are those of `map import`.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> BEANS-400 88123',
    '<%= config.bin %> <%= command.id %> id:123 88123 --replace',
  ];
  static override args = {
    product: Args.string({ required: true, description: 'Odoo id, internal reference or barcode.' }),
    'cartona-id': Args.string({ required: true, description: 'The Cartona id.' }),
  };
  static override flags = {
    replace: Flags.boolean({ summary: 'Also when the product has another Cartona id.' }),
  };

  async run(): Promise<MappingChange> {
    return this.withSession(async (session) => {
      const { setMapping } = await import('../../lib/mapping/set.js');
      const result = await setMapping(session, this.args.product, this.args['cartona-id'], this.flags.replace);
      const { product, from, to, changed } = result;
      this.say(
        changed ? `${product.name}: ${from ?? 'none'} → ${to}` : `${product.name} already has the Cartona id ${to}.`,
      );
      return result;
    });
  }
}
