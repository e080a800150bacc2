import { count, counted, milliseconds, objective } from './format.ts';
import type { BatchPicture } from './snapshot.ts';

/** Why the batches of a model version are as large as they are, in sentences. */
export function whyBatch(picture: BatchPicture): readonly string[] {
  const { law, plannedRows, maxBatch, sloMs, controller } = picture;
  const [lone] = law;
  if (lone === undefined) return ['Nothing was sent yet, so nothing is known of how long a batch takes.'];
  if (lone.meanMs > sloMs) return [`Even a single row takes ${milliseconds(lone.meanMs)} in the mean, more than the objective of ${objective(sloMs)}: queries with that objective are refused, but for some that look whether it is still so.`];
  if (controller === 'fixed') return [`The size is fixed at ${counted(maxBatch, 'row')} by the configuration.`, cost(picture)];
  if (plannedRows === 0) return ['The controller plans nothing yet.', cost(picture)];
  const at = law.find(({ rows }) => rows >= plannedRows) ?? lone;
  return [
    `The controller (${controller}) would send ${counted(plannedRows, 'row')} from a full queue: such a batch takes ${milliseconds(at.meanMs)} in the mean and ${milliseconds(at.tailMs)} at p99, of an objective of ${objective(sloMs)}.`,
    tail(lone.tailMs, at.tailMs, sloMs) ?? limit(picture),
    cost(picture),
  ].filter((sentence) => sentence !== '');
}

/** What it means that p99 is past the objective; undefined where it is not. */
function tail(loneMs: number, plannedMs: number, sloMs: number): string | undefined {
  if (loneMs > sloMs) return `Even a single row takes ${milliseconds(loneMs)} at p99: some come late whatever the size.`;
  return plannedMs > sloMs ? 'Its p99 is past the objective: the controller counts what is answered in time a second, and takes some late batches for it.' : undefined;
}

function limit({ plannedRows, reachRows, maxBatch }: BatchPicture): string {
  if (plannedRows >= maxBatch) return 'That is the most that max_batch allows.';
  if (plannedRows >= reachRows) return `Larger ones were not tried yet: it goes beyond ${counted(reachRows, 'row')} a step at a time, once batches are full.`;
  return 'Larger ones would leave too little of the objective for waiting and for the tail.';
}

/** The line through the law: what a row adds, and what a batch takes in any case. */
function cost({ law }: BatchPicture): string {
  const first = law[0];
  const last = law.at(-1);
  if (first === undefined || last === undefined || first.rows === last.rows) return '';
  const rowMs = (last.meanMs - first.meanMs) / (last.rows - first.rows);
  return `A further row adds ${rowMs < 0.995 ? `${count(Math.max(0, rowMs * 1000))} µs` : milliseconds(rowMs)}; a batch takes ${milliseconds(Math.max(0, first.meanMs - rowMs * first.rows))} whatever its size.`;
}
