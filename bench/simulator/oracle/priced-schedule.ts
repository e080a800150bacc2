import { Dearest } from './dearest.ts';

/** Tasks that have one SLO: in order of arrival, and so of deadline too. */
export interface TaskGroup {
  readonly sloMicros: number;
  readonly arrivalsMicros: Float64Array;
  /** The number of each among all tasks. */
  readonly tasks: Int32Array;
}

/** The batches of a replica that take the same number of cells of time: as large as the largest, as quick as the quickest. */
export interface BatchSpan {
  readonly cells: number;
  readonly rows: number;
  readonly micros: number;
}

/** Spans of a law, shorter ones first. Throws RangeError where the grid is coarser than a batch. */
export function batchSpans(times: Float64Array, gridMicros: number): readonly BatchSpan[] {
  const spans: BatchSpan[] = [];
  for (let rows = 1; rows < times.length; rows++) {
    const micros = times[rows] as number;
    const cells = Math.floor(micros / gridMicros);
    if (cells === 0) throw new RangeError(`a grid of ${gridMicros} µs is too coarse for a batch of ${micros} µs`);
    const last = spans.at(-1);
    if (last?.cells === cells) spans[spans.length - 1] = { ...last, rows };
    else spans.push({ cells, rows, micros });
  }
  return spans;
}

/**
 * The schedule of one replica that is worth most, where each task brings its worth as often as it is served: dynamic
 * programming over the cell of time in which the replica is free. A batch that starts in cell k may hold whoever has come by
 * the end of that cell, and is on time where it would be if it had started with the cell; it ends as many cells on as its
 * time holds whole ones.
 */
export class PricedSchedule {
  readonly #groups: readonly TaskGroup[];
  readonly #spans: readonly BatchSpan[];
  readonly #gridMicros: number;
  readonly #held: Dearest;
  /** By cell: what is worth most from there on, and the span that starts there, or -1. */
  readonly #best: Float64Array;
  readonly #choice: Int32Array;
  /** Of each group: the youngest who has come and was not offered yet. */
  readonly #at: Int32Array;

  constructor(how: { groups: readonly TaskGroup[]; spans: readonly BatchSpan[]; gridMicros: number; lastMicros: number; highestWorth: number }) {
    this.#groups = how.groups;
    this.#spans = how.spans;
    this.#gridMicros = how.gridMicros;
    this.#held = new Dearest(how.highestWorth);
    const cells = Math.floor(how.lastMicros / how.gridMicros) + 1;
    this.#best = new Float64Array(cells + 1);
    this.#choice = new Int32Array(cells);
    this.#at = new Int32Array(how.groups.length);
  }

  /** What the schedule is worth. `worths`: of each task, a whole number. */
  solve(worths: Int32Array): number {
    const end = this.#choice.length;
    for (let cell = end - 1; cell >= 0; cell--) {
      let best = this.#best[cell + 1] as number;
      let choice = -1;
      this.#sweep(cell, worths, (span) => {
        const { cells } = this.#spans[span] as BatchSpan;
        const worth = this.#held.worth + (this.#best[Math.min(cell + cells, end)] as number);
        if (worth > best) {
          best = worth;
          choice = span;
        }
        return false;
      });
      this.#best[cell] = best;
      this.#choice[cell] = choice;
    }
    return this.#best[0] as number;
  }

  /** Adds `times` for each time that the schedule solved last serves a task; of equals, those of the earliest deadline. */
  count(worths: Int32Array, times: number, served: Float64Array): void {
    for (let cell = 0; cell < this.#choice.length;) {
      const chosen = this.#choice[cell] as number;
      if (chosen < 0) {
        cell++;
        continue;
      }
      this.#sweep(cell, worths, (span) => span === chosen);
      for (const task of this.#offered(cell)) if (this.#held.take(worths[task] as number)) served[task] = (served[task] as number) + times;
      cell += (this.#spans[chosen] as BatchSpan).cells;
    }
  }

  /** For each span from the longest that is of use to the shortest: holds the dearest who can be on time, then asks `stop`. */
  #sweep(cell: number, worths: Int32Array, stop: (span: number) => boolean): void {
    const start = cell * this.#gridMicros;
    const candidates = this.#enter(start);
    const spans = this.#spans;
    let span = spans.length - 1;
    // Where a shorter batch has room for all, a longer one is of no use.
    while (span > 0 && (spans[span - 1] as BatchSpan).rows >= candidates) span--;
    this.#held.clear();
    for (; span >= 0 && candidates > 0; span--) {
      const { rows, micros } = spans[span] as BatchSpan;
      this.#held.shrink(rows);
      for (let g = 0; g < this.#groups.length; g++) this.#offer(g, { oldest: start + micros, rows, worths });
      if (stop(span)) return;
    }
  }

  /** Puts each group's place at the youngest who has come by the end of the cell; says how many could be on time alone. */
  #enter(start: number): number {
    const quickest = this.#spans[0]?.micros ?? Infinity;
    let candidates = 0;
    for (let g = 0; g < this.#groups.length; g++) {
      const { arrivalsMicros, sloMicros } = this.#groups[g] as TaskGroup;
      const come = firstAtLeast(arrivalsMicros, start + this.#gridMicros);
      this.#at[g] = come - 1;
      candidates += Math.max(0, come - firstAtLeast(arrivalsMicros, start + quickest - sloMicros));
    }
    return candidates;
  }

  /** Offers those of a group who are on time in a batch that ends at `oldest`, and were not offered to a longer one. */
  #offer(g: number, { oldest, rows, worths }: { oldest: number; rows: number; worths: Int32Array }): void {
    const { arrivalsMicros, sloMicros, tasks } = this.#groups[g] as TaskGroup;
    let at = this.#at[g] as number;
    for (; at >= 0 && (arrivalsMicros[at] as number) + sloMicros >= oldest; at--) this.#held.offer(worths[tasks[at] as number] as number, rows);
    this.#at[g] = at;
  }

  /** All who were offered in the sweep of this cell, earliest deadline first. */
  #offered(cell: number): readonly number[] {
    const before = (cell + 1) * this.#gridMicros;
    const offered: { readonly task: number; readonly deadline: number }[] = [];
    this.#groups.forEach(({ arrivalsMicros, sloMicros, tasks }, g) => {
      for (let at = (this.#at[g] as number) + 1; at < tasks.length && (arrivalsMicros[at] as number) < before; at++) {
        offered.push({ task: tasks[at] as number, deadline: (arrivalsMicros[at] as number) + sloMicros });
      }
    });
    return offered.toSorted((a, b) => a.deadline - b.deadline).map(({ task }) => task);
  }
}

/** The first place in a rising list whose value is `value` or more. */
function firstAtLeast(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
