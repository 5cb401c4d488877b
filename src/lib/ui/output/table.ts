import { oneLine } from '../../common/plain-text.js';

/** A cell as a person reads it; absent values are blank. */
export type Cell = string | number | null | undefined;

const GAP = '  ';
const INDENT = '    ';

/**
 * Sets rows in columns as wide as their widest cell, a dash under the head and spaces between columns: as readable in a
 * pipe or a mail as on a terminal. Nothing is cut off; what is in a cell stays on its line. No colours.
 * @param sentences what stands under each row, indented; broken between words to fit a terminal of so many columns,
 * whole without one
 */
export async function tableLines(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  sentences: { readonly of: readonly Cell[]; readonly columns?: number | undefined } = { of: [] },
): Promise<string[]> {
  const { default: stringWidth } = await import('string-width');
  const widthOf = (cell: string): number => (PRINTABLE_ASCII.test(cell) ? cell.length : stringWidth(cell));
  const cells = rows.map((row) => row.map(text));
  const widths = head.map((name) => name.length);
  for (const row of cells)
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, widthOf(cell));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => cell + ' '.repeat((widths[at] ?? 0) - widthOf(cell)))
      .join(GAP)
      .trimEnd();
  return [
    line(head),
    line(head.map((name) => '-'.repeat(name.length))),
    ...cells.flatMap((row, at) => [line(row), ...wrapped(text(sentences.of[at]), sentences.columns)]),
  ];
}

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
