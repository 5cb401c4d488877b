import { unlink } from 'node:fs/promises';
import { withLocalErrors } from '../../common/local-errors.js';
import { BOM, csvText, writeWhole, fromSpreadsheet } from '../../common/csv-output.js';
import type { MappingFile } from './mapping-file.js';

const PAGE = 2000;

/** Where the rejected rows of a file go: beside it. */
export const rejectedPath = (path: string): string => `${path.replace(/\.(?:csv|tsv|txt)$/i, '')}.rejected.csv`;

/**
 * Writes the rejected rows of a mapping file, as they stand there, with a column for the reason: to be corrected and
 * imported. Reads the file again; memory does not grow with it.
 * @param reasonOf why the nth row (from 0) is rejected, if it is
 * @throws CartonaError `local`
 */
export async function writeRejected(file: MappingFile, reasonOf: (row: number) => string | undefined): Promise<string> {
  const path = rejectedPath(file.path);
  const { names, at } = file.header;
  // Our own column of an earlier round is replaced.
  const old = at.get('reason');
  const cleaned = (cells: readonly string[], reason: string): string[] => {
    const padded = [...cells, ...Array<string>(Math.max(0, names.length - cells.length)).fill('')];
    const kept = padded.filter((_, index) => index !== old).map(fromSpreadsheet);
    const width = old === undefined ? names.length : names.length - 1;
    // Cells beyond the header, which made the row malformed, stay: they hold what belongs elsewhere.
    return [...kept.slice(0, width), reason, ...kept.slice(width)];
  };
  await writeWhole(path, async (write) => {
    await write(BOM + csvText([cleaned(names, 'reason')], file.delimiter));
    let row = 0;
    for await (const page of file.pages(PAGE, (cells, line) => ({ cells, line }))) {
      const rows: string[][] = [];
      for (const { line, cells } of page) {
        const reason = reasonOf(row);
        if (reason !== undefined) rows.push(cleaned(cells, `line ${line}: ${reason}`));
        row += 1;
      }
      if (rows.length > 0) await write(csvText(rows, file.delimiter));
    }
  });
  return path;
}

/** Removes what an earlier import of the file left: nothing of it is rejected any more. */
export async function removeRejected(file: MappingFile): Promise<void> {
  await withLocalErrors(() =>
    unlink(rejectedPath(file.path)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    }),
  );
}
