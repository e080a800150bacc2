import type { AppAccess } from '../../domain/access.ts';
import type { Answer } from '../../domain/answer.ts';
import type { Micros } from '../../domain/clock.ts';
import { ERRORS } from '../../domain/errors.ts';
import type { PredictPort } from '../../domain/ports.ts';
import type { Served, ServedDirectory } from '../../domain/served.ts';
import type { SlabPool } from '../../domain/slabs.ts';
import { isFailure, queryOf, type Ask, type AskedRows, type CountedRows } from '../ask.ts';
import type { Caller, OpenCalls } from '../open-calls.ts';
import type { RefusedCount } from '../refused-count.ts';
import { refuse, type TfsRefusal } from './refusal.ts';

/** What both doors of this protocol ask with. */
export interface TfsParts {
  readonly served: ServedDirectory;
  readonly road: PredictPort;
  readonly calls: OpenCalls;
  readonly access: AppAccess;
  readonly slabs: SlabPool;
  readonly refused: RefusedCount;
}

export interface TfsAsk {
  readonly served: Served;
  readonly ask: Ask;
  readonly arrivedAtMicros: Micros;
  /** How long the caller waits; only ever shortens the objective. */
  readonly patienceMicros?: number;
}

/** A query that the road has. */
export interface Running {
  /** The caller has gone. */
  cancel(): void;
}

/**
 * Submits rows (only counted where nobody knows the inputs yet) for `caller`, who may be answered before this returns. A refusal leaves
 * nothing held.
 */
export function submitRows({ road, calls, slabs }: TfsParts, { served, ask, arrivedAtMicros, patienceMicros = Number.POSITIVE_INFINITY }: TfsAsk, rows: AskedRows | CountedRows, caller: Caller): Running | TfsRefusal {
  const slot = calls.begin(caller);
  const refused = (refusal: TfsRefusal): TfsRefusal => {
    if (slot !== undefined) calls.letGo(slot);
    for (const { slab } of rows.columns ?? []) slabs.release(slab);
    return refusal;
  };
  if (slot === undefined) return refused(refuse('overloaded', ERRORS.overloaded.message));
  const running: Running = {
    cancel: () => {
      road.cancel(slot);
      calls.letGo(slot);
    },
  };
  if (rows.columns === undefined) {
    road.submitUnparsed({ slot, app: served.view.spec.name, arrivedAtMicros, rows: rows.rows, reason: 'no_replica' });
    return running;
  }
  const query = queryOf(served, rows, { slot, arrivedAtMicros, ask, patienceMicros });
  if (isFailure(query)) return refused(query);
  road.submit(query);
  return running;
}

/** The concrete version that an answer is of: the model's that was asked, or the app itself. */
export function answeredVersion(served: Served, answer: Extract<Answer, { readonly ok: true }>): number {
  return served.kind === 'model' ? answer.version ?? served.version : served.version;
}
