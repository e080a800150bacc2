import type { BatchReport } from '../batching/task.ts';
import type { Micros } from '../domain/clock.ts';
import type { BatchEnd } from '../domain/replica.ts';
import type { InFlight } from './in-flight.ts';
import type { RowTask } from './row-task.ts';

/** What the batcher is told of a batch that ended at `now`. One that its replica calls done and left rows of unanswered is an error. */
export function reportOf(flight: InFlight, end: BatchEnd, now: Micros): BatchReport<RowTask> {
  const unanswered = flight.unanswered();
  const base = { batch: flight.batch, endedAtMicros: now, unanswered, ...(flight.stoodStill ? { stoodStill: true as const } : {}) };
  if (end.kind === 'lost') return { ...base, outcome: flight.hung ? 'hung' : 'lost', error: { code: 'lost', message: end.message } };
  const done = end.computeMicros === undefined ? base : { ...base, computeMicros: end.computeMicros };
  if (end.error !== undefined) return { ...done, outcome: 'error', error: end.error };
  if (unanswered.length === 0) return { ...done, outcome: 'done' };
  const rows = unanswered.reduce((sum, slice) => sum + slice.count, 0);
  return { ...done, outcome: 'error', error: { code: 'rows_missing', message: `the container left ${rows} of ${flight.batch.rows} rows unanswered` } };
}
