import { assertSorted, batchTimes } from './batch-times.ts';
import { batchSpans, PricedSchedule, type TaskGroup } from './priced-schedule.ts';

/** Tasks of any SLOs, and replicas of any speeds. */
export interface BoundQuestion {
  /** One a task (of one row), in order. All times are best in whole microseconds, so that no sum is rounded. */
  readonly arrivalsMicros: Float64Array;
  /** Of each task. */
  readonly slosMicros: Float64Array;
  readonly replicas: readonly {
    /** Positive, and never falling. */
    readonly lawMicros: (rows: number) => number;
    /** How many are of this kind. */
    readonly count: number;
  }[];
  readonly maxRows: number;
  /** Cells of time; `boundGrid` of the laws unless given. A grid on which their times lie costs least: batches are rounded down to it. */
  readonly gridMicros?: number;
  /** How often prices are mended; 100 unless given. */
  readonly rounds?: number;
}

/** Prices are whole parts of a task: sums are exact. */
const PARTS = 512;
const ROUNDS = 100;
/**
 * Neighbours move their prices together: of one SLO those who came within such a part of it, first many, in the end each
 * alone. What is wrong in the large is soonest right so.
 */
const TOGETHER = [1 / 8, 1 / 32, 1 / 128, 0];
/** Of the last direction that is kept: successive schedules swing between equals. */
const MOMENTUM = 0.6;
/** The bound is hoped to fall by this share a step; halved where it does not. */
const HOPE = 0.2;
/** Steps without progress (of a share of PROGRESS) until the next halving. */
const PATIENCE = 5;
const PROGRESS = 5e-4;

/**
 * No schedule, knowing the future, finishes more tasks on time than this. One replica and one SLO have the exact answer
 * (`clairvoyantOnTime`); this bounds many replicas, of different speeds, and mixed SLOs, for which the exact one is out of
 * reach. It is Lagrange's relaxation of "each task is served once" (Fisher, "The Lagrangian relaxation method for solving
 * integer programming problems", Management Science 27, 1981).
 *
 * Give each task a price u in [0, 1]; let a replica that serves it earn 1 − u, as often as it does. Then
 *
 *     most on time  ≤  Σ u  +  Σ over replicas of the most that it can earn alone
 *
 * for: the best schedule serves a set O, each of it once; |O| = Σ_O u + Σ_O (1 − u). The first sum is at most Σ u over all
 * tasks, as no price is negative. The second is what the replicas earn in that schedule, and each earns there no more than
 * it can alone, where others do not take tasks from it and it may serve one twice. That holds for any prices, so nothing
 * needs to be proved of how they are found, only the bound gets better: they rise for who is served twice and fall for who
 * is not served (subgradient steps), and the least bound that was seen is given.
 *
 * What a replica can earn alone is a longest path in time (`PricedSchedule`), on a grid of cells. Put each batch of a real
 * schedule into the cell of its start: a batch that starts in cell k holds tasks that came by the end of that cell, and that
 * were on time, so would be on time had it started with the cell; the next one starts L(b) later or more, so at least
 * ⌊L(b)/cell⌋ cells later. Batches of as many cells are taken to be as large as the largest of them and as quick as the
 * quickest. Each of these only adds schedules.
 *
 * Above the optimum, where that is known (3,000 Poisson arrivals, the four laws of `bench/goodput` at 0.9 to 4 × capacity):
 * 0 to 0.9 %, and 2.5 % at worst, just below capacity.
 */
export function priceBound(question: BoundQuestion): number {
  const { arrivalsMicros, slosMicros, rounds = ROUNDS } = question;
  const tasks = arrivalsMicros.length;
  if (slosMicros.length !== tasks) throw new RangeError(`${slosMicros.length} SLOs for ${tasks} arrivals`);
  assertSorted(arrivalsMicros);
  const groups = groupsOf(arrivalsMicros, slosMicros);
  const replicas = schedulesOf(question, groups);
  if (tasks === 0 || replicas.length === 0) return 0;
  const priced = (prices: Float64Array): Priced => boundAt(prices, replicas);
  const start = [0, 0.25, 0.5, 0.75, 0.9].map((price) => new Float64Array(tasks).fill(price)).map((prices) => ({ prices, ...priced(prices) }));
  return descend(start.reduce((best, one) => (one.bound < best.bound ? one : best)), { priced, groups, rounds });
}

/**
 * A grid on which the times of all laws lie, if they are straight lines of whole microseconds, and between a fiftieth and a
 * tenth of the quickest batch; a twentieth of it where there is none such.
 */
export function boundGrid(laws: readonly ((rows: number) => number)[]): number {
  const quickest = Math.min(...laws.map((law) => law(1)));
  const common = laws.flatMap((law) => [law(1), law(2) - law(1)]).reduce(commonDivisor, 0);
  for (let parts = Math.ceil((10 * common) / quickest); common / parts >= quickest / 50 && parts >= 1; parts++) {
    if (Number.isInteger(common / parts)) return common / parts;
  }
  return Math.max(1, Math.floor(quickest / 20));
}

function commonDivisor(a: number, b: number): number {
  return b === 0 || !Number.isInteger(b) ? a : commonDivisor(b, a % b);
}

interface Priced {
  readonly bound: number;
  /** How often each task is served, over all replicas. */
  readonly served: Float64Array;
}

interface Kind {
  readonly schedule: PricedSchedule;
  readonly count: number;
}

function schedulesOf({ arrivalsMicros, replicas, maxRows, gridMicros = boundGrid(replicas.map(({ lawMicros }) => lawMicros)) }: BoundQuestion, groups: readonly TaskGroup[]): readonly Kind[] {
  const sloMicros = groups.reduce((most, group) => Math.max(most, group.sloMicros), 0);
  const lastMicros = (arrivalsMicros.at(-1) ?? 0) + sloMicros;
  return replicas.flatMap(({ lawMicros, count }) => {
    const times = batchTimes({ lawMicros, sloMicros, maxRows });
    if (times.length === 1) return [];
    return [{ count, schedule: new PricedSchedule({ groups, spans: batchSpans(times, gridMicros), gridMicros, lastMicros, highestWorth: PARTS }) }];
  });
}

function groupsOf(arrivals: Float64Array, slos: Float64Array): readonly TaskGroup[] {
  return [...new Set(slos)].map((sloMicros) => {
    const tasks = Int32Array.from(slos.keys()).filter((task) => slos[task] === sloMicros);
    return { sloMicros, tasks, arrivalsMicros: Float64Array.from(tasks, (task) => arrivals[task] as number) };
  });
}

function boundAt(prices: Float64Array, replicas: readonly Kind[]): Priced {
  const worths = Int32Array.from(prices, (price) => Math.round((1 - price) * PARTS));
  let parts = 0;
  for (const worth of worths) parts += PARTS - worth;
  const served = new Float64Array(prices.length);
  for (const { schedule, count } of replicas) {
    parts += count * schedule.solve(worths);
    schedule.count(worths, count, served);
  }
  return { bound: parts / PARTS, served };
}

interface Descent {
  readonly priced: (prices: Float64Array) => Priced;
  readonly groups: readonly TaskGroup[];
  readonly rounds: number;
}

/** Steps against the subgradient 1 − served, of a length that falls where they bring nothing. */
function descend(from: Priced & { readonly prices: Float64Array }, { priced, groups, rounds }: Descent): number {
  const tasks = from.prices.length;
  let best = from;
  let at = from;
  let hope = HOPE;
  let since = 0;
  let direction = new Float64Array(tasks);
  for (let round = 0; round < rounds; round++) {
    const slope = smoothed(at.served, groups, TOGETHER[Math.floor((round * TOGETHER.length) / rounds)] ?? 0);
    direction = direction.map((last, i) => MOMENTUM * last + (slope[i] as number));
    const length = (hope * best.bound) / Math.max(1, direction.reduce((sum, part) => sum + part * part, 0));
    const prices = at.prices.map((price, i) => Math.min(1, Math.max(0, price - length * (direction[i] as number))));
    at = { prices, ...priced(prices) };
    since = at.bound < best.bound * (1 - PROGRESS) ? 0 : since + 1;
    if (at.bound < best.bound) best = at;
    if (since <= PATIENCE) continue;
    hope /= 2;
    since = 0;
    at = best;
    direction.fill(0);
  }
  // At prices of 1 nobody earns: all tasks are a bound too. And what is counted is whole.
  return Math.min(tasks, Math.floor(best.bound));
}

/** 1 − served, of each task the mean over its neighbours. */
function smoothed(served: Float64Array, groups: readonly TaskGroup[], together: number): Float64Array {
  const slope = new Float64Array(served.length);
  for (const { tasks, arrivalsMicros, sloMicros } of groups) {
    const spanMicros = (arrivalsMicros.at(-1) ?? 0) - (arrivalsMicros[0] ?? 0);
    const neighbours = spanMicros > 0 ? Math.max(1, Math.floor((tasks.length * sloMicros * together) / spanMicros)) : 1;
    for (let from = 0; from < tasks.length; from += neighbours) {
      const among = tasks.subarray(from, from + neighbours);
      const mean = among.reduce((sum, task) => sum + 1 - (served[task] as number), 0) / among.length;
      for (const task of among) slope[task] = mean;
    }
  }
  return slope;
}
