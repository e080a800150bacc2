import { linePlot, type Series } from '../report/line-plot.ts';
import type { LearnedBatch } from '../simulator/cold-start.ts';

/** As many as it may take until the planned size stays within its bound. */
const FIRST = 100;

/** What was sent and what the learned law would have planned, beside the true law: over all the time, and the first batches. */
export function learningPictures(trace: readonly LearnedBatch[]): Map<string, string> {
  const seconds = Math.ceil((trace.at(-1)?.atMicros ?? 0) / 1e6);
  const first = trace.slice(0, FIRST);
  return new Map([
    ['learning-slow-down', linePlot({
      title: 'Batch size while a container becomes twice as slow', subtitle: '0.1·b + 2 ms, SLO 20 ms, 1.2 × capacity, from cold; planned: from a queue without end',
      x: { label: 'seconds', from: 0, to: seconds, ticks: Array.from({ length: seconds + 1 }, (_, i) => i) }, y: sizes(trace), series: series(trace, ({ atMicros }) => atMicros / 1e6),
    })],
    ['learning-cold', linePlot({
      title: 'Batch size from cold', subtitle: 'the same run, its first batches',
      x: { label: 'batches', from: 1, to: first.length, ticks: [1, 20, 40, 60, 80, FIRST].filter((tick) => tick <= first.length) }, y: sizes(first), series: series(first, (batch) => trace.indexOf(batch) + 1),
    })],
  ]);
}

function sizes(trace: readonly LearnedBatch[]): { label: string; from: number; to: number; ticks: number[] } {
  const most = trace.reduce((rows, batch) => Math.max(rows, batch.rows, batch.plannedRows, batch.lawRows), 10);
  const step = [5, 10, 20, 50, 100, 200].find((size) => most / size <= 6) ?? 500;
  const to = Math.ceil(most / step) * step;
  return { label: 'rows', from: 0, to, ticks: Array.from({ length: to / step + 1 }, (_, i) => i * step) };
}

function series(trace: readonly LearnedBatch[], x: (batch: LearnedBatch) => number): Series[] {
  const of = (rows: (batch: LearnedBatch) => number): (readonly [number, number])[] => trace.map((batch) => [x(batch), rows(batch)] as const);
  return [
    { name: 'sent', hue: 'grey', style: 'dots', points: of(({ rows }) => rows) },
    { name: 'planned', hue: 'accent', style: 'strong', points: of(({ plannedRows }) => plannedRows) },
    { name: 'true law', hue: 'oracle', style: 'dashed', points: of(({ lawRows }) => lawRows) },
  ];
}
