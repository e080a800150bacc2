import { batchTimes } from './batch-times.ts';

/** One replica, one SLO, Poisson arrivals of tasks of one row; what is asked of the best rule that knows no future. */
export interface OnlineQuestion {
  readonly lawMicros: (rows: number) => number;
  readonly sloMicros: number;
  readonly maxRows: number;
  readonly ratePerSecond: number;
  /** Time goes in steps of this. Halve it to see what it does to the result. */
  readonly stepMicros: number;
}

/** More states than this are not tried: the SLO leaves too much room, or the step is too fine. */
const MAX_STATES = 2_000_000;
/** Arrivals a step: the error of one at most is about half of it. */
const MAX_PER_STEP = 0.25;
/** Of what a cycle is worth, in tasks. */
const TOLERANCE = 1e-7;

/**
 * The goodput of the best online rule, as a fraction of what is offered: the average-reward optimum of a semi-Markov
 * decision process, solved by value iteration (Puterman, "Markov Decision Processes", 1994, sections 8.6 and 11.4).
 *
 * It is solved where the SLO is at most twice the time of one row, 2·L(1) ≥ S: whoever waits when a batch starts is then
 * too old when it ends (it has aged by L(1) or more, and could be no older than S − L(1)). So each batch ends in a state
 * that does not depend on the past — those who came within the last S − L(1), a Poisson process — and the run is a chain of
 * equal cycles: a batch of b that started after waiting for w brings b and takes w + L(b). The best rate of reward is the g
 * at which the best rule for "b − g·(w + L(b)) a cycle" makes nothing.
 *
 * The state while waiting: ages of those who wait. A batch of b can be had if the b-th youngest is no older than
 * S − L(b); so of the r-th youngest nothing need be known beyond that age, nor of anyone behind the largest batch.
 *
 *     age 0 ────────────────────────────────▶ S − L(1)
 *         x       x           x                 the youngest to S − L(1), the second to S − L(2), …
 *
 * Time goes in steps, with at most one arrival in each (of probability rate · step), first seen at its end with age 0: a step
 * late to act on, and up to a step too young. Both errors shrink with the step.
 */
export function bestOnlineFraction(question: OnlineQuestion): number {
  const { stepMicros, ratePerSecond, sloMicros } = question;
  const times = batchTimes(question);
  if (times.length === 1) return 0;
  const lone = times[1] as number;
  if (2 * lone < sloMicros) throw new RangeError(`some who wait may outlive a batch: the SLO of ${sloMicros} µs is over twice the ${lone} µs of one row`);
  const states = enumerate([...times].slice(1).map((micros) => Math.floor((sloMicros - micros) / stepMicros)));
  const arrives = (ratePerSecond * stepMicros) / 1e6;
  if (!(arrives <= MAX_PER_STEP)) throw new RangeError(`${arrives} arrivals a step; take a finer one`);
  const stepTimes = times.map((micros) => micros / stepMicros);
  const values = new Float64Array(states.size);
  // What a cycle is worth falls as time gets dearer; where it is nothing, that is the best rate.
  let low = 0;
  let high = (times.length - 1) / (stepTimes[1] as number);
  while (high - low > TOLERANCE * high) {
    const rate = (low + high) / 2;
    settle(states, values, { rate, arrives, stepTimes });
    if (afterBatch(states, values, { arrives }) > 0) low = rate;
    else high = rate;
  }
  return low / arrives;
}

/** Who waits, numbered; state 0: nobody. */
interface States {
  readonly size: number;
  /** How many wait in each: the most that a batch may hold now, for ages are kept only as far as they are of use. */
  readonly waiting: Uint8Array;
  /** The state one step on, where nobody comes and where somebody does. */
  readonly older: Int32Array;
  readonly joined: Int32Array;
  /** Steps after which nobody who waits is of use any more. */
  readonly longest: number;
}

/** All lists of ages (in steps, rising) of which the r-th is at most `limits[r]`. */
function enumerate(limits: readonly number[]): States {
  const index = new Map<string, number>([['', 0]]);
  const lists: (readonly number[])[] = [[]];
  const find = (ages: readonly number[]): number => {
    const useful = within(ages, limits);
    const key = useful.join();
    const known = index.get(key);
    if (known !== undefined) return known;
    if (lists.length === MAX_STATES) throw new RangeError(`more than ${MAX_STATES} states; take a coarser step`);
    index.set(key, lists.length);
    return lists.push(useful) - 1;
  };
  const older: number[] = [];
  const joined: number[] = [];
  for (let state = 0; state < lists.length; state++) {
    const aged = (lists[state] ?? []).map((age) => age + 1);
    older.push(find(aged));
    joined.push(find([0, ...aged]));
  }
  return {
    size: lists.length, waiting: Uint8Array.from(lists, (ages) => ages.length), older: Int32Array.from(older), joined: Int32Array.from(joined),
    longest: (limits[0] ?? 0) + 1,
  };
}

/** Leaves out who is too old for the batch that would reach back to him; the younger ones stay. */
function within(ages: readonly number[], limits: readonly number[]): readonly number[] {
  const useful: number[] = [];
  for (const age of ages) {
    const limit = limits[useful.length];
    if (limit === undefined || age > limit) break;
    useful.push(age);
  }
  return useful;
}

interface Prices {
  /** What a step costs, in tasks. */
  readonly rate: number;
  /** The probability that somebody comes in a step. */
  readonly arrives: number;
  readonly stepTimes: Float64Array;
}

/** Fills in the worth of each state until a batch has been sent and paid for, under the best of sending now and waiting a step. */
function settle(states: States, values: Float64Array, { rate, arrives, stepTimes }: Prices): void {
  const { size, waiting, older, joined } = states;
  const stop = new Float64Array(stepTimes.length).fill(-Infinity);
  for (let rows = 1; rows < stop.length; rows++) stop[rows] = Math.max(stop[rows - 1] as number, rows - rate * (stepTimes[rows] as number));
  for (let moved = Infinity; moved > TOLERANCE;) {
    moved = 0;
    for (let state = size - 1; state >= 0; state--) {
      const alone = arrives * (values[joined[state] as number] as number);
      // Alone, one waits for whoever comes: as many steps as that takes on average, all at once.
      const wait = state === 0 ? alone / arrives - rate / arrives : alone + (1 - arrives) * (values[older[state] as number] as number) - rate;
      const best = Math.max(stop[waiting[state] as number] as number, wait);
      moved = Math.max(moved, Math.abs(best - (values[state] as number)));
      values[state] = best;
    }
  }
}

/** What the state at the end of a batch is worth: of those who came during it, the last ones may still be of use. */
function afterBatch(states: States, values: Float64Array, { arrives }: Pick<Prices, 'arrives'>): number {
  let worth = values;
  for (let step = 0; step < states.longest; step++) {
    const before = new Float64Array(states.size);
    for (let state = 0; state < states.size; state++) {
      before[state] = arrives * (worth[states.joined[state] as number] as number) + (1 - arrives) * (worth[states.older[state] as number] as number);
    }
    worth = before;
  }
  return worth[0] as number;
}
