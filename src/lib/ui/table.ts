/** A cell as a person reads it; absent values are blank. */
export type Cell = string | number | null | undefined;

/** A dash under the head and spaces between columns: as readable in a pipe or a mail as on a terminal. Nothing is cut off. */
const PLAIN = {
  top: '', 'top-mid': '', 'top-left': '', 'top-right': '',
  bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '',
  left: '', 'left-mid': '', right: '', 'right-mid': '',
  mid: '', 'mid-mid': '', middle: '  ',
} as const;

/** Sets rows in columns as wide as their widest cell. No colours; line breaks inside a cell become spaces. */
export async function formatTable(head: readonly string[], rows: readonly (readonly Cell[])[]): Promise<string> {
  const { default: Table } = await import('cli-table3');
  const table = new Table({ chars: PLAIN, style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 } });
  const text = (cell: Cell): string => String(cell ?? '').replace(/\s*[\r\n]+\s*/g, ' ');
  table.push(head.map(text), head.map((name) => '-'.repeat(name.length)));
  for (const row of rows) table.push(row.map(text));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
