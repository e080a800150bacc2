import type { Micros } from '../domain/clock.ts';
import type { HeapItem } from './deadline-heap.ts';
import { DeadlineRun } from './deadline-run.ts';
import type { Slice, Task } from './task.ts';
import type { WaitingTally } from './waiting-tally.ts';
import type { WaitingTask } from './waiting-task.ts';

/** Runs of one tier; what fits behind none of them is inserted into one. */
const MAX_RUNS = 8;
const ANY_TIER = -1;

/** Which rows of a lane a batch is made of. */
export interface Pick {
  readonly rows: number;
  /** Rows with earlier deadlines stay. */
  readonly from: Micros;
  /** The rows of a lower tier before any of a higher, instead of by deadline alone. */
  readonly byTier: boolean;
}

/** What lanes share: the books, and runs that are used anew. */
export interface LaneParts<T extends Task> {
  readonly tally: WaitingTally;
  readonly spareRuns: DeadlineRun<WaitingTask<T>>[];
}

/**
 * The tasks that may share a batch: runs in order of deadline, each of one tier. Whoever changes it calls `settle` in the
 * end: until then a run may be empty.
 */
export class Lane<T extends Task> implements HeapItem {
  batchKey: string;
  /** Of its head, as of the last `place`: what the heap of lanes goes by. */
  deadlineAtMicros: Micros = Infinity;
  order = 0;
  heapIndex = -1;
  readonly #parts: LaneParts<T>;
  readonly #runs: DeadlineRun<WaitingTask<T>>[] = [];
  readonly #cursors: number[] = [];
  readonly #starts: number[] = [];

  constructor(batchKey: string, parts: LaneParts<T>) {
    this.batchKey = batchKey;
    this.#parts = parts;
  }

  get runs(): readonly DeadlineRun<WaitingTask<T>>[] {
    return this.#runs;
  }

  /** Who has the earliest deadline; of equals, who came first. */
  get head(): WaitingTask<T> | undefined {
    const run = this.#headRun();
    return run?.at(run.head);
  }

  insert(waiting: WaitingTask<T>): void {
    this.#runFor(waiting).insert(waiting);
    this.#parts.tally.joined(waiting);
  }

  /** False if it is not here. */
  remove(waiting: WaitingTask<T>): boolean {
    for (const run of this.#runs) {
      if (run.tier !== waiting.tier || !run.remove(waiting)) continue;
      this.#left(waiting);
      return true;
    }
    return false;
  }

  takeHead(): WaitingTask<T> | undefined {
    const run = this.#headRun();
    const head = run?.at(run.head);
    if (run === undefined || head === undefined) return undefined;
    run.removeSpan(run.head, run.head + 1);
    this.#left(head);
    return head;
  }

  /** Takes everything out whose deadline is before `at`. */
  dropBefore(at: Micros, give: (slice: Slice<T>) => void): void {
    for (const run of this.#runs) {
      const end = run.firstFrom(at);
      for (let position = run.head; position < end; position++) {
        const item = run.at(position);
        if (item === undefined) continue;
        this.#left(item);
        give(item);
      }
      run.removeSpan(run.head, end);
    }
  }

  /** Takes up to `rows` rows; the last task may be split, its front rows go first. */
  take({ rows, from, byTier }: Pick): Slice<T>[] {
    const slices: Slice<T>[] = [];
    for (const [i, run] of this.#runs.entries()) this.#starts[i] = this.#cursors[i] = run.firstFrom(from);
    if (byTier) {
      let left = rows;
      for (let tier = this.#tierAfter(ANY_TIER); left > 0 && tier !== ANY_TIER; tier = this.#tierAfter(tier)) left = this.#merge(tier, left, slices);
    } else this.#merge(ANY_TIER, rows, slices);
    for (const [i, run] of this.#runs.entries()) run.removeSpan(this.#starts[i] ?? run.head, this.#cursors[i] ?? run.head);
    return slices;
  }

  /** Puts empty runs away. */
  settle(): void {
    const { spareRuns } = this.#parts;
    for (let i = this.#runs.length - 1; i >= 0; i--) {
      const run = this.#runs[i];
      if (run === undefined || run.size > 0) continue;
      this.#runs[i] = this.#runs.at(-1) ?? run;
      this.#runs.pop();
      if (spareRuns.length < MAX_RUNS) spareRuns.push(run);
    }
  }

  /** The run that begins with the head. */
  #headRun(): DeadlineRun<WaitingTask<T>> | undefined {
    let first: DeadlineRun<WaitingTask<T>> | undefined;
    let earliest = Infinity;
    for (const run of this.#runs) {
      const deadline = run.firstDeadlineAtMicros;
      if (first !== undefined && (deadline > earliest || (deadline === earliest && (run.at(run.head)?.order ?? 0) > (first.at(first.head)?.order ?? 0)))) continue;
      first = run;
      earliest = deadline;
    }
    return first;
  }

  /** The first tier after `tier` that has a run; ANY_TIER if there is none. */
  #tierAfter(tier: number): number {
    let first = ANY_TIER;
    for (const run of this.#runs) if (run.tier > tier && (first === ANY_TIER || run.tier < first)) first = run.tier;
    return first;
  }

  /** Takes from the cursors of this tier's runs on, the earliest deadline first; says how many rows are still wanted. */
  #merge(tier: number, rows: number, slices: Slice<T>[]): number {
    let left = rows;
    while (left > 0) {
      let best = -1, second = Infinity, earliest = Infinity;
      for (let i = 0; i < this.#runs.length; i++) {
        const run = this.#runs[i];
        if (run === undefined || (tier !== ANY_TIER && run.tier !== tier)) continue;
        const deadline = run.deadlineAt(this.#cursors[i] ?? 0);
        if (deadline === Infinity) continue;
        if (best === -1 || deadline < earliest || (deadline === earliest && this.#cameBefore(i, best))) {
          second = earliest;
          earliest = deadline;
          best = i;
        } else if (deadline < second) second = deadline;
      }
      if (best === -1) return left;
      left = this.#takeRun(best, { before: second, rows: left }, slices);
    }
    return 0;
  }

  /** Takes the item at the run's cursor, and those behind it whose deadline is before that of any other run. */
  #takeRun(index: number, { before, rows }: { before: Micros; rows: number }, slices: Slice<T>[]): number {
    const run = this.#runs[index];
    let left = rows;
    let cursor = this.#cursors[index] ?? 0;
    do {
      const item = run?.at(cursor);
      if (run === undefined || item === undefined) break;
      if (item.count > left) {
        slices.push({ task: item.task, first: item.first, count: left });
        item.first += left;
        item.count -= left;
        this.#parts.tally.count(item.tier, -left);
        run.shrunk(cursor);
        left = 0;
        break;
      }
      left -= item.count;
      this.#left(item);
      slices.push(item);
      cursor++;
    } while (left > 0 && run.deadlineAt(cursor) < before);
    this.#cursors[index] = cursor;
    return left;
  }

  #cameBefore(a: number, b: number): boolean {
    const one = this.#runs[a]?.at(this.#cursors[a] ?? 0);
    const other = this.#runs[b]?.at(this.#cursors[b] ?? 0);
    return one !== undefined && other !== undefined && one.order < other.order;
  }

  /** The run that the task can be appended to; where there is none, a new one, or the one with the least behind it. */
  #runFor({ tier, deadlineAtMicros }: WaitingTask<T>): DeadlineRun<WaitingTask<T>> {
    let fitting: DeadlineRun<WaitingTask<T>> | undefined;
    let nearest: DeadlineRun<WaitingTask<T>> | undefined;
    let count = 0, latest = -Infinity, least = Infinity;
    for (const run of this.#runs) {
      if (run.tier !== tier) continue;
      count++;
      const last = run.lastDeadlineAtMicros;
      if (last <= deadlineAtMicros) {
        if (last > latest) {
          fitting = run;
          latest = last;
        }
      } else if (last < least) {
        nearest = run;
        least = last;
      }
    }
    if (fitting !== undefined) return fitting;
    if (nearest !== undefined && count >= MAX_RUNS) return nearest;
    const run = this.#parts.spareRuns.pop() ?? new DeadlineRun<WaitingTask<T>>();
    run.tier = tier;
    this.#runs.push(run);
    return run;
  }

  #left(waiting: WaitingTask<T>): void {
    this.#parts.tally.left(waiting);
    waiting.task.queued = undefined;
  }
}
