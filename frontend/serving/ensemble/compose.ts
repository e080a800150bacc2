import { areAnswered, isMiss, type Gather, type GatheredRow } from '../../dispatch/gather.ts';
import type { Miss } from '../../dispatch/row-task.ts';
import type { Answer, AnswerRow, Failure } from '../../domain/answer.ts';
import { ERRORS } from '../../domain/errors.ts';
import type { AppSpec } from '../../domain/model.ts';
import type { SlabPool } from '../../domain/slabs.ts';
import { answererOf } from '../selection/arm-target.ts';
import type { Choice } from '../selection/select.ts';

/** Of a row that nothing came for. */
const LATE: Miss = Object.freeze({ reason: 'deadline_exceeded' });

/** What is said of every answer, whatever it is. */
export interface AnswerHead {
  readonly slot: number;
  readonly latencyMicros: number;
  readonly decisionId?: string;
}

/** The answer that the rows of a gather come to: the model's, the app's default where rows missed, or the error that it asked for. */
export function compose(head: AnswerHead, app: AppSpec, how: { gather: Gather; choice: Choice; slabs: SlabPool }): Answer {
  const { rows: gathered, inner } = how.gather;
  const by = answererOf(how.choice.target, how.gather);
  // Nothing changes the rows of a gather that is done: they are the answer's as they are.
  if (areAnswered(gathered)) return { ...head, ok: true, source: inner?.source ?? 'model', ...by, rows: gathered };
  const settled = gathered.map((row): GatheredRow => row ?? LATE);
  const miss = settled.find(isMiss) ?? LATE;
  const rows = settled.map((row) => (isMiss(row) ? defaultRow(app, row) : row));
  if (app.onMiss !== 'default') {
    releaseRows(rows, how.slabs);
    return { ...head, ok: false, failure: failureOf(miss) };
  }
  return {
    ...head, ok: true, source: 'default', rows, reason: miss.reason, reasonText: miss.text ?? ERRORS[miss.reason].message,
    ...(rows.some(({ source }) => source !== 'default') ? by : {}),
  };
}

/** The answer where nobody was asked. */
export function composeMiss(head: AnswerHead, app: AppSpec, how: { miss: Miss; rows: number }): Answer {
  if (app.onMiss !== 'default') return { ...head, ok: false, failure: failureOf(how.miss) };
  const rows = new Array<AnswerRow>(how.rows).fill(defaultRow(app, how.miss));
  return { ...head, ok: true, source: 'default', rows, reason: how.miss.reason, reasonText: how.miss.text ?? ERRORS[how.miss.reason].message };
}

export function defaultRow(app: AppSpec, miss: Miss): AnswerRow {
  return { source: 'default', output: { kind: 'json', json: app.default ?? null }, reason: miss.reason };
}

export function failureOf(miss: Miss): Failure {
  const failure = { code: miss.reason, message: miss.text ?? ERRORS[miss.reason].message };
  return miss.retryAfterMs === undefined ? failure : { ...failure, retryAfterMs: miss.retryAfterMs };
}

/** Gives back the tensors of rows that will not be written. */
export function releaseRows(rows: readonly (AnswerRow | undefined)[], slabs: SlabPool): void {
  for (const row of rows) {
    if (row?.output.kind !== 'tensors') continue;
    for (const tensor of row.output.tensors) slabs.release(tensor.slab);
  }
}
