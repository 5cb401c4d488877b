import { Args, Flags } from '@oclif/core';
import { CartonaError } from '../../lib/common/errors.js';
import { BaseCommand } from '../../lib/ui/base-command.js';
import { grouped } from '../../lib/common/words.js';
import { printFile } from '../../lib/ui/output/terminal.js';

export default class MapExport extends BaseCommand<typeof MapExport> {
  static override summary = 'Write the mapping as CSV.';
  static override description = `All products with a Cartona id, archived ones included, to a file or to standard output: Odoo id, internal reference, barcode, name, Cartona id, active. With --unmapped, the products for sale that have none yet, with an empty column to fill in. Both can be imported again.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> mapping.csv',
    '<%= config.bin %> <%= command.id %> todo.csv --unmapped',
    '<%= config.bin %> <%= command.id %> | wc -l',
  ];
  static override args = { file: Args.string({ description: 'The file to write; standard output without it.' }) };
  static override flags = {
    unmapped: Flags.boolean({ summary: 'The products for sale without a Cartona id instead, for filling it in.' }),
  };

  async run(): Promise<{ file: string | null; products: number | null }> {
    const { file } = this.args;
    if (file === undefined && this.jsonEnabled())
      throw new CartonaError(
        'usage',
        'With --json, name the file that the CSV goes to: standard output is for the result.',
      );
    return this.withSession(async (session) => {
      const { exportMapping, exportToFile } = await import('../../lib/mapping/export.js');
      if (file === undefined)
        return { file: null, products: await exportMapping(session, printFile, this.flags).catch(readerGone) };
      const products = await exportToFile(session, file, this.flags);
      this.say(`${grouped(products)} products written to ${file}.`);
      return { file, products };
    });
  }
}

/** Whoever reads has seen enough, as `head` does: no failure. */
function readerGone(error: NodeJS.ErrnoException): null {
  if (error.code !== 'EPIPE') throw error;
  return null;
}
