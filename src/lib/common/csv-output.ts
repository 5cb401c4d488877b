import { randomBytes } from 'node:crypto';
import { createWriteStream, type Stats, type WriteStream } from 'node:fs';
import { chmod, lstat, open, rename, rm, stat } from 'node:fs/promises';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { stringify } from 'csv-stringify/sync';
import { CartonaError } from './errors.js';
import { withLocalErrors } from './local-errors.js';

/** Takes the next piece of text, and is ready for more when it resolves. */
export type Write = (text: string) => Promise<void>;

/** Spreadsheets take a CSV file for UTF-8 only when it begins with this. */
export const BOM = '\ufeff';

/** A number that is no formula, whatever sign it begins with. */
const PLAIN_NUMBER = /^[+-]?\d+(?:[.,]\d+)*$/;
/**
 * Where a cell begins, or would begin for a spreadsheet that takes another separator than ours, with what it would run
 * as a formula; and, where it was defused, the apostrophe there.
 */
const START = String.raw`(?:(?<=^)(?='*[\t\r\n])|(?<=^|[;,\t\n]|\r(?!\n))(?='*[=+\-@\uff1d\uff0b\uff0d\uff20]))`;
const FORMULA = new RegExp(START, 'g');
const DEFUSED = new RegExp(`${START}'`, 'g');

/**
 * A value as it is written to a CSV file that a spreadsheet may open: what a spreadsheet would run as a formula gets an
 * apostrophe in front. `fromSpreadsheet` takes it off again, for every text.
 */
export const forSpreadsheet = (value: string): string =>
  PLAIN_NUMBER.test(value) ? value : value.replace(FORMULA, "'");

/** See `forSpreadsheet`. */
export const fromSpreadsheet = (cell: string): string => cell.replace(DEFUSED, '');

/** Rows as CSV text that a spreadsheet can open: no cell becomes a formula that was none. */
export function csvText(rows: readonly (readonly string[])[], delimiter: string): string {
  return stringify(
    rows.map((row) => row.map(forSpreadsheet)),
    { delimiter, record_delimiter: '\r\n', quoted_match: /[\r\n]|^\s|\s$/ },
  );
}

/**
 * Writes a file as a whole or not at all: whoever looks sees the old one or the complete new one. It has the old one's
 * mode, else nobody but the user can read it; a link of that name is replaced, never followed. A device, or a pipe of
 * the user's own, is written to as it is.
 * @throws CartonaError `local`; `usage` for a folder
 */
export async function writeWhole(path: string, work: (write: Write) => Promise<void>): Promise<void> {
  await withLocalErrors(async () => {
    const there = await stat(path).catch(() => undefined);
    if (there?.isDirectory()) throw new CartonaError('usage', `${path} is a folder, not a file; name a file in it.`);
    if (there && !there.isFile()) {
      refuseForeignPipe(path, there);
      await writeInto(createWriteStream(path), work);
      return;
    }
    const fresh = `${path}.${randomBytes(6).toString('hex')}.tmp`;
    // In a directory of several users nobody else can have put something at a name that they cannot guess.
    const file = await open(fresh, 'wx', 0o600);
    try {
      await writeInto(file.createWriteStream({ flush: true }), work);
      const old = await lstat(path).catch(() => undefined);
      if (old?.isFile() && old.uid === process.getuid?.()) await chmod(fresh, old.mode & 0o777);
      await rename(fresh, path);
    } catch (error) {
      await rm(fresh, { force: true });
      throw error;
    }
  });
}

/** Somebody else's pipe or socket reads what is written into it. */
function refuseForeignPipe(path: string, found: Stats): void {
  const uid = process.getuid?.();
  if (uid === undefined || found.uid === uid || found.uid === 0) return;
  throw new CartonaError('local', `${path} is no file and belongs to another user; choose another name.`);
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
