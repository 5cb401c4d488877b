import type { MappingCheck } from '../../lib/mapping/check.js';
import { BaseCommand } from '../../lib/ui/base-command.js';
import { grouped } from '../../lib/common/words.js';

export default class MapCheck extends BaseCommand<typeof MapCheck> {
  static override summary = 'Check that no two products hold one Cartona id.';
  static override description =
    'Looks at all products, archived ones included, and names every id that several hold or that cannot be one. Products that share an id are held back by every push. Exit code 3 when anything is wrong.';
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json'];
  static override flags = {};

  async run(): Promise<MappingCheck> {
    return this.withSession(async (session) => {
      const { checkMapping } = await import('../../lib/mapping/check.js');
      const result = await checkMapping(session);
      const { mapped, clashes, malformed } = result;
      const product = ({ odooId, name, active }: { odooId: number; name: string; active: boolean }): string =>
        `id:${odooId} ${name}${active ? '' : ' (archived)'}`;
      const rows = [
        ...clashes.flatMap(({ cartonaId, products, reason }) =>
          products.map((one, at) => [at === 0 ? cartonaId : '', product(one), at === 0 ? reason : '']),
        ),
        ...malformed.map((entry) => [entry.cartonaId, product(entry.product), entry.reason]),
      ];
      if (rows.length > 0) await this.table(['Cartona id', 'Product', 'Problem'], rows);
      this.say(
        `${grouped(mapped)} products with an id of their own; ${grouped(clashes.length)} ids held by several, ${grouped(malformed.length)} malformed.`,
      );
      if (rows.length > 0) {
        this.say(
          'Give each product its own with `cartona map set id:… CARTONA_ID --replace`, or take it away with `cartona map clear id:…`.',
        );
        this.endPartial();
      }
      return result;
    });
  }
}
