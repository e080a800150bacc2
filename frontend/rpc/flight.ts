import { WireError } from '../../protos/wire.ts';
import type { BatchEnd, BatchSink, OutputPart, RowError } from '../domain/replica.ts';

const WAITING = 0;
const SETTLED = 1;
const CANCELLED = 2;
/** Cancelled, and answered all the same. */
const IGNORED = 3;
/** In the frame that is being told. */
const ARRIVED = 4;

/** One batch that a container holds: which rows are still owed, and who is told. Row settles once; the end is told once. */
export class Flight {
  readonly id: number;
  readonly rows: number;
  /** Where its payload lies in the shared memory. */
  shared: number | undefined;
  readonly #sink: BatchSink;
  readonly #rowStates: Uint8Array;
  readonly #cancelled: (id: number, rows: readonly number[]) => void;
  #owed: number;
  #over = false;
  /** Why everything still owed will fail, once the container has said something that cannot be used. */
  #spoilt: RowError | undefined;

  constructor(id: number, rows: number, sink: BatchSink, cancelled: (id: number, rows: readonly number[]) => void) {
    this.id = id;
    this.rows = rows;
    this.#owed = rows;
    this.#sink = sink;
    this.#rowStates = new Uint8Array(rows);
    this.#cancelled = cancelled;
  }

  /** These rows are no longer wanted: nothing more is told of them. Rows already settled, or of an ended batch, stay so. */
  cancel(rows: readonly number[]): void {
    if (this.#over) return;
    const states = this.#rowStates;
    for (const row of rows) if (states[row] === ARRIVED) states[row] = IGNORED;
    const still = rows.filter((row) => states[row] === WAITING);
    if (still.length === 0) return;
    for (const row of still) states[row] = CANCELLED;
    this.#owed -= still.length;
    this.#cancelled(this.id, still);
  }

  /** Throws `WireError` where a row is answered twice; nothing of the frame has been told then. */
  answer(at: readonly number[], part: OutputPart): void {
    this.#claim(at);
    if (this.#spoilt !== undefined) return;
    for (let i = 0; i < at.length; i++) {
      // The sink may cancel other rows, or cut the replica off.
      if (this.#over) return;
      const row = at[i] as number;
      if (this.#settle(row)) this.#sink.row(row, part, i);
    }
  }

  fail(row: number, error: RowError): void {
    this.#claim([row]);
    if (this.#spoilt === undefined && this.#settle(row)) this.#sink.rowFailed(row, error);
  }

  /** What the container sent contradicts its signature: these rows are not told, and the batch will end as an error. */
  spoil(error: RowError): void {
    this.#spoilt ??= error;
  }

  done(computeMicros: number | undefined, error: RowError | undefined): void {
    const reason = this.#spoilt ?? error ?? (this.#owed > 0 ? this.#missing() : undefined);
    this.#end({ kind: 'done', ...(computeMicros !== undefined && { computeMicros }), ...(reason && { error: reason }) });
  }

  lost(message: string): void {
    this.#end({ kind: 'lost', message });
  }

  #claim(at: readonly number[]): void {
    const states = this.#rowStates;
    for (let i = 0; i < at.length; i++) {
      const row = at[i] as number;
      const state = states[row];
      if (state !== WAITING && state !== CANCELLED) throw new WireError(`rows: row ${row} answered twice`);
      states[row] = state === WAITING ? ARRIVED : IGNORED;
      if (state === WAITING) this.#owed--;
    }
  }

  /** Whether the row that arrived is to be told. */
  #settle(row: number): boolean {
    if (this.#rowStates[row] !== ARRIVED) return false;
    this.#rowStates[row] = SETTLED;
    return true;
  }

  #missing(): RowError {
    return { code: 'rows_missing', message: `the container said done with ${this.#owed} of ${this.rows} rows unanswered` };
  }

  #end(end: BatchEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#sink.end(end);
  }
}
