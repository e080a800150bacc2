import { PredictionCache } from '../../frontend/cache/prediction-cache.ts';
import { rowHasher } from '../../frontend/cache/row-key.ts';
import { Directory } from '../../frontend/dispatch/directory.ts';
import { ModelMeters } from '../../frontend/dispatch/model-meters.ts';
import { ModelQueue } from '../../frontend/dispatch/model-queue.ts';
import type { TwinRow } from '../../frontend/dispatch/twin.ts';
import type { Answer } from '../../frontend/domain/answer.ts';
import type { DecisionJournal } from '../../frontend/domain/journal.ts';
import type { Log } from '../../frontend/domain/log.ts';
import type { Meter } from '../../frontend/domain/meter.ts';
import { EMPTY_DESIRED_STATE, type ModelKey, type ModelSpec, type OnMiss } from '../../frontend/domain/model.ts';
import type { InputColumn, Query } from '../../frontend/domain/query.ts';
import type { ReplicaBatch, ReplicaLink } from '../../frontend/domain/replica.ts';
import { CarryOut } from '../../frontend/lifecycle/carry-out.ts';
import { Supervisor } from '../../frontend/lifecycle/supervisor.ts';
import { SlabArena } from '../../frontend/runtime/slab-arena.ts';
import { AppTable } from '../../frontend/serving/selection/app-table.ts';
import { Predict } from '../../frontend/serving/predict.ts';
import { DecisionIds, DerivedKeys, Receipts } from '../../frontend/serving/decisions/receipt.ts';
import { exponential, type Random } from '../load/random.ts';
import { ruleNamed } from '../simulator/rules.ts';
import { SimulatedClock } from '../simulator/simulated-clock.ts';
import { BAD, FaultyRuntime, POISON } from './faulty-runtime.ts';
import { Operator } from './operator.ts';
import { eventsOf, type WorldPlan } from './plan.ts';
import { WatchedRule } from './watched-rule.ts';

const NO_METER: Meter = { cell: () => 0, add: () => undefined, set: () => undefined, observe: () => undefined, forget: () => undefined };
const NO_LOG: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const WORDS: readonly [number, number] = [1, 2];
const MAX_WAIT_MICROS = 10_000_000;
/** What the process stands still for, in the mean; the longer ones are longer than batches may take. */
const PAUSE_MICROS = 50_000;
const LONG_PAUSE_MICROS = 5_000_000;
/** How long the rows of a version that is no longer wanted may take. */
const RETIRE_MICROS = 30_000_000;
/** After the last arrival everything must be over within so long: hung replicas are given up by then. */
const LAST_MICROS = 3600 * 1_000_000;
/** More events than this are an endless loop. */
const MOST_EVENTS = 200_000;

/** What a world came to. */
export interface WorldEnd {
  readonly answered: number;
  readonly byModel: number;
  readonly cancelled: number;
  readonly batches: number;
}

/** Worlds learn nothing: their apps have one arm each. */
const NO_JOURNAL: DecisionJournal = { record: () => 'none', refusal: () => undefined };

/** An invariant does not hold. The message names the seed. */
export class WorldFault extends Error {}

interface Caller {
  readonly query: Query;
  readonly values: readonly number[];
  /** What its app did on a miss when it asked. */
  readonly onMiss: OnMiss;
  state: 'waiting' | 'answered' | 'left';
}

/**
 * One small world played to its end: the production road from `Predict` to the replicas' links, with the cache, the batcher
 * and the supervisor with its reducers, among faults. Throws WorldFault as soon as something is not as it must be.
 */
export function playWorld(plan: WorldPlan): WorldEnd {
  const world = new World(plan);
  try {
    return world.play();
  } catch (error) {
    if (error instanceof WorldFault) throw error;
    throw new WorldFault(`seed ${plan.seed}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
}

class World {
  readonly #plan: WorldPlan;
  readonly #draw: Random;
  readonly #clock = new SimulatedClock(1_000_000);
  readonly #slabs = new SlabArena({ poison: true });
  readonly #cache = new PredictionCache<TwinRow>({ maxBytes: 64 * 1024, slabs: this.#slabs, seed: WORDS });
  readonly #rules: WatchedRule[] = [];
  readonly #queues: ModelQueue[] = [];
  readonly #callers: Caller[] = [];
  readonly #runtime: FaultyRuntime;
  readonly #operator: Operator;
  readonly #supervisor: Supervisor;
  readonly #carryOut: CarryOut;
  readonly #directory: Directory;
  readonly #apps: AppTable;
  readonly #predict: Predict;
  readonly #hasShadows: boolean;
  #jumpedAtMicros = -Infinity;
  #byModel = 0;
  /** The last answer was a model's: nothing of it is under way any more. */
  #wasAnswered = false;
  #batches = 0;

  constructor(plan: WorldPlan) {
    this.#plan = plan;
    this.#draw = eventsOf(plan);
    this.#runtime = new FaultyRuntime({ clock: this.#clock, plan, draw: this.#draw, inspect: (link, batch) => this.#inspect(link, batch) });
    this.#directory = new Directory((key, spec) => this.#open(key, spec));
    this.#supervisor = new Supervisor({
      runtimes: { local: this.#runtime, external: this.#runtime }, clock: this.#clock, log: NO_LOG, meter: NO_METER, random: this.#draw,
      policy: { startTimeoutMicros: 5_000_000, drainTimeoutMicros: 2_000_000, backoffFirstMicros: 10_000, backoffLastMicros: 500_000 },
      onReady: (key, link) => {
        this.#directory.ready(key, link);
        this.#carryOut.replicasChanged();
      },
      onGone: (key, link) => {
        this.#directory.gone(key, link);
        this.#carryOut.replicasChanged();
      },
      onCredit: (key) => this.#directory.pull(key),
      onDied: (key, reason) => this.#carryOut.replicaDied(key, reason),
      onForgotten: () => this.#carryOut.replicasChanged(),
    });
    const apps = new AppTable({ directory: this.#directory, slabs: this.#slabs, meter: NO_METER });
    this.#apps = apps;
    this.#carryOut = new CarryOut({
      clock: this.#clock, log: NO_LOG, parallelLoads: 2, retireMicros: RETIRE_MICROS,
      isReady: (key) => this.#directory.isReady(key), isPresent: (key) => this.#supervisor.has(key), unsettled: () => this.#directory.unsettled(),
      route: (state) => {
        this.#directory.apply(state);
        apps.apply(state);
      },
      supervise: (state) => this.#supervisor.apply(state),
    });
    this.#hasShadows = plan.operator.changes > 0 || plan.operator.apps.some(({ shadow }) => shadow !== undefined);
    this.#operator = new Operator(plan.operator, plan.seed);
    this.#carryOut.apply(this.#operator.desired);
    this.#predict = new Predict({
      apps, directory: this.#directory, clock: this.#clock, slabs: this.#slabs,
      receipts: new Receipts([{ number: 1, secret: Buffer.alloc(32, 1) }]), ids: new DecisionIds(Buffer.alloc(6, 1)), keys: new DerivedKeys(Buffer.alloc(32, 1)),
      epochOffsetMicros: 0, journal: NO_JOURNAL, teach: () => undefined, maxOpen: 10_000, maxWaitMicros: MAX_WAIT_MICROS, sink: { answer: (answer) => this.#answered(answer) },
    });
  }

  play(): WorldEnd {
    const { queries, clients, gapMs, faults } = this.#plan;
    // Containers take their time to start; callers do not wait for that in every world.
    this.#runTo(this.#clock.now() + (this.#draw() < 0.7 ? 25_000 : 0));
    for (let begun = 0; begun < (clients === 0 ? queries : clients); begun++) {
      this.#runTo(this.#clock.now() + Math.floor(exponential(this.#draw, gapMs * 1000)));
      if (faults.jumps > 0 && this.#draw() < faults.jumps) this.#jump();
      this.#arrive();
      if (this.#operator.changes()) this.#carryOut.apply(this.#operator.desired);
    }
    for (let events = 0; this.#callers.length < queries; events++) {
      if (events === MOST_EVENTS) this.#fail(`${this.#callers.length} of ${queries} questions after ${events} events`);
      this.#runTo(this.#clock.next);
    }
    this.#finish();
    return {
      answered: this.#callers.filter(({ state }) => state === 'answered').length, byModel: this.#byModel,
      cancelled: this.#callers.filter(({ state }) => state === 'left').length, batches: this.#batches,
    };
  }

  #arrive(): void {
    const slot = this.#callers.length;
    const { sloMs, maxRows, keys, values: kinds, faults } = this.#plan;
    const draw = this.#draw;
    const values = Array.from({ length: 1 + Math.floor(draw() * maxRows) }, () => {
      if (faults.poison > 0 && draw() < faults.poison) return POISON;
      return faults.bad > 0 && draw() < faults.bad ? BAD : Math.floor(draw() * kinds);
    });
    const now = this.#clock.now();
    const sloMicros = Math.floor(sloMs * 1000 * (0.5 + draw()));
    const app = this.#operator.app();
    const query: Query = {
      slot, app, arrivedAtMicros: now, sloMicros, deadlineAtMicros: now + sloMicros, rows: values.length, many: values.length > 1,
      columns: [this.#column(values)], batchKey: `k${Math.floor(draw() * keys)}`, explain: false, ...this.#operator.said(),
    };
    this.#callers.push({ query, values, onMiss: this.#apps.get(app)?.spec.onMiss ?? 'error', state: 'waiting' });
    this.#predict.submit(query);
    if (faults.leaves > 0 && draw() < faults.leaves) this.#clock.happenAt(now + Math.floor(draw() * sloMicros), () => this.#leave(slot));
    this.#check();
  }

  #leave(slot: number): void {
    const caller = this.#callers[slot];
    if (caller?.state !== 'waiting') return;
    caller.state = 'left';
    this.#predict.cancel(slot);
    this.#askAgain();
  }

  /** A caller who does not ask before the last question was answered. */
  #askAgain(): void {
    const { clients, gapMs, queries } = this.#plan;
    if (clients === 0) return;
    this.#clock.happenAt(this.#clock.now() + Math.floor(exponential(this.#draw, gapMs * 1000)), () => {
      if (this.#callers.length < queries) this.#arrive();
    });
  }

  /** Nobody else is there and nothing goes wrong: a lone row is held for a batch's own time at the most, and that by the planner alone. */
  #checkAlone(latencyMicros: number): void {
    const { clients, rule, maxRows, noise, alphaMs, betaMs, cache, faults, operator } = this.#plan;
    if (clients !== 1 || operator.changes > 0 || operator.apps.length > 1 || maxRows > 1 || cache || !this.#wasAnswered || Object.values(faults).some((odds) => odds > 0)) return;
    const longestMicros = 1000 * (alphaMs + betaMs) * (1 + noise) * (rule === 'planner' ? 2 : 1) + 1;
    if (latencyMicros > longestMicros) this.#fail(`an idle replica took ${latencyMicros} µs for a lone row; ${longestMicros} would do`);
  }

  #column(values: readonly number[]): InputColumn {
    const span = this.#slabs.allocate(values.length * 4);
    const view = new Float32Array(span.slab.bytes.buffer, span.slab.bytes.byteOffset + span.offset, values.length);
    view.set(values);
    return { name: 'x', dtype: 'float32', shape: [1], slab: span.slab, offset: span.offset, strideBytes: 4, rowBytes: 4 };
  }

  #answered(answer: Answer): void {
    const caller = this.#callers[answer.slot];
    if (caller === undefined) return this.#fail(`an answer for query ${answer.slot}, which nobody asked`);
    const { query, values, state } = caller;
    if (state !== 'waiting') return this.#fail(`query ${answer.slot} was answered after it had been ${state}`);
    caller.state = 'answered';
    const now = this.#clock.now();
    const untilMicros = untilOf(caller);
    if (now > untilMicros && this.#jumpedAtMicros < query.arrivedAtMicros) this.#fail(`query ${answer.slot} was answered ${now - untilMicros} µs after its time`);
    this.#askAgain();
    const isAnswered = answer.ok && answer.rows.every(({ source }) => source === 'model');
    if (isAnswered) this.#checkAlone(now - query.arrivedAtMicros);
    this.#wasAnswered = isAnswered;
    if (!answer.ok) return;
    if (answer.rows.length !== values.length) this.#fail(`query ${answer.slot} of ${values.length} rows got ${answer.rows.length}`);
    answer.rows.forEach((row, i) => {
      if (row.source === 'default') return;
      this.#byModel++;
      const given = row.output.kind === 'value' ? row.output.value : NaN;
      // The mean of several may be off by its rounding.
      if (!(Math.abs(given - 2 * (values[i] ?? 0)) < 1e-9)) this.#fail(`row ${i} of query ${answer.slot} holds ${values[i]}; its answer is ${given}`);
    });
  }

  #inspect(link: ReplicaLink, batch: ReplicaBatch): void {
    this.#batches++;
    const now = this.#clock.now();
    if (link.credits <= 0) this.#fail(`${link.id} was sent a batch without a credit`);
    if (batch.rows > link.maxBatch) this.#fail(`${link.id} was sent ${batch.rows} rows; it takes ${link.maxBatch}`);
    if (batch.budgetMicros <= 0) this.#fail(`${link.id} was sent a batch with nothing left of its time`);
    if (new Set(batch.slices.map(({ query }) => query.batchKey)).size > 1) this.#fail(`${link.id} was sent rows of several keys`);
    for (const { query, first, count } of batch.slices) {
      if (first < 0 || count < 1 || first + count > query.rows) this.#fail(`${link.id} was sent rows ${first} … ${first + count - 1} of a query of ${query.rows}`);
      const caller = this.#callers[query.slot];
      if (caller === undefined) return this.#fail(`${link.id} was sent query ${query.slot}, which nobody asked`);
      const untilMicros = untilOf(caller);
      // A twin that waits for the same row may have more time than the one whose input is sent, and nobody waits for a shadow.
      if (this.#plan.cache) continue;
      if (untilMicros <= now) this.#fail(`query ${query.slot} was sent ${now - untilMicros} µs after its deadline`);
      if (caller.state !== 'waiting' && !this.#hasShadows) this.#fail(`query ${query.slot} was sent after it had been ${caller.state}`);
    }
  }

  #jump(): void {
    const micros = Math.floor(exponential(this.#draw, this.#operator.isBusy && this.#draw() < 0.3 ? LONG_PAUSE_MICROS : PAUSE_MICROS));
    // Before, for the timers ring at once.
    this.#jumpedAtMicros = this.#clock.now() + micros;
    this.#clock.stall(micros);
  }

  #runTo(at: number): void {
    for (let events = 0; this.#clock.next <= at; events++) {
      if (events === MOST_EVENTS) this.#fail(`${events} events and no end, at ${this.#clock.now()} µs`);
      this.#clock.advanceTo(Math.max(this.#clock.now(), this.#clock.next));
      this.#check();
    }
    this.#clock.advanceTo(Math.max(at, this.#clock.now()));
  }

  #check(): void {
    const waiting = this.#callers.reduce((sum, { state }) => sum + Number(state === 'waiting'), 0);
    if (this.#predict.open !== waiting) this.#fail(`${waiting} callers wait, and the broker knows of ${this.#predict.open}`);
  }

  /** Nobody asks any more: all that is under way ends, then all replicas, and nothing may be left. */
  #finish(): void {
    const until = this.#clock.now() + LAST_MICROS;
    const isOver = (): boolean => this.#predict.open === 0 && this.#queues.every((queue) => queue.queuedRows === 0 && queue.flights === 0);
    for (let events = 0; !isOver(); events++) {
      if (this.#clock.next > until || events === MOST_EVENTS) this.#fail(`${this.#predict.open} callers, ${this.#queues.map((queue) => `${queue.queuedRows} rows and ${queue.flights} batches`).join(', ')} are left after an hour`);
      this.#clock.advanceTo(this.#clock.next);
      this.#check();
    }
    this.#carryOut.stop();
    void this.#supervisor.drain();
    this.#directory.apply(EMPTY_DESIRED_STATE);
    this.#runTo(this.#clock.now() + 60_000_000);
    this.#directory.unsettled();
    this.#runTo(this.#clock.now() + 1);
    const left = [
      [this.#runtime.alive, 'replicas'], [this.#supervisor.status().length, 'models'], [this.#clock.pending, 'calls of the clock'],
      [this.#slabs.usedSlabs, 'slabs'], [this.#cache.entries + this.#cache.pending, 'cache entries'], [this.#rules.reduce((sum, { underWay }) => sum + underWay, 0), 'batches'],
    ] as const;
    for (const [count, what] of left) if (count !== 0) this.#fail(`${count} ${what} are left at the end`);
    const unanswered = this.#callers.findIndex(({ state }) => state === 'waiting');
    if (unanswered >= 0) this.#fail(`query ${unanswered} was never answered`);
  }

  #open(key: ModelKey, spec: ModelSpec): ModelQueue {
    const { rule, alphaMs, betaMs, noise, sloMs, faults: { slow, ails, hangs, jumps } } = this.#plan;
    const { maxBatch, maxQueueRows } = spec.batching;
    const batcher = new WatchedRule(ruleNamed(rule, {
      exactMicros: (rows) => 1000 * (alphaMs * rows + betaMs), replicas: [], sloMicros: sloMs * 1000, steadyRows: maxBatch, maxRows: maxBatch, maxQueueRows, draw: this.#draw, hash: rowHasher(WORDS),
    }), { maxQueueRows, maxRows: maxBatch, ...(slow + ails + hangs + jumps === 0 ? { quickestMicros: (rows: number) => 1000 * (alphaMs * rows + betaMs) * (1 - noise) } : {}), fail: (what) => this.#fail(what) });
    const queue = new ModelQueue({
      key, spec, clock: this.#clock, batcher, meters: new ModelMeters(NO_METER, spec.name, spec.version), onHung: (link, why) => this.#supervisor.hung(link, why),
      cache: { cache: this.#cache, slabs: this.#slabs, meter: NO_METER },
    });
    this.#rules.push(batcher);
    this.#queues.push(queue);
    return queue;
  }

  #fail(what: string): never {
    throw new WorldFault(`seed ${this.#plan.seed}, at ${this.#clock.now()} µs: ${what}`);
  }
}

/** When it must be answered at the latest. */
function untilOf({ query, onMiss }: Caller): number {
  return onMiss === 'wait' ? query.arrivedAtMicros + Math.max(MAX_WAIT_MICROS, query.sloMicros) : query.deadlineAtMicros;
}
