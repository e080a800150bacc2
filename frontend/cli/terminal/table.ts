import { harmless, type Screen, type Tone } from './screen.ts';

export interface Cell {
  readonly text: string;
  readonly tone?: Tone;
}

export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => string | number | Cell;
  /** Numbers stand at the right. */
  readonly right?: boolean;
}

const GAP = '  ';
const LEAST_WIDTH = 6;

/** A table with a head; the widest columns are cut where the terminal is too narrow. No rows: only `none`. */
export function table<Row>({ columns: width, paint }: Pick<Screen, 'columns' | 'paint'>, columns: readonly Column<Row>[], rows: readonly Row[], none: string): string {
  if (rows.length === 0) return none;
  const cells = rows.map((row) => columns.map(({ cell }) => cellOf(cell(row))));
  const widths = fitted(columns.map(({ head }, i) => Math.max(head.length, ...cells.map((line) => line[i]?.text.length ?? 0))), width);
  const line = (texts: readonly Cell[]): string => texts.map(({ text, tone }, i) => {
    const padded = pad(cut(text, widths[i] ?? 0), widths[i] ?? 0, columns[i]?.right === true);
    return tone === undefined ? padded : paint(tone, padded);
  }).join(GAP).trimEnd();
  return [line(columns.map(({ head }) => ({ text: head, tone: 'dim' }))), ...cells.map(line)].join('\n');
}

function cellOf(cell: string | number | Cell): Cell {
  return typeof cell === 'object' ? { ...cell, text: harmless(cell.text) } : { text: harmless(String(cell)) };
}

/** The widest gives way first, none below `LEAST_WIDTH`. */
function fitted(widths: readonly number[], room: number | undefined): readonly number[] {
  const fit = [...widths];
  const used = (): number => fit.reduce((sum, width) => sum + width, 0) + GAP.length * (fit.length - 1);
  while (room !== undefined && used() > room && Math.max(...fit) > LEAST_WIDTH) fit[fit.indexOf(Math.max(...fit))] = Math.max(...fit) - 1;
  return fit;
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

function pad(text: string, width: number, right: boolean): string {
  return right ? text.padStart(width) : text.padEnd(width);
}
