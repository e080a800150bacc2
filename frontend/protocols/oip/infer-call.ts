import type { AppAccess } from '../../domain/access.ts';
import type { Answer, Failure } from '../../domain/answer.ts';
import type { Micros } from '../../domain/clock.ts';
import { ERRORS } from '../../domain/errors.ts';
import type { PredictPort } from '../../domain/ports.ts';
import type { InputColumn } from '../../domain/query.ts';
import type { Served, ServedDirectory } from '../../domain/served.ts';
import type { SlabPool } from '../../domain/slabs.ts';
import { isFailure, queryOf, type Ask, type AskedRows, type CountedRows } from '../ask.ts';
import type { Caller, OpenCalls } from '../open-calls.ts';
import type { RefusedCount } from '../refused-count.ts';
import { inferAnswer, unknownOutput, type InferAnswer, type WantedOutput } from './infer-answer.ts';

/** What every way into inference needs. */
export interface InferParts {
  readonly served: ServedDirectory;
  readonly road: PredictPort;
  readonly calls: OpenCalls;
  readonly access: AppAccess;
  readonly slabs: SlabPool;
  readonly refused: RefusedCount;
}

/** A request that has been read, whatever form it came in. */
export interface InferAsk {
  readonly served: Served;
  readonly wanted: readonly WantedOutput[];
  readonly ask: Ask;
  readonly arrivedAtMicros: Micros;
  readonly patienceMicros?: number;
}

/** Who gets the answer to one request. Exactly one of these is called, once, possibly before `submit` returns. */
export interface InferTarget {
  /** Tensors in it are written before this returns. */
  answered(answer: InferAnswer): void;
  refused(failure: Failure, decisionId?: string): void;
}

/** One inference on its way: takes the road's answer back to the form in which it was asked for. */
export class InferCall implements Caller {
  readonly #parts: InferParts;
  readonly #asked: InferAsk;
  readonly #target: InferTarget;
  #slot: number | undefined;
  #over = false;

  constructor(parts: InferParts, asked: InferAsk, target: InferTarget) {
    this.#parts = parts;
    this.#asked = asked;
    this.#target = target;
  }

  /** Its target has been told, or nobody wants to be. */
  get over(): boolean {
    return this.#over;
  }

  /** Asks the road; the columns are its own from now on. Rows of a name whose inputs nobody knows yet were only counted. */
  submit(input: AskedRows | CountedRows): void {
    const { road, calls } = this.#parts;
    const { served, wanted, ask, arrivedAtMicros, patienceMicros = Number.POSITIVE_INFINITY } = this.#asked;
    const unknown = unknownOutput(served, wanted);
    if (unknown !== undefined) return this.refuse(unknown, input);
    const slot = calls.begin(this);
    if (slot === undefined) return this.refuse({ code: 'overloaded', message: ERRORS.overloaded.message }, input);
    this.#slot = slot;
    if (input.columns === undefined) return road.submitUnparsed({ slot, app: served.view.spec.name, arrivedAtMicros, rows: input.rows, reason: 'no_replica' });
    const query = queryOf(served, input, { slot, arrivedAtMicros, ask, patienceMicros });
    if (!isFailure(query)) return road.submit(query);
    calls.letGo(slot);
    this.refuse(query, input);
  }

  /** The caller has gone: what has not left is taken back. */
  cancel(): void {
    if (this.#slot === undefined || this.#over) return;
    this.#over = true;
    this.#parts.road.cancel(this.#slot);
    this.#parts.calls.letGo(this.#slot);
  }

  answered(answer: Answer): void {
    this.#over = true;
    if (!answer.ok) return this.#target.refused(answer.failure, answer.decisionId);
    const inferred = inferAnswer(answer, this.#asked.served, this.#asked.wanted);
    if ('code' in inferred) this.#target.refused(inferred, answer.decisionId);
    else this.#target.answered(inferred);
  }

  /** Does not ask: the columns are given back. */
  refuse(failure: Failure, input: AskedRows | CountedRows): void {
    this.#over = true;
    this.#parts.refused.add(failure.code);
    releaseColumns(input.columns ?? [], this.#parts.slabs);
    this.#target.refused(failure);
  }
}

export function releaseColumns(columns: readonly InputColumn[], slabs: SlabPool): void {
  for (const { slab } of columns) slabs.release(slab);
}
