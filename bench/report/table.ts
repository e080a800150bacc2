/** Rows of equal length; the first holds the headings. */
export type Cells = readonly (readonly string[])[];

/** Columns in line for a terminal: the first to the left, the others to the right. */
export function textTable(rows: Cells): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  return rows
    .map((cells) => cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ').trimEnd())
    .join('\n');
}

/** The same as a table of Markdown. */
export function markdownTable(rows: Cells): string {
  const [headings = [], ...rest] = rows;
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(headings), line(headings.map((_, column) => (column === 0 ? '---' : '---:'))), ...rest.map(line)].join('\n');
}
