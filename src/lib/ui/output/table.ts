import { oneLine } from '../../common/plain-text.js';

/** A cell as a person reads it; absent values are blank. */
export type Cell = string | number | null | undefined;

/**
 * A dash under the head and spaces between columns: as readable in a pipe or a mail as on a terminal. Nothing is cut
 * off.
 */
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
const HEAD_LINES = 2;

/**
 * Sets rows in columns as wide as their widest cell; what is in a cell stays on its line. No colours.
 * @param sentences what stands under each row, indented; broken between words to fit a terminal of so many columns,
 * whole without one
 */
export async function tableLines(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  sentences: { readonly of: readonly Cell[]; readonly columns?: number | undefined } = { of: [] },
): Promise<string[]> {
  const { default: Table } = await import('cli-table3');
  const table = new Table({ chars: PLAIN, style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 } });
  table.push(
    head.map(text),
    head.map((name) => '-'.repeat(name.length)),
  );
  for (const row of rows) table.push(row.map(text));
  return table
    .toString()
    .split('\n')
    .flatMap((line, at) => [
      line.trimEnd(),
      ...wrapped(text(at < HEAD_LINES ? undefined : sentences.of[at - HEAD_LINES]), sentences.columns),
    ]);
}

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
