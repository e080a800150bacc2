import type { Micros } from '../../frontend/domain/clock.ts';
import type { Signature } from '../../frontend/domain/model.ts';
import type { BatchSink, OutputPart, ReplicaBatch, ReplicaLink, RowSlice } from '../../frontend/domain/replica.ts';
import type { ReplicaRun, ReplicaStart, ReplicaWatcher, Runtime } from '../../frontend/domain/runtime.ts';
import type { Random } from '../load/random.ts';
import type { SimulatedClock } from '../simulator/simulated-clock.ts';
import type { WorldPlan } from './plan.ts';

const SIGNATURE: Signature = { inputs: [{ name: 'x', dtype: 'float32', shape: [1] }], outputs: [{ name: 'y', dtype: 'float32', shape: [] }] };
/** A row of this value kills whoever computes it; one of that makes its batch err. */
export const POISON = -1;
export const BAD = -2;
const MOST_CREDITS = 4;
/** How much longer a batch takes that is slow, or that a replica does which ails. */
const SLOW = 10;
/** A replica begins to ail at some time before it is so old. */
const AILS_WITHIN_MICROS = 200_000;

/** Looks at every batch that is sent. */
export type Inspect = (link: ReplicaLink, batch: ReplicaBatch) => void;

interface Surroundings {
  readonly clock: SimulatedClock;
  readonly plan: WorldPlan;
  readonly draw: Random;
  readonly inspect: Inspect;
}

/** Brings replicas to life that fail as the plan says. */
export class FaultyRuntime implements Runtime {
  readonly #around: Surroundings;
  readonly #alive = new Set<FaultyReplica>();

  constructor(around: Surroundings) {
    this.#around = around;
  }

  get alive(): number {
    return this.#alive.size;
  }

  start(start: ReplicaStart, watcher: ReplicaWatcher): ReplicaRun {
    const replica = new FaultyReplica(start.id, watcher, { ...this.#around, onOver: (over) => this.#alive.delete(over) });
    this.#alive.add(replica);
    replica.begin();
    return { pid: () => undefined, kill: (why) => replica.kill(why), output: () => [] };
  }
}

interface Held {
  readonly batch: ReplicaBatch;
  readonly values: readonly number[];
  readonly sink: BatchSink;
  readonly left: Set<number>;
}

/** One life of one replica: from its start to its end, with whatever goes wrong in between. */
class FaultyReplica implements ReplicaLink {
  readonly id: string;
  readonly maxBatch: number;
  readonly signature = SIGNATURE;
  credits: number;
  readonly #watcher: ReplicaWatcher;
  readonly #around: Surroundings & { readonly onOver: (replica: FaultyReplica) => void };
  readonly #held = new Set<Held>();
  #state: 'starting' | 'ready' | 'over' = 'starting';
  #draining = false;
  #ails = false;

  constructor(id: string, watcher: ReplicaWatcher, around: Surroundings & { readonly onOver: (replica: FaultyReplica) => void }) {
    this.id = id;
    this.#watcher = watcher;
    this.#around = around;
    this.maxBatch = around.plan.containerMaxBatch;
    this.credits = around.plan.operator.inFlight;
  }

  begin(): void {
    this.#in(1000 * (1 + 20 * this.#around.draw()), () => {
      if (this.#chance(this.#around.plan.faults.stillborn)) return this.end('exited with code 3');
      const facts = { pid: 1, signature: SIGNATURE, maxBatch: this.maxBatch, about: {} };
      const refusal = this.#watcher.judge(facts);
      if (refusal !== undefined) {
        this.#watcher.refused(refusal);
        return;
      }
      this.#state = 'ready';
      this.#watcher.ready(this, facts);
      this.#idle();
      if (this.#chance(this.#around.plan.faults.ails)) this.#in(AILS_WITHIN_MICROS * this.#around.draw(), () => { this.#ails = true; });
    });
  }

  infer(batch: ReplicaBatch, sink: BatchSink): { cancel(rows: readonly number[]): void } {
    const { inspect, plan: { faults } } = this.#around;
    inspect(this, batch);
    this.credits--;
    const held: Held = { batch, values: batch.slices.flatMap(valuesOf), sink, left: new Set() };
    this.#held.add(held);
    const micros = this.#takes(batch.rows);
    if (held.values.includes(POISON)) this.#in(micros / 2, () => this.end('killed by SIGSEGV'));
    else if (this.#chance(faults.dies)) this.#in(micros * this.#around.draw(), () => this.end('killed by SIGKILL'));
    else if (!this.#chance(faults.hangs)) this.#in(micros, () => this.#answer(held, micros));
    return {
      cancel: (rows) => {
        if (this.#around.draw() < 0.5) for (const row of rows) held.left.add(row);
      },
    };
  }

  drain(): void {
    this.#draining = true;
    if (this.#held.size === 0) this.#in(100, () => this.end('exited with code 0'));
  }

  /** Its process is ended from outside. */
  kill(why: string): void {
    const { hangs, slow, ails } = this.#around.plan.faults;
    if (hangs === 0 && slow === 0 && ails === 0 && why.startsWith('no answer')) throw new Error(`${this.id} was killed, and is none that hangs: ${why}`);
    this.end(why);
  }

  /** Everything that it held is lost; that its process is gone is seen a little later. */
  end(why: string): void {
    if (this.#state === 'over') return;
    const wasReady = this.#state === 'ready';
    this.#state = 'over';
    this.credits = 0;
    if (wasReady) this.#watcher.closed(this, why);
    const held = [...this.#held];
    this.#held.clear();
    for (const { sink } of held) sink.end({ kind: 'lost', message: why });
    this.#around.clock.happenAt(this.#around.clock.now() + 500, () => {
      this.#around.onOver(this);
      this.#watcher.ended({ message: why });
    });
  }

  #answer(held: Held, micros: Micros): void {
    const { plan: { faults } } = this.#around;
    if (!this.#held.delete(held)) return;
    this.#grant();
    if (held.values.includes(BAD) || this.#chance(faults.errs)) {
      held.sink.end({ kind: 'done', computeMicros: micros, error: { code: 'model_error', message: 'it would not' } });
    } else {
      const part = partOf(held.values);
      const short = this.#chance(faults.leavesOut);
      for (let row = 0; row < held.batch.rows; row++) {
        if (held.left.has(row) || (short && this.#around.draw() < 0.3)) continue;
        if (this.#chance(faults.rowErrs)) held.sink.rowFailed(row, { code: 'row_error', message: 'not this one' });
        else {
          held.sink.row(row, part, row);
          if (this.#chance(faults.adds)) held.sink.row(this.#around.draw() < 0.5 ? row : held.batch.rows, WRONG, 0);
        }
      }
      held.sink.end({ kind: 'done', computeMicros: micros });
    }
    this.#watcher.credit(this);
    if (this.#draining && this.#held.size === 0) this.#in(100, () => this.end('exited with code 0'));
  }

  #grant(): void {
    const extra = this.#chance(this.#around.plan.faults.grants) ? 2 : 1;
    this.credits = Math.min(MOST_CREDITS, this.credits + extra);
  }

  /** It may die with nothing to do. */
  #idle(): void {
    if (this.#chance(this.#around.plan.faults.idleDies)) this.#in(10_000 * this.#around.draw(), () => this.end('killed by SIGTERM'));
  }

  #takes(rows: number): Micros {
    const { plan: { alphaMs, betaMs, noise, faults }, draw } = this.#around;
    const slow = this.#chance(faults.slow) || this.#ails ? SLOW : 1;
    return Math.max(1, Math.round(1000 * (alphaMs * rows + betaMs) * (1 + noise * (2 * draw() - 1)) * slow));
  }

  #in(micros: Micros, run: () => void): void {
    const { clock } = this.#around;
    clock.happenAt(clock.now() + Math.ceil(micros), () => {
      if (this.#state !== 'over') run();
    });
  }

  #chance(odds: number): boolean {
    return odds > 0 && this.#around.draw() < odds;
  }
}

/** What the rows hold: read at once, for the memory is the caller's again when `infer` returns. */
function valuesOf({ query, first, count }: RowSlice): number[] {
  const column = query.columns[0];
  if (column === undefined) throw new Error('a query without columns was sent');
  const view = new DataView(column.slab.bytes.buffer, column.slab.bytes.byteOffset);
  return Array.from({ length: count }, (_, i) => view.getFloat32(column.offset + (first + i) * column.strideBytes, true));
}

/** Nobody's answer: all values are whole. */
const WRONG = partOf([0.25]);

/** The model: twice the value. */
function partOf(values: readonly number[]): OutputPart {
  const floats = Float32Array.from(values, (value) => 2 * value);
  return {
    payload: new Uint8Array(floats.buffer),
    columns: [{ part: { name: 'y', dtype: 'float32', shape: [], bytes: floats.byteLength }, offset: 0, rowBytes: 4 }],
  };
}
