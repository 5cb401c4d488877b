import { Args, Flags } from '@oclif/core';
import type { MappingImportResult } from '../../lib/mapping/import.js';
import type { Session } from '../../lib/session.js';
import { BaseCommand, exportFlag } from '../../lib/ui/base-command.js';
import { keepHeapTight } from '../../lib/ui/tight-heap.js';
import { counted, grouped } from '../../lib/common/words.js';

/** Rejected rows that are shown; their file and `--json` have more. */
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
    'dry-run': Flags.boolean({
      summary: 'Check and show everything, and write nothing to Odoo.',
      env: 'CARTONA_DRY_RUN',
    }),
    export: exportFlag({ dependsOn: ['dry-run'] }),
    replace: Flags.boolean({ summary: 'Also give products another Cartona id than they have.' }),
    'skip-invalid': Flags.boolean({ summary: 'Write the good rows although others are rejected.' }),
  };

  async run(): Promise<MappingImportResult> {
    keepHeapTight();
    const { 'dry-run': dryRun, replace, 'skip-invalid': skipInvalid } = this.flags;
    return this.withSession(async (session) => {
      const { importMapping } = await import('../../lib/mapping/import.js');
      const result = await importMapping(session, this.args.file, { dryRun, replace, skipInvalid });
      await this.showPlanned(session, result);
      this.show(result);
      if (result.rejected > 0) this.endPartial();
      return result;
    });
  }

  private async showPlanned(session: Session, { planned = [], changes }: MappingImportResult): Promise<void> {
    const isShown = !this.jsonEnabled() && !this.flags.quiet;
    if (planned.length === 0 || (!isShown && this.flags.export === undefined)) return;
    const { productNames } = await import('../../lib/mapping/describe.js');
    const names = await productNames(
      session,
      planned.map(({ product }) => product),
    );
    await this.listToAgree(
      'To be written to Odoo',
      ['Line', 'Odoo id', 'Product', 'From', 'To'],
      planned.map(({ line, product, from, to }) => [line, product, names.get(product), from ?? 'none', to]),
      this.flags.export,
    );
    this.more(changes, planned.length, '; import the file in parts to see them all');
  }

  private show(result: MappingImportResult): void {
    const { problems, rejected, rejectedFile } = result;
    for (const { line, reason } of problems.slice(0, SHOWN)) this.say(`line ${line}: ${reason}`);
    this.more(rejected, SHOWN, '');
    this.say(
      `${counted(result.rows, 'row')} (${result.encoding}): ${counted(result.changes, 'change')}, ${grouped(result.unchanged)} unchanged, ${grouped(rejected)} rejected.`,
    );
    this.say(result.dryRun ? 'Nothing was written to Odoo (dry run).' : outcome(result));
    if (rejectedFile !== null)
      this.warn(
        `${counted(rejected, 'row')} rejected; ${rejected === 1 ? 'it stands' : 'they stand'} with the reason in ${rejectedFile}`,
      );
  }

  private more(total: number, shown: number, where: string): void {
    if (total > shown) this.say(`… and ${grouped(total - shown)} more${where}`);
  }
}

function outcome({ changes, written, rejected }: MappingImportResult): string {
  if (written > 0 || rejected === 0) return `${counted(written, 'Cartona id')} written to Odoo and read back.`;
  if (changes === 0) return 'Nothing was written to Odoo.';
  return 'Nothing was written to Odoo: correct the file and import it again, or write the good rows with --skip-invalid.';
}
