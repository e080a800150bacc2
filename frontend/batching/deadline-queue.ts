import type { Micros } from '../domain/clock.ts';
import type { WaitingRows } from './controller.ts';
import { DeadlineHeap } from './deadline-heap.ts';
import type { DeadlineRun } from './deadline-run.ts';
import { Lane, type LaneParts, type Pick } from './lane.ts';
import { LaneView } from './lane-view.ts';
import type { Slice, Task } from './task.ts';
import { WaitingTally } from './waiting-tally.ts';
import { WaitingTask } from './waiting-task.ts';

const ALL_TIERS = 255;

/**
 * The tasks that wait for one model version, earliest deadline first, in one lane per `batchKey`; the lane with the
 * earliest head goes first. What is in one lane may share a batch. Each task has a tier: a small number, 0 is served first
 * where not all can be.
 *
 *     heap of lanes ── lane "float32[64]" ── run, tier 0: 10.1 ms · 10.4 ms · 12.0 ms …     one run for whatever comes in
 *                   │                     └─ run, tier 0: 51.0 ms · 51.2 ms …               order, such as an SLO each
 *                   └─ lane "float32[28]" ── run, tier 4: 11.3 ms …
 *
 * A lane ends with its last task. Pushing is O(1) where deadlines of equal SLOs come in order; counting rows by deadline is
 * a binary search in each run.
 */
export class DeadlineQueue<T extends Task> {
  readonly #maxLanes: number;
  readonly #tally = new WaitingTally();
  readonly #lanes = new Map<string, Lane<T>>();
  readonly #byHead = new DeadlineHeap<Lane<T>>();
  /** Lanes that a replica has nothing to take from, until `restore`. */
  readonly #passed: Lane<T>[] = [];
  readonly #parts: LaneParts<T> = { tally: this.#tally, spareRuns: [] as DeadlineRun<WaitingTask<T>>[] };
  /** The lane that ended last, used anew: at light load every query would else open and end one. */
  #spare: Lane<T> | undefined;
  #order = 0;

  constructor(options: { maxLanes: number }) {
    this.#maxLanes = options.maxLanes;
  }

  get rows(): number {
    return this.#tally.rows;
  }
  get tasks(): number {
    return this.#tally.tasks;
  }
  get lanes(): number {
    return this.#lanes.size;
  }

  /** Infinity if nothing waits. */
  get headDeadlineAtMicros(): Micros {
    return this.#byHead.peek()?.deadlineAtMicros ?? Infinity;
  }
  /** When the query with the earliest deadline came; Infinity if nothing waits. */
  get headArrivedAtMicros(): Micros {
    return this.#byHead.peek()?.head?.task.query.arrivedAtMicros ?? Infinity;
  }

  /** Rows of all lanes whose tier is `tier` or before it. */
  rowsUpTo(tier: number): number {
    return this.#tally.rowsUpTo(tier);
  }

  /** Whether one more task of this key has a lane to go to. */
  hasLaneFor(batchKey: string): boolean {
    return this.#lanes.size < this.#maxLanes || this.#lanes.has(batchKey);
  }

  /** The rows of the head's lane with a tier up to `lastTier`; good until the next change. */
  waiting(lastTier: number = ALL_TIERS): WaitingRows {
    return new LaneView(this.#byHead.peek()?.runs ?? [], lastTier);
  }

  push(task: T, tier = 0): void {
    if (task.queued !== undefined) throw new RangeError('the task is queued already');
    const waiting = new WaitingTask(task, this.#order++, tier);
    task.queued = waiting;
    const lane = this.#lanes.get(task.query.batchKey) ?? this.#open(task.query.batchKey);
    lane.insert(waiting);
    if (lane.heapIndex === -1 || waiting.deadlineAtMicros < lane.deadlineAtMicros) this.#place(lane, waiting);
  }

  /** Takes a task out; says how many of its rows waited. */
  cancel(task: T): number {
    const waiting = task.queued as WaitingTask<T> | undefined;
    const lane = this.#lanes.get(task.query.batchKey);
    if (waiting === undefined || lane === undefined || !lane.remove(waiting)) return 0;
    this.#settle(lane);
    return waiting.count;
  }

  /** Takes out what waits of the task with the earliest deadline. */
  takeHead(): Slice<T> | undefined {
    const lane = this.#byHead.peek();
    const head = lane?.takeHead();
    if (lane !== undefined) this.#settle(lane);
    return head;
  }

  /** Takes everything out of the head's lane whose deadline is before `at`; false if the head is another lane's after it. */
  dropHeadsBefore(at: Micros, give: (slice: Slice<T>) => void): boolean {
    const lane = this.#byHead.peek();
    if (lane === undefined) return false;
    lane.dropBefore(at, give);
    this.#settle(lane);
    return this.#byHead.peek() === lane;
  }

  /** Takes out what has the latest deadline in the last tier that is after `tier`: whoever gives way first. */
  takeLast(tier: number): Slice<T> | undefined {
    let last: DeadlineRun<WaitingTask<T>> | undefined;
    let from: Lane<T> | undefined;
    for (const lane of this.#lanes.values()) {
      for (const run of lane.runs) {
        if (run.tier <= tier || (last !== undefined && (run.tier < last.tier || (run.tier === last.tier && run.lastDeadlineAtMicros <= last.lastDeadlineAtMicros)))) continue;
        last = run;
        from = lane;
      }
    }
    const item = last?.at(last.tail - 1);
    if (from === undefined || item === undefined || !from.remove(item)) return undefined;
    this.#settle(from);
    return item;
  }

  /** Takes what is picked of the head's lane. */
  takeBatch(pick: Pick): Slice<T>[] {
    const lane = this.#byHead.peek();
    if (lane === undefined) return [];
    const slices = lane.take(pick);
    this.#settle(lane);
    return slices;
  }

  /** Passes over the head's lane: the next one is the head's until `restore`. */
  pass(): void {
    const lane = this.#byHead.pop();
    if (lane !== undefined) this.#passed.push(lane);
  }

  /** Nobody is passed over any more. */
  restore(): void {
    for (let lane = this.#passed.pop(); lane !== undefined; lane = this.#passed.pop()) this.#byHead.push(lane);
  }

  #open(batchKey: string): Lane<T> {
    const lane = this.#spare ?? new Lane<T>(batchKey, this.#parts);
    this.#spare = undefined;
    lane.batchKey = batchKey;
    this.#lanes.set(batchKey, lane);
    return lane;
  }

  #place(lane: Lane<T>, { deadlineAtMicros, order }: WaitingTask<T>): void {
    lane.deadlineAtMicros = deadlineAtMicros;
    lane.order = order;
    if (lane.heapIndex === -1) this.#byHead.push(lane);
    else this.#byHead.update(lane);
  }

  /** Puts the lane where its head belongs, or ends it. */
  #settle(lane: Lane<T>): void {
    lane.settle();
    const { head } = lane;
    if (head === undefined) {
      this.#byHead.remove(lane);
      this.#lanes.delete(lane.batchKey);
      this.#spare = lane;
      return;
    }
    if (lane.order !== head.order) this.#place(lane, head);
  }
}
