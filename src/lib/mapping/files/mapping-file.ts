import type { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { parse as parseSync } from 'csv-parse/sync';
import { CartonaError } from '../../common/errors.js';
import { localError } from '../../common/local-errors.js';
import { readHeader, recognised, type Header, type HeaderRules } from './header.js';
import { openTextFile, type Encoding, type TextFile } from './text-file.js';

export const DELIMITERS = [',', ';', '\t'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/** Makes what the caller needs of a row's cells and the line it begins on, counted from 1. */
export type TakeRow<T> = (cells: readonly string[], line: number) => T;

export interface MappingFile {
  readonly path: string;
  readonly encoding: Encoding;
  readonly delimiter: Delimiter;
  readonly header: Header;
  /**
   * The rows below the header from first to last, in pages; empty ones (spreadsheets leave them behind) are left out.
   * Cells that `take` does not keep are gone at once. May be called again: the file is read again.
   * @throws CartonaError `usage` when the CSV is broken, `local` when it cannot be read
   */
  pages<T>(size: number, take: TakeRow<T>): AsyncIterable<readonly T[]>;
}

/** A row longer than this many characters is a quote that was never closed. */
const LONGEST_ROW = 128 * 1024;
/** Rows to look for the header in: a spreadsheet's `sep=` line and empty ones may stand above it. */
const HEADER_WITHIN = 10;

const parserOptions = (delimiter: Delimiter) => ({
  delimiter,
  // All three, in this order, wherever they stand: files that were edited on several systems mix them.
  record_delimiter: ['\r\n', '\n', '\r'],
  relax_quotes: true,
  relax_column_count: true,
  max_record_size: LONGEST_ROW,
});

/**
 * Opens a mapping file: finds its encoding, its delimiter and its columns.
 * @throws CartonaError `usage` or `local`, see `openTextFile` and `readHeader`
 */
export async function openMappingFile(path: string, rules: HeaderRules): Promise<MappingFile> {
  const file = await openTextFile(path);
  const { delimiter, names } = layoutOf(file.head, rules);
  if (names === undefined)
    throw new CartonaError(
      'usage',
      `${path} has no header line; the first line names the columns, as cartona_id,internal_reference.`,
    );
  const header = readHeader(names, rules, path);
  return {
    path,
    encoding: file.encoding,
    delimiter,
    header,
    pages: (size, take) => pages(file, delimiter, size, take),
  };
}

/**
 * The delimiter under which the header line has most known columns (most columns, where none are known), and that line.
 */
export function layoutOf(
  head: string,
  rules: HeaderRules,
): { delimiter: Delimiter; names: readonly string[] | undefined } {
  const layouts = DELIMITERS.map((delimiter) => {
    const names = headerIn(head, delimiter);
    return {
      delimiter,
      names,
      known: names ? recognised(names, rules).filter((column) => column !== undefined).length : 0,
    };
  });
  layouts.sort((a, b) => b.known - a.known || (b.names?.length ?? 0) - (a.names?.length ?? 0));
  const [best] = layouts;
  return { delimiter: best?.delimiter ?? ',', names: best?.names };
}

function headerIn(head: string, delimiter: Delimiter): string[] | undefined {
  try {
    // Row by row: what follows the header may be broken, and reading the rows tells where.
    for (let row = 1; row <= HEADER_WITHIN; row += 1) {
      const rows: string[][] = parseSync(head, { ...parserOptions(delimiter), from: row, to: row });
      const names = rows[0];
      if (names === undefined) return undefined;
      // A spreadsheet leaves empty columns at the right; rows may be shorter than those.
      if (!isAboveHeader(names)) return names.slice(0, names.findLastIndex((name) => name.trim() !== '') + 1);
    }
  } catch {
    // Broken quotes under this delimiter.
  }
  return undefined;
}

const isBlank = (cells: readonly string[]): boolean => cells.every((cell) => cell === '' || cell.trim() === '');
const isAboveHeader = (cells: readonly string[]): boolean => isBlank(cells) || /^sep=/i.test(cells[0] ?? '');

async function* pages<T>(
  file: TextFile,
  delimiter: Delimiter,
  size: number,
  take: TakeRow<T>,
): AsyncGenerator<readonly T[]> {
  const parser = parse(parserOptions(delimiter));
  await file.pour(parser);
  let page: T[] = [];
  let line = 1;
  let below = false;
  try {
    for (let more = true; more; more = await hasMore(parser)) {
      // Taken as long as there are any, without a promise for each: rows come by the hundred thousand.
      for (let cells = parser.read() as string[] | null; cells !== null; cells = parser.read() as string[] | null) {
        if (!below) below = !isAboveHeader(cells);
        else if (!isBlank(cells)) page.push(take(cells, line));
        line += linesOf(cells);
        if (page.length === size) {
          yield page;
          page = [];
        }
      }
    }
    if (page.length > 0) yield page;
  } catch (error) {
    throw error instanceof CsvError ? await brokenCsv(file, delimiter, error) : (localError(error) ?? error);
  } finally {
    parser.destroy();
  }
}

/** Waits until there is something to read; `false` at the end. */
function hasMore(parser: Readable): Promise<boolean> {
  return new Promise((resolve, reject) => {
    if (parser.errored) {
      reject(parser.errored);
      return;
    }
    if (parser.readableEnded) {
      resolve(false);
      return;
    }
    const settle = (done: () => void) => (): void => {
      parser.off('readable', readable).off('end', end).off('error', failed);
      done();
    };
    const readable = settle(() => resolve(true));
    const end = settle(() => resolve(false));
    const failed = (error: Error): void => settle(() => reject(error))();
    parser.on('readable', readable).on('end', end).on('error', failed);
  });
}

/** How many lines of the file a row takes: one, and one more for each line break inside its quotes. */
function linesOf(cells: readonly string[]): number {
  let lines = 1;
  for (const cell of cells) {
    if (cell.includes('\n') || cell.includes('\r')) lines += cell.match(/\r\n|\n|\r/g)?.length ?? 0;
  }
  return lines;
}

/**
 * The parser gives up where the file ends; a person needs the line where the trouble begins: after the last whole row.
 */
async function brokenCsv(file: TextFile, delimiter: Delimiter, error: CsvError): Promise<CartonaError> {
  const whole = Number(error['records'] ?? 0);
  let line = 1;
  const parser = parse({ ...parserOptions(delimiter), to: whole });
  if (whole > 0) {
    await file.pour(parser);
    for await (const cells of parser) line += linesOf(cells as string[]);
  }
  return new CartonaError(
    'usage',
    `${file.path} is broken at line ${line}: a quote (") opens there and is not closed; correct that line and import the file again. Nothing was written.`,
    error.message,
  );
}
