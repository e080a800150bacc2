import type { Micros } from '../domain/clock.ts';
import { NORMAL_PRIORITY, PRIORITIES } from '../domain/model.ts';
import { DecayedRate } from './decayed-rate.ts';
import { RecentArrivals } from './recent-arrivals.ts';
import { SloSpan } from './slo-span.ts';
import type { Task } from './task.ts';

const FOLD_MICROS = 50_000;
/** Long enough that chance does not make a flood of a stream: 5 s of 60 rows a second vary by 6 %. */
const DEMAND_MEMORY_MICROS = 5_000_000;
const LOSS_MEMORY_MICROS = 2_000_000;
/** Overload begins and ends where this share of what is offered is let go. */
const OVERLOAD_BEGINS = 0.02;
const OVERLOAD_ENDS = 0.005;
/** Time is short from where this share of what is offered, and at least so many rows, had come in and were let go, to where fewer are. */
const SHORT_BEGINS = 0.001;
const SHORT_ENDS = 0.0003;
const LEAST_LAPSED = 10;
/**
 * Whoever asks for no more than this much above the fair share counts as within it: rates are estimates. The more rows a stream
 * has, the surer its rate is, and the more it would cost those who ask for much more: `lenienceOf`.
 */
const LENIENCE = 1.15;
const LEAST_LENIENCE = 1.05;
/** So many standard deviations of a Poisson stream's rate. */
const SURE = 2.5;
/** Of what earlier priorities leave, the next one is served like them only if it asks for no more than this: else they would pay. */
const SPARE = 0.8;
/** Only a stream that asks for this much more than another, each by its weight, floods it. */
const FLOOD = 1.5;
/** Streams of one priority that are told apart; further ones share one place. */
const MAX_FLOWS = 256;
const FORGET_PER_MICRO = 1e-9;

/** Of each priority three tiers: within its share, above it, and above what others above theirs ask for. */
const TIERS_PER_PRIORITY = 3;

/** What one app asks for at one priority. */
interface Flow {
  readonly demand: DecayedRate;
  weight: number;
  sloMicros: Micros;
  floods: boolean;
  /** The share of its rows that is more than others above their share ask for, and how many rows have come to that. */
  surplus: number;
  owed: number;
}

/**
 * Who gives way first where not all can be served, between the apps on one model version. Max-min fairness by weight
 * (Bertsekas and Gallager, "Data Networks", section 6.5.2): the fair level is that at which, with everybody getting the
 * less of what they ask for and weight × level, the goodput is used up. Whoever asks for less than that is within the
 * share and served first; what nobody uses goes to the others. Priorities come before shares.
 *
 * It turns arrivals into tiers, and says where the line lies: rows of tiers before `marginalTier` can all be served, if
 * batches leave them the time.
 */
export class FairShares {
  /** By priority, then by app: callers may say a priority of their own. */
  readonly #flows = PRIORITIES.map(() => new Map<string, Flow>());
  readonly #good = new DecayedRate({ memoryMicros: DEMAND_MEMORY_MICROS });
  readonly #offered = new DecayedRate({ memoryMicros: LOSS_MEMORY_MICROS });
  readonly #lost = new DecayedRate({ memoryMicros: LOSS_MEMORY_MICROS });
  readonly #lapsed = new DecayedRate({ memoryMicros: LOSS_MEMORY_MICROS });
  /** Of all apps. */
  readonly slos = new SloSpan();
  readonly recent = new RecentArrivals();
  #foldedAtMicros: Micros = -1;
  #overloaded = false;
  #isShort = false;
  #marginalTier: number | undefined;
  #firmSloMicros: Micros = Infinity;

  /** More is offered than can be answered in time. */
  get overloaded(): boolean {
    return this.#overloaded;
  }
  /** Rows that had come in are let go for want of time: long before so many that somebody has to give way. */
  get isShort(): boolean {
    return this.#isShort;
  }
  /** Tiers before this one ask for no more than there is; undefined where nobody is told apart. */
  get marginalTier(): number | undefined {
    return this.#overloaded ? this.#marginalTier : undefined;
  }
  /** The least SLO of the streams in tiers before the marginal one; Infinity if there are none. */
  get firmSloMicros(): Micros {
    return this.#firmSloMicros;
  }
  /** Rows that arrive per microsecond, all apps together. */
  get arrivalRate(): number {
    return this.#offered.perMicro;
  }

  /** A task arrives: its tier. */
  arrived(task: Task, now: Micros): number {
    this.fold(now);
    this.recent.arrived(now);
    this.#offered.add(task.count);
    this.slos.arrived(task.query.sloMicros);
    const { priority = NORMAL_PRIORITY } = task;
    const flow = this.#flowOf(task, priority);
    flow.demand.add(task.count);
    flow.weight = task.weight ?? 1;
    if (task.query.sloMicros !== flow.sloMicros) flow.sloMicros += (task.query.sloMicros - flow.sloMicros) / 16;
    const first = priority * TIERS_PER_PRIORITY;
    if (!flow.floods) return first;
    flow.owed += flow.surplus * task.count;
    if (flow.owed < task.count) return first + 1;
    flow.owed -= task.count;
    return first + 2;
  }

  /** Rows were let go that had come in. */
  lapsed(rows: number): void {
    this.#lapsed.add(rows);
    this.lost(rows);
  }

  /** Rows were refused, or answered too late. */
  lost(rows: number): void {
    this.#lost.add(rows);
  }

  answered(rows: number): void {
    this.#good.add(rows);
  }

  fold(now: Micros): void {
    if (this.#foldedAtMicros === -1) this.#foldedAtMicros = now;
    const passedMicros = now - this.#foldedAtMicros;
    if (passedMicros < FOLD_MICROS) return;
    this.#foldedAtMicros = now;
    this.#good.fold(passedMicros);
    this.#offered.fold(passedMicros);
    this.#lost.fold(passedMicros);
    this.#lapsed.fold(passedMicros);
    for (const flows of this.#flows) {
      for (const [app, { demand }] of flows) {
        demand.fold(passedMicros);
        if (demand.perMicro < FORGET_PER_MICRO) flows.delete(app);
      }
    }
    const offered = this.#offered.perMicro;
    this.#overloaded = this.#lost.perMicro > (this.#overloaded ? OVERLOAD_ENDS : OVERLOAD_BEGINS) * offered;
    const lapsed = this.#lapsed.perMicro;
    this.#isShort = lapsed > (this.#isShort ? SHORT_ENDS : SHORT_BEGINS) * offered && (this.#isShort || lapsed * LOSS_MEMORY_MICROS > LEAST_LAPSED);
    this.#level();
  }

  #flowOf(task: Task, priority: number): Flow {
    const flows = this.#flows[priority];
    if (flows === undefined) throw new RangeError(`a priority of ${priority}; expected less than ${PRIORITIES.length}`);
    const known = flows.get(task.query.app) ?? (flows.size < MAX_FLOWS ? undefined : flows.values().next().value);
    if (known !== undefined) return known;
    const flow: Flow = {
      demand: new DecayedRate({ memoryMicros: DEMAND_MEMORY_MICROS }), weight: task.weight ?? 1, sloMicros: task.query.sloMicros, floods: false, surplus: 0, owed: 0,
    };
    flows.set(task.query.app, flow);
    return flow;
  }

  /** Finds who floods, and the first tier that cannot be served whole. */
  #level(): void {
    let left = this.#good.perMicro;
    let isFirst = true;
    this.#together();
    const all = this.#flows.reduce((sum, { size }) => sum + size, 0);
    for (const [priority, flows] of this.#flows.entries()) {
      if (flows.size === 0) continue;
      const equals = [...flows.values()].toSorted((a, b) => asked(a) - asked(b));
      judge(equals, this.#overloaded ? fairLevel(equals, left) : Infinity);
      const within = equals.filter((flow) => !flow.floods);
      const demand = within.reduce((sum, flow) => sum + flow.demand.perMicro, 0);
      const flooded = within.length < equals.length;
      if (!flooded && demand > (isFirst ? LENIENCE : SPARE) * left) {
        if (equals.length === all) this.#together();
        else this.#marginalTier = priority * TIERS_PER_PRIORITY;
        return;
      }
      for (const { sloMicros } of within) this.#firmSloMicros = Math.min(this.#firmSloMicros, sloMicros);
      this.#marginalTier = priority * TIERS_PER_PRIORITY + 1;
      if (flooded) return;
      left = Math.max(0, left - demand);
      isFirst = false;
    }
    this.#together();
  }

  /** Nobody is told apart. */
  #together(): void {
    this.#marginalTier = undefined;
    this.#firmSloMicros = Infinity;
  }
}

/** Says of each stream of one priority, the one that asks least first, whether it floods the others, and with how much of it. */
function judge(flows: readonly Flow[], level: number): void {
  const most = asked(flows.at(-1));
  const above = flows.find((flow) => asked(flow) > lenienceOf(flow) * level);
  const apart = above !== undefined && asked(flows[0]) * FLOOD < most;
  for (const flow of flows) {
    flow.floods = apart && asked(flow) > lenienceOf(flow) * level;
    flow.surplus = flow.floods ? Math.max(0, 1 - (LENIENCE * asked(above)) / asked(flow)) : 0;
  }
}

function lenienceOf({ demand }: Flow): number {
  return Math.min(LENIENCE, Math.max(LEAST_LENIENCE, 1 + SURE / Math.sqrt(demand.perMicro * DEMAND_MEMORY_MICROS)));
}

/** What it asks for, by its weight. */
function asked(flow: Flow | undefined): number {
  return flow === undefined ? 0 : flow.demand.perMicro / flow.weight;
}

/** The level of max-min fairness: `flows`, by what they ask for, the least first, fill `capacity`. Infinity if it suffices for all. */
function fairLevel(flows: readonly Flow[], capacity: number): number {
  let left = capacity;
  let weights = 0;
  for (const { weight } of flows) weights += weight;
  for (const flow of flows) {
    if (asked(flow) * weights > left) return left / weights;
    left -= flow.demand.perMicro;
    weights -= flow.weight;
  }
  return Infinity;
}
