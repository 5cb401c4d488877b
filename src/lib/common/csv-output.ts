import { createWriteStream, type WriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { stringify } from 'csv-stringify/sync';
import { withLocalErrors } from './local-errors.js';

/** Takes the next piece of text, and is ready for more when it resolves. */
export type Write = (text: string) => Promise<void>;

/** Spreadsheets take a CSV file for UTF-8 only when it begins with this. */
export const BOM = '\ufeff';

/** A number that is no formula, whatever sign it begins with. */
const PLAIN_NUMBER = /^[+-]?\d+(?:[.,]\d+)*$/;
const FORMULA = /^'*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;

/**
 * A value as it is written to a CSV file that a spreadsheet may open: what a spreadsheet would run as a formula gets an
 * apostrophe in front. `fromSpreadsheet` takes it off again; the two are exact inverses for every text.
 */
export const forSpreadsheet = (value: string): string =>
  FORMULA.test(value) && !PLAIN_NUMBER.test(value) ? `'${value}` : value;

/** See `forSpreadsheet`. */
export const fromSpreadsheet = (cell: string): string =>
  cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell;

/** Rows as CSV text that a spreadsheet can open: no cell becomes a formula that was none. */
export function csvText(rows: readonly (readonly string[])[], delimiter: string): string {
  return stringify(
    rows.map((row) => row.map(forSpreadsheet)),
    { delimiter, record_delimiter: '\r\n', quoted_match: /[\r\n]|^\s|\s$/ },
  );
}

/**
 * Writes a file as a whole or not at all: whoever looks sees the old one or the complete new one. What is there and no
 * file (a device, a pipe) is written to as it is.
 * @throws CartonaError `local`
 */
export async function writeWhole(path: string, work: (write: Write) => Promise<void>): Promise<void> {
  await withLocalErrors(async () => {
    if (await isNoFile(path)) {
      await writeInto(createWriteStream(path), work);
      return;
    }
    const fresh = `${path}.${process.pid}.tmp`;
    try {
      await writeInto(createWriteStream(fresh, { flush: true }), work);
      await rename(fresh, path);
    } catch (error) {
      await rm(fresh, { force: true });
      throw error;
    }
  });
}

async function isNoFile(path: string): Promise<boolean> {
  try {
    const found = await stat(path);
    return !found.isFile() && !found.isDirectory();
  } catch {
    // Whatever is wrong with it, writing will tell.
    return false;
  }
}

async function writeInto(out: WriteStream, work: (write: Write) => Promise<void>): Promise<void> {
  const done = finished(out);
  // A failure is seen where the next piece is written or the file is ended.
  done.catch(() => undefined);
  try {
    await work(async (text) => {
      if (out.errored) throw out.errored;
      if (!out.write(text)) await Promise.race([once(out, 'drain'), done]);
    });
    out.end();
    await done;
  } finally {
    out.destroy();
  }
}
