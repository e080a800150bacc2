import { assertSorted, batchTimes } from './batch-times.ts';

/** One replica, one SLO, a law that is the same for every batch. */
export interface ClairvoyantQuestion {
  /** One a task (of one row), in order. Whole microseconds, so that no sum is rounded. */
  readonly arrivalsMicros: Float64Array;
  readonly sloMicros: number;
  /** The time of a batch by its rows; positive, and never falling. */
  readonly lawMicros: (rows: number) => number;
  /** Most rows of a batch. */
  readonly maxRows: number;
  /** From when on the replica is free; 0 unless given. */
  readonly freeAtMicros?: number;
}

/**
 * The most tasks that any schedule, knowing the future, finishes on time on one replica that does one batch at a time:
 * every rule, whatever it knows, does at most that. Exact, on no grid.
 *
 * Write a₀ ≤ a₁ ≤ … for the arrivals, S for the SLO, L(b) for the law. A batch of b tasks that starts at s is on time for
 * task i if aᵢ ≤ s and s + L(b) ≤ aᵢ + S. (A late answer counts nothing, and leaving a task out of a batch makes the batch
 * no longer: so no optimum holds a late one.)
 *
 * 1. *The served go in order of arrival.* Take any schedule, and hand its places, batch by batch, to the tasks that it
 *    serves, in order of arrival. When batch m starts, the original had at least R tasks here, R being the places up to and
 *    with batch m; so the first R of them are here. The first task of batch m now is no earlier than the earliest of those
 *    that the original served in batch m or later: with one SLO its deadline is no earlier either, and batch m ends no
 *    later than the batch that met it. Sizes and starts are as before, so as many are on time.
 * 2. *A batch takes consecutive tasks.* With the order fixed, let a batch of b have i as its first task. Tasks
 *    i … i + b − 1 have arrived no later than those that it holds, and have deadlines of i's or later: they will do, and
 *    what is left for later batches is a superset with the same or later deadlines.
 * 3. *It starts at once*: at the later of its last task's arrival and the time at which the replica is free. Earlier is
 *    never worse for it nor for what follows.
 *
 * So a schedule is a walk over i: leave task i out, or serve i … i + b − 1. Of two walks that are at i with the same number
 * served, the one whose replica is free earlier can do all that the other can. Kept for each i is therefore, for each
 * number served, the earliest time free; and of those only what no other beats in both. A replica that is free before aᵢ
 * gains nothing by it, so only walks free within (aᵢ, aᵢ + S) count beside the best idle one: no more than the tasks that
 * are served within one SLO. The cost is arrivals × that number × sizes: 10,000 arrivals take well under a second.
 */
export function clairvoyantOnTime(question: ClairvoyantQuestion): number {
  const { arrivalsMicros: arrivals, sloMicros } = question;
  assertSorted(arrivals);
  const times = batchTimes(question);
  if (times.length === 1) return 0;
  const frontier = new Frontier(arrivals, sloMicros, times.length - 1);
  frontier.reach(0, 0, question.freeAtMicros ?? 0);
  for (let i = 0; i < arrivals.length; i++) {
    frontier.enter(i);
    for (let p = 0; p < frontier.size; p++) frontier.reach(i + 1, frontier.served(p), frontier.freeAt(p));
    serveFrom(i, { arrivals, sloMicros, times, frontier });
    frontier.leave(i);
  }
  frontier.enter(arrivals.length);
  return frontier.served(frontier.size - 1);
}

/** Every batch whose first task is `i`, after every walk that may still serve it. */
function serveFrom(i: number, { arrivals, sloMicros, times, frontier }: { arrivals: Float64Array; sloMicros: number; times: Float64Array; frontier: Frontier }): void {
  const deadline = (arrivals[i] as number) + sloMicros;
  const most = Math.min(times.length - 1, arrivals.length - i);
  let first = 0;
  for (let rows = 1; rows <= most; rows++) {
    const micros = times[rows] as number;
    const last = arrivals[i + rows - 1] as number;
    const latestStart = deadline - micros;
    // More rows would have to start earlier yet, and could only start later.
    if (last > latestStart) return;
    // Of the walks that are free before the last task is here, only the one that served most is of use.
    while (first + 1 < frontier.size && frontier.freeAt(first + 1) <= last) first++;
    for (let p = first; p < frontier.size; p++) {
      const start = Math.max(frontier.freeAt(p), last);
      if (start > latestStart) break;
      frontier.reach(i + rows, frontier.served(p) + rows, start + micros);
    }
  }
}

/**
 * For each next task i: the earliest time free by the number served. A ring over i (a batch reaches no further than its
 * rows), each with a ring over the number served: those that one task must tell apart were served within one SLO.
 */
class Frontier {
  readonly #arrivals: Float64Array;
  readonly #slots: number;
  readonly #width: number;
  readonly #earliest: Float64Array;
  /** The walks at the task entered last that no other beats: more served, and free later, from each to the next. */
  readonly #served: Int32Array;
  readonly #freeAt: Float64Array;
  /** The number served by the best walk that is idle at the task entered last: no later task needs to know of fewer. */
  #least = 0;
  size = 0;

  constructor(arrivals: Float64Array, sloMicros: number, maxRows: number) {
    this.#arrivals = arrivals;
    this.#slots = maxRows + 1;
    this.#width = widest(arrivals, sloMicros, maxRows);
    this.#earliest = new Float64Array(this.#slots * this.#width).fill(Infinity);
    this.#served = new Int32Array(this.#width);
    this.#freeAt = new Float64Array(this.#width);
  }

  served(p: number): number {
    return this.#served[p] as number;
  }

  freeAt(p: number): number {
    return this.#freeAt[p] as number;
  }

  /** A walk has served `served` tasks, has `next` before it, and a replica that is free at `freeAt`. */
  reach(next: number, served: number, freeAt: number): void {
    const at = (next % this.#slots) * this.#width + (served % this.#width);
    if (freeAt < (this.#earliest[at] as number)) this.#earliest[at] = freeAt;
  }

  /** Reads out the walks at task `next`. */
  enter(next: number): void {
    const row = (next % this.#slots) * this.#width;
    const arrival = next < this.#arrivals.length ? (this.#arrivals[next] as number) : -Infinity;
    let earliest = Infinity;
    let from = this.#width;
    for (let served = this.#least + this.#width - 1; served >= this.#least && !(earliest <= arrival); served--) {
      const freeAt = this.#earliest[row + (served % this.#width)] as number;
      if (freeAt >= earliest) continue;
      earliest = freeAt;
      from--;
      this.#served[from] = served;
      this.#freeAt[from] = freeAt;
    }
    this.size = this.#width - from;
    this.#served.copyWithin(0, from);
    this.#freeAt.copyWithin(0, from);
    this.#least = this.#served[0] as number;
  }

  /** Makes room: nothing comes back to task `next`. */
  leave(next: number): void {
    const row = (next % this.#slots) * this.#width;
    this.#earliest.fill(Infinity, row, row + this.#width);
  }
}

/**
 * How many numbers served a task j may have to tell apart. The first walk to reach j does so from a task i ≥ j − maxRows,
 * with no fewer than the best idle walk at i; whatever any walk at j has served beyond that ended after aᵢ, so arrived
 * after aᵢ − S.
 */
function widest(arrivals: Float64Array, sloMicros: number, maxRows: number): number {
  let most = 0;
  let oldest = 0;
  for (let j = 0; j <= arrivals.length; j++) {
    const since = j <= maxRows ? -Infinity : (arrivals[j - maxRows] as number) - sloMicros;
    while (oldest < j && (arrivals[oldest] as number) <= since) oldest++;
    most = Math.max(most, j - oldest);
  }
  return most + 1;
}
