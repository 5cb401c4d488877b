import { Args, Flags } from '@oclif/core';
import type { ImportResult } from '../../lib/mapping/import.js';
import { BaseCommand } from '../../lib/ui/base-command.js';
import { keepHeapTight } from '../../lib/ui/tight-heap.js';
import { counted, grouped } from '../../lib/ui/numbers.js';

/** Lines that are shown; the rejected rows' file and `--json` have more. */
const SHOWN = 1000;

export default class MapImport extends BaseCommand<typeof MapImport> {
  static override summary = 'Give products the Cartona ids of a CSV file.';
  static override description = `The file has a column for the Cartona id (cartona_id) and one or more that tell the product: Odoo id (odoo_id), internal reference or barcode; where several are filled in, they must agree. Any usual encoding (UTF-8, UTF-16, Windows-1256), separator (comma, semicolon, tab) and name of the columns will do.

The whole file is checked before anything is written. Rejected rows are named with line and reason and put into FILE.rejected.csv, which can be corrected and imported. Unless --skip-invalid is given, one rejected row keeps everything from being written; with rejected rows the exit code is 3 either way. Where several products share a reference or barcode and one of them is not archived, that one is meant. A number in Arabic digits is the same number.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> products.csv --dry-run',
    '<%= config.bin %> <%= command.id %> products.csv --skip-invalid',
    '<%= config.bin %> <%= command.id %> products.rejected.csv',
  ];
  static override args = { file: Args.string({ required: true, description: 'The CSV file.' }) };
  static override flags = {
    'dry-run': Flags.boolean({ summary: 'Check and show everything, and write nothing to Odoo.', env: 'CARTONA_DRY_RUN' }),
    replace: Flags.boolean({ summary: 'Also give products another Cartona id than they have.' }),
    'skip-invalid': Flags.boolean({ summary: 'Write the good rows although others are rejected.' }),
  };

  async run(): Promise<ImportResult> {
    keepHeapTight();
    const { 'dry-run': dryRun, replace, 'skip-invalid': skipInvalid } = this.flags;
    return this.withSession(async (session) => {
      const { importMapping } = await import('../../lib/mapping/import.js');
      const result = await importMapping(session, this.args.file, { dryRun, replace, skipInvalid });
      this.show(result);
      if (result.rejected > 0) this.endPartial();
      return result;
    });
  }

  private show(result: ImportResult): void {
    const { planned, problems, rejected, rejectedFile } = result;
    if (planned) this.lines(planned.map(({ line, product, from, to }) => `line ${line}: product ${product}: ${from ?? 'none'} → ${to}`), result.changes);
    this.lines(problems.map(({ line, reason }) => `line ${line}: ${reason}`), rejected);
    this.say(`${counted(result.rows, 'row')} (${result.encoding}): ${counted(result.changes, 'change')}, ${grouped(result.unchanged)} unchanged, ${grouped(rejected)} rejected.`);
    this.say(result.dryRun ? 'Nothing was written to Odoo (dry run).' : outcome(result));
    if (rejectedFile !== null) this.warn(`${counted(rejected, 'row')} rejected; ${rejected === 1 ? 'it stands' : 'they stand'} with the reason in ${rejectedFile}`);
  }

  private lines(lines: readonly string[], total: number): void {
    for (const line of lines.slice(0, SHOWN)) this.say(line);
    const more = total - Math.min(lines.length, SHOWN);
    if (more > 0) this.say(`… and ${grouped(more)} more`);
  }
}

function outcome({ changes, written, rejected }: ImportResult): string {
  if (written > 0 || rejected === 0) return `${counted(written, 'Cartona id')} written to Odoo and read back.`;
  if (changes === 0) return 'Nothing was written to Odoo.';
  return 'Nothing was written to Odoo: correct the file and import it again, or write the good rows with --skip-invalid.';
}

