import { lstat, open, unlink } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { withLocalErrors } from '../../common/local-errors.js';
import { BOM, csvText, writeWhole, fromSpreadsheet } from '../../common/csv-output.js';
import { DELIMITERS, type MappingFile } from './mapping-file.js';

const PAGE = 2000;
/** Bytes of a file that tell who wrote it. */
const HEAD = 256 * 1024;

/** Where the rejected rows of a file go: beside it. */
const rejectedPath = (path: string, count: number): string =>
  `${path.replace(/\.(?:csv|tsv|txt)$/i, '')}.rejected${count === 1 ? '' : `-${count}`}.csv`;

/**
 * Writes the rejected rows of a mapping file, as they stand there, with a column for the reason: to be corrected and
 * imported. Reads the file again; memory does not grow with it. What is at that place and was not written here stays;
 * the rows then go to the next free name.
 * @param reasonOf why the nth row (from 0) is rejected, if it is
 * @throws CartonaError `local`
 */
export async function writeRejected(file: MappingFile, reasonOf: (row: number) => string | undefined): Promise<string> {
  const path = await ownPlace(file);
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
  await withLocalErrors(async () => {
    for (let count = 1; ; count += 1) {
      const path = rejectedPath(file.path, count);
      const found = await whoseIs(path);
      if (found === 'nobody') return;
      if (found === 'ours') await unlink(path);
    }
  });
}

/** The first place that is free or holds what an earlier import wrote. */
async function ownPlace(file: MappingFile): Promise<string> {
  return withLocalErrors(async () => {
    for (let count = 1; ; count += 1) {
      const path = rejectedPath(file.path, count);
      if ((await whoseIs(path)) !== 'somebody') return path;
    }
  });
}

/** Of what is at a path: ours begins with a mark and a header, and its first row tells a line and why it was rejected. */
async function whoseIs(path: string): Promise<'nobody' | 'ours' | 'somebody'> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!found) return 'nobody';
  if (!found.isFile()) return 'somebody';
  const head = await readHead(path);
  if (!head.startsWith(BOM)) return 'somebody';
  return DELIMITERS.some((delimiter) => tellsRejection(head, delimiter)) ? 'ours' : 'somebody';
}

function tellsRejection(head: string, delimiter: string): boolean {
  try {
    const [header, first] = parse(head, { bom: true, delimiter, to: 2, relax_column_count: true });
    const at = header?.indexOf('reason') ?? -1;
    return at >= 0 && /^line \d+: /.test(first?.[at] ?? '');
  } catch {
    return false;
  }
}

async function readHead(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
