import type { DoneHeader, TensorSpec } from '../../protos/wire.ts';
import type { OutputColumn } from './check-outputs.ts';
import { checkOutputs, checkWanted } from './check-outputs.ts';
import type { Job } from './executor.ts';
import { describe, type Stacks } from './failure.ts';
import type { Batch, Outputs, Predict } from './predict.ts';
import { PredictError } from './predict.ts';
import { readInputs } from './read-inputs.ts';
import type { ReplyPlanner } from './reply-planner.ts';
import type { Session } from './session.ts';
import type { Work } from './work.ts';
import type { RowFailure, RowsPlan } from './write-reply.ts';
import { writeReply } from './write-reply.ts';

/** Changes the bytes of a reply before they are written: for programs that test a broker. */
export type Tamper = (reply: { readonly batch: number; readonly plan: RowsPlan; readonly done: DoneHeader }, bytes: Buffer) => Buffer;

/** What all batches of a container have in common. */
export interface JobContext {
  readonly predict: Predict;
  readonly inputs: readonly TensorSpec[] | undefined;
  readonly outputs: readonly TensorSpec[] | undefined;
  readonly maxBatch: number;
  readonly planner: ReplyPlanner;
  readonly tamper: Tamper | undefined;
  readonly stacks: Stacks;
  /** A batch of this session is done: says how many credits its done frame grants. */
  settle(session: Session): number;
}

const MAX_MESSAGE_CHARS = 2000;
const MAX_CODE_CHARS = 256;
const NO_FAILURES: readonly RowFailure[] = Object.freeze([]);
const NO_ROWS: RowsPlan = { answered: { rows: 0, columns: [], failures: [] }, frames: [] };

/** One batch from its frame to its reply. */
export class BatchJob implements Job {
  readonly #session: Session;
  readonly #work: Work;
  readonly #context: JobContext;
  #failures: Map<number, RowFailure> | undefined;
  #startedMs = 0;

  constructor(session: Session, work: Work, context: JobContext) {
    this.#session = session;
    this.#work = work;
    this.#context = context;
  }

  keep(): void {
    this.#work.keep();
  }

  run(): Promise<void> | undefined {
    this.#startedMs = performance.now();
    // Nobody waits any more.
    if (this.#work.cancelled.size === this.#work.header.rows) return this.#reply(NO_ROWS, { compute_us: 0 });
    try {
      const outputs = this.#context.predict(this.#batch());
      if (isPromise(outputs)) return outputs.then((settled) => this.#answer(settled), (error: unknown) => this.#fail(error));
      return this.#answer(outputs);
    } catch (error) {
      return this.#fail(error);
    }
  }

  #batch(): Batch {
    const { header } = this.#work;
    const { maxBatch, inputs, outputs } = this.#context;
    if (header.rows > maxBatch) throw new PredictError('bad_input', `a batch of ${header.rows} rows; this container takes at most ${maxBatch}`);
    checkWanted(header.outputs, outputs);
    return {
      rows: header.rows,
      inputs: readInputs(header, this.#work.read(), inputs),
      wanted: header.outputs,
      budgetMicros: header.budget_us,
      signature: header.signature,
      params: header.params ?? {},
      traceparent: header.traceparent,
      isCancelled: (row) => this.#work.cancelled.has(row),
      fail: (row, message, code = 'model_error') => {
        if (!Number.isInteger(row) || row < 0 || row >= header.rows) throw new RangeError(`row ${row} is not in a batch of ${header.rows}`);
        this.#failures ??= new Map();
        this.#failures.set(row, { row, ...told(code, message) });
      },
    };
  }

  #answer(outputs: Outputs): undefined {
    const computeMicros = this.#elapsedMicros();
    const { rows, outputs: wanted } = this.#work.header;
    const failures = this.#failures === undefined ? NO_FAILURES : [...this.#failures.values()];
    let plan: RowsPlan;
    try {
      const columns: readonly OutputColumn[] = failures.length === rows ? [] : checkOutputs(outputs, rows, wanted, this.#context.outputs);
      plan = this.#context.planner.plan({ rows, columns, failures });
    } catch (error) {
      return this.#fail(error, computeMicros);
    }
    return this.#reply(plan, { compute_us: computeMicros });
  }

  #fail(thrown: unknown, computeMicros = this.#elapsedMicros()): undefined {
    this.#context.stacks.tell(thrown);
    return this.#reply(NO_ROWS, { compute_us: computeMicros, error: told(thrown instanceof PredictError ? thrown.code : 'model_error', describe(thrown)) });
  }

  #reply(plan: RowsPlan, outcome: DoneHeader): undefined {
    const credit = this.#context.settle(this.#session);
    const done: DoneHeader = { compute_us: outcome.compute_us, ...(credit > 0 && { credit }), ...(outcome.error && { error: outcome.error }) };
    const batch = this.#work.id;
    this.#session.reply(batch, credit, (allocate) => {
      const bytes = writeReply(batch, plan, done, allocate);
      return this.#context.tamper === undefined ? bytes : this.#context.tamper({ batch, plan, done }, bytes);
    });
    return undefined;
  }

  #elapsedMicros(): number {
    return Math.round((performance.now() - this.#startedMs) * 1000);
  }
}

/** As the wire takes it, whatever the author gave: a code that is no word, a message without end. */
function told(code: unknown, message: unknown): { readonly code: string; readonly message: string } {
  const isWord = typeof code === 'string' && code.length >= 1 && code.length <= MAX_CODE_CHARS;
  return { code: isWord ? code : 'model_error', message: String(message).slice(0, MAX_MESSAGE_CHARS) };
}

function isPromise(outputs: Outputs | Promise<Outputs>): outputs is Promise<Outputs> {
  return typeof (outputs as { then?: unknown } | undefined)?.then === 'function';
}
