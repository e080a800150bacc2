import type { ErrorCode } from '../domain/errors.ts';
import type { OutputPart, RowError } from '../domain/replica.ts';
import type { Task } from '../batching/task.ts';

/** Why a row has no model's answer. */
export interface Miss {
  readonly reason: ErrorCode;
  /** The reason in words where it has figures or the model's own message; else the table's message serves. */
  readonly text?: string;
  readonly retryAfterMs?: number;
}

/** Of what was refused or let go: what its rows are told. */
export function missOf({ reason, text, retryAfterMs }: Miss): Miss {
  return { reason, ...(text === undefined ? {} : { text }), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** A task that is told what its rows come to; rows are numbered as in its query. What has settled stays so. */
export interface RowTask extends Task {
  /** Row `row` still waits. */
  wants(row: number): boolean;
  /** It is answered by row number `at` of `part`, which is valid during this call. */
  answered(row: number, part: OutputPart, at: number): void;
  /** The model failed on it. */
  failed(row: number, error: RowError): void;
  /** `count` rows from `first` on get no answer, those of them that still wait. */
  missed(first: number, count: number, miss: Miss): void;
}
