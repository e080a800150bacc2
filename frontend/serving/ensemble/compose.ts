import { isMiss, type Gather, type GatheredRow } from '../../dispatch/gather.ts';
import type { Miss } from '../../dispatch/row-task.ts';
import type { Answer, AnswerRow, Failure } from '../../domain/answer.ts';
import { ERRORS } from '../../domain/errors.ts';
import type { AppSpec } from '../../domain/model.ts';
import type { SlabPool } from '../../domain/slabs.ts';
import { answererOf } from '../selection/arm-target.ts';
import type { Choice } from '../selection/select.ts';

/** What is said of every answer, whatever it is. */
export interface AnswerHead {
  readonly slot: number;
  readonly latencyMicros: number;
  readonly decisionId?: string;
}

/** The answer that the rows of a gather come to: the model's, the app's default where rows missed, or the error that it asked for. */
export function compose(head: AnswerHead, app: AppSpec, how: { gather: Gather; choice: Choice; slabs: SlabPool }): Answer {
  const rows: AnswerRow[] = [];
  let miss: Miss | undefined;
  for (const row of how.gather.rows) {
    const settled: GatheredRow = row ?? { reason: 'deadline_exceeded' };
    if (!isMiss(settled)) {
      rows.push(settled);
      continue;
    }
    miss ??= settled;
    rows.push(defaultRow(app, settled));
  }
  const by = answererOf(how.choice.target, how.gather);
  if (miss === undefined) return { ...head, ok: true, source: how.gather.inner?.source ?? 'model', ...by, rows };
  if (app.onMiss !== 'default') {
    releaseRows(rows, how.slabs);
    return { ...head, ok: false, failure: failureOf(miss) };
  }
  const partly = rows.some((row) => row.source !== 'default');
  return {
    ...head, ok: true, source: 'default', rows, reason: miss.reason, reasonText: miss.text ?? ERRORS[miss.reason].message,
    ...(partly ? by : {}),
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
