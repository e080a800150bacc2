import { performance } from 'node:perf_hooks';
import { DeadlineWheel } from '../../frontend/dispatch/deadline-wheel.ts';
import { Gather, isMiss } from '../../frontend/dispatch/gather.ts';
import type { OutputReader } from '../../frontend/domain/output.ts';
import type { Query } from '../../frontend/domain/query.ts';
import type { AppTable } from '../../frontend/serving/selection/app-table.ts';
import type { ArmTarget } from '../../frontend/serving/selection/arm-target.ts';
import { select } from '../../frontend/serving/selection/select.ts';
import { exponential, random } from '../load/random.ts';
import { ruleNamed } from '../simulator/rules.ts';
import { SimulatedClock } from '../simulator/simulated-clock.ts';
import { CAPACITY_PER_SECOND, MODEL, openCoreApps, SLOS_MS } from './core-world.ts';
import { STAGES, StageTimes, timedRule, type Stage } from './stage-times.ts';

/** A turn of the event loop, in which what has come is handled together: 64 queries at a million a second. */
const TURN_MICROS = 64;
/** More than can be waiting or under way. Queries are the door's to make, so those that have ended are used again. */
const SLOTS = 16_384;

export interface CoreRun {
  readonly queries: number;
  /** Of those that ended. */
  readonly onTimeShare: number;
  readonly meanBatchRows: number;
  /** User and system time of the whole process, the garbage collector's threads included. */
  readonly cpuMicrosPerQuery: number;
  readonly queriesPerSecond: number;
  /** The CPU time, in the proportions that the stages have of the time on the wall. */
  readonly stageMicrosPerQuery: Readonly<Record<Stage, number>>;
}

type Slot = { -readonly [Key in keyof Query]: Query[Key] };

/** What has been chosen for the queries of one turn. */
interface Chosen {
  readonly targets: ArmTarget[];
  readonly readers: OutputReader[];
  readonly gathers: Gather[];
}

/**
 * The way of a query from its parsed form to its settled row, all in production code, on simulated time:
 *
 *     select → gather, into the deadline wheel → offer → (once a turn) next → send → replica … → rows settle → observe
 *
 * Each stage is done for all queries of a turn before the next, so that it can be timed. Arrivals are Poisson; `load` is in
 * multiples of what the replicas can do.
 */
export class CorePath {
  readonly #clock = new SimulatedClock();
  readonly #times = new StageTimes();
  readonly #apps: AppTable;
  readonly #wheel = new DeadlineWheel<Gather>();
  readonly #slots: readonly Slot[];
  readonly #chosen: Chosen = { targets: [], readers: [], gathers: [] };
  readonly #chance = { key: Uint32Array.of(1, 2, 3, 4), id: new Uint8Array(12), now: 0 };
  readonly #gapMicros: () => number;
  #nextAt = 0;
  #nextSlot = 0;
  #ended = 0;
  #onTime = 0;

  constructor({ rule, load, seed }: { rule: string; load: number; seed: number }) {
    const draw = random(seed);
    const { maxBatch, maxQueueRows } = MODEL.batching;
    const setup = { exactMicros: () => 1, replicas: [], sloMicros: 1000 * Math.min(...SLOS_MS), steadyRows: maxBatch, maxRows: maxBatch, maxQueueRows, draw };
    this.#apps = openCoreApps(this.#clock, timedRule(ruleNamed(rule, setup), this.#times));
    this.#slots = Array.from({ length: SLOTS }, (_, slot) => makeSlot(slot, Math.floor(draw() * SLOS_MS.length)));
    this.#gapMicros = () => exponential(draw, 1e6 / (load * CAPACITY_PER_SECOND));
  }

  /** Plays at least `queries` queries, and says what they cost. */
  run(queries: number): CoreRun {
    this.#times.clear();
    this.#ended = 0;
    this.#onTime = 0;
    const before = process.cpuUsage();
    const from = performance.now();
    let played = 0;
    while (played < queries) played += this.#turn();
    const wallMs = performance.now() - from;
    const { user, system } = process.cpuUsage(before);
    const cpuMicrosPerQuery = (user + system) / played;
    const stage = (name: Stage): number => (this.#times.ms(name) / wallMs) * cpuMicrosPerQuery;
    return {
      queries: played, onTimeShare: this.#onTime / this.#ended, meanBatchRows: this.#times.rows / this.#times.batches,
      cpuMicrosPerQuery, queriesPerSecond: 1e6 / cpuMicrosPerQuery,
      stageMicrosPerQuery: Object.fromEntries(STAGES.map((name) => [name, stage(name)])) as Record<Stage, number>,
    };
  }

  /** One turn of the event loop: says how many queries came in it. */
  #turn(): number {
    const now = this.#clock.now();
    const first = this.#nextSlot;
    const count = this.#arrive(now + TURN_MICROS);
    const times = this.#times;
    const began = performance.now();
    for (let i = 0; i < count; i++) this.#select(i, this.#slot(first + i));
    const selected = performance.now();
    for (let i = 0; i < count; i++) this.#gather(i, this.#slot(first + i), now);
    const gathered = performance.now();
    for (let i = 0; i < count; i++) (this.#chosen.targets[i] as ArmTarget).submit(this.#chosen.gathers[i] as Gather);
    const offered = performance.now();
    times.add('select', selected - began);
    times.add('gather', gathered - selected);
    times.add('offer', offered - gathered);
    const inside = times.insideMs;
    this.#wheel.expire(now, this.#close);
    this.#clock.advanceTo(now + TURN_MICROS);
    times.add('send and settle', performance.now() - offered - (times.insideMs - inside));
    return count;
  }

  #arrive(until: number): number {
    const now = this.#clock.now();
    let count = 0;
    for (; this.#nextAt < until; this.#nextAt += this.#gapMicros()) {
      const slot = this.#slot(this.#nextSlot++);
      slot.arrivedAtMicros = now;
      slot.deadlineAtMicros = now + slot.sloMicros;
      count++;
    }
    return count;
  }

  #select(i: number, query: Query): void {
    const app = this.#apps.get(query.app);
    if (app === undefined) throw new Error(`no app ${query.app}`);
    const selection = select(app, query, this.#chance);
    if (!('choice' in selection)) throw new Error(`no model for ${query.app}`);
    this.#chosen.targets[i] = selection.choice.target;
    this.#chosen.readers[i] = app.reader(selection.choice.target);
  }

  #gather(i: number, query: Query, now: number): void {
    const gather = new Gather(query, query.deadlineAtMicros, { read: this.#chosen.readers[i] as OutputReader, onDone: this.#done });
    this.#chosen.gathers[i] = gather;
    this.#wheel.add(gather, now);
  }

  readonly #done = (gather: Gather): void => {
    this.#wheel.remove(gather);
    this.#ended++;
    const [row] = gather.rows;
    if (row !== undefined && !isMiss(row)) this.#onTime++;
  };

  readonly #close = (gather: Gather): void => {
    this.#apps.get(gather.query.app)?.arms[0]?.queue?.cancel(gather);
    gather.missed(0, gather.count, { reason: 'deadline_exceeded' });
  };

  #slot(number: number): Slot {
    return this.#slots[number % SLOTS] as Slot;
  }
}

function makeSlot(slot: number, app: number): Slot {
  const sloMicros = 1000 * (SLOS_MS[app] as number);
  return { slot, app: `app-${app}`, arrivedAtMicros: 0, sloMicros, deadlineAtMicros: 0, rows: 1, many: false, columns: [], batchKey: 'k', explain: false };
}
