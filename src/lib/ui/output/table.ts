import { chunks } from '../../common/collections.js';
import { oneLine } from '../../common/plain-text.js';

/** A cell as a person reads it; absent values are blank. */
export type Cell = string | number | null | undefined;

/** A dash under the head and spaces between columns: as readable in a pipe or a mail as on a terminal. */
const PLAIN = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  right: '',
  'right-mid': '',
  mid: '',
  'mid-mid': '',
  middle: '  ',
} as const;

const INDENT = '    ';
/** Rows of one table of cli-table3: its time grows with the square of them. */
const BLOCK = 100;

/**
 * Sets rows in columns as wide as their widest cell. Nothing is cut off; what is in a cell stays on its line. No
 * colours.
 * @param sentences what stands under each row, indented; broken between words to fit a terminal of so many columns,
 * whole without one
 */
export async function tableLines(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  sentences: { readonly of: readonly Cell[]; readonly columns?: number | undefined } = { of: [] },
): Promise<string[]> {
  // The version of string-width that cli-table3 measures with: another one could have it cut cells off.
  const [{ default: Table }, { default: stringWidth }] = await Promise.all([
    import('cli-table3'),
    import('string-width'),
  ]);
  const widthOf = (cell: string): number => (PRINTABLE_ASCII.test(cell) ? cell.length : stringWidth(cell));
  const cells = [head.map(text), head.map((name) => '-'.repeat(name.length)), ...rows.map((row) => row.map(text))];
  const colWidths: number[] = [];
  for (const row of cells)
    for (const [at, cell] of row.entries()) colWidths[at] = Math.max(colWidths[at] ?? 0, widthOf(cell));
  const style = { head: [], border: [], 'padding-left': 0, 'padding-right': 0 };
  const lines = chunks(cells, BLOCK).flatMap((block) => {
    const table = new Table({ chars: PLAIN, style, colWidths });
    table.push(...block);
    return table.toString().split('\n');
  });
  return lines.flatMap((line, at) => [
    line.trimEnd(),
    ...(at < HEAD_LINES ? [] : wrapped(text(sentences.of[at - HEAD_LINES]), sentences.columns)),
  ]);
}

const HEAD_LINES = 2;

/** Most cells: as wide as they are long. */
const PRINTABLE_ASCII = /^[ -~]*$/;

const text = (cell: Cell): string => oneLine(String(cell ?? ''));

function wrapped(sentence: string, columns = Infinity): string[] {
  const lines: string[] = [];
  for (const word of sentence.split(' ').filter(Boolean)) {
    const longer = `${lines.at(-1) ?? ''} ${word}`;
    if (lines.length > 0 && INDENT.length + longer.length <= columns) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.map((line) => INDENT + line);
}
