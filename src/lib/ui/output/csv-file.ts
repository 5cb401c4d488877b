import { BOM, csvText, writeWhole } from '../../common/csv-output.js';
import type { Cell } from './table.js';

/** Writes a table as CSV for a spreadsheet, as a whole or not at all. @throws CartonaError `local` */
export const writeTable = (path: string, head: readonly string[], rows: readonly (readonly Cell[])[]): Promise<void> =>
  writeWhole(path, async (write) => {
    await write(BOM + csvText([head], ','));
    for (const row of rows) await write(csvText([row.map((cell) => String(cell ?? ''))], ','));
  });
