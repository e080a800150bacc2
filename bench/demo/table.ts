import type { Played } from './play.ts';

const HEADINGS = ['model', 'accuracy', 'card', 'p50 ms', 'p99 ms', 'goodput/s', 'mean batch', 'answers by source', ''] as const;

/** The demo's result as lines of text, one a model. */
export function table(results: readonly Played[]): string {
  return aligned([HEADINGS, ...results.map(row)]);
}

function row(played: Played): string[] {
  const { load } = played;
  return [
    played.model,
    played.accuracy.toFixed(4),
    played.expectedAccuracy.toFixed(4),
    milliseconds(load.latencyMicros.p50),
    milliseconds(load.latencyMicros.p99),
    load.goodputPerSecond.toFixed(0),
    played.meanBatchRows.toFixed(2),
    counts(load.sources) + (Object.keys(load.reasons).length > 0 ? ` (${counts(load.reasons)})` : '') + (played.askedAgain > 0 ? `; ${played.askedAgain} images asked again` : ''),
    played.faults.length === 0 ? 'ok' : 'FAULT',
  ];
}

function milliseconds(micros: number): string {
  return (micros / 1000).toFixed(2);
}

function counts(of: Readonly<Record<string, number>>): string {
  return Object.entries(of).map(([name, n]) => `${name} ${n}`).join(', ');
}

/** The first column and the wordy ones to the left, figures to the right. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const left = (column: number): boolean => column === 0 || column >= HEADINGS.length - 2;
  return rows.map((cells) => cells
    .map((cell, column) => (left(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
    .join('  ').trimEnd()).join('\n');
}
