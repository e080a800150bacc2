import type { Micros } from '../domain/clock.ts';
import { DeadlineHeap } from './deadline-heap.ts';
import type { HeapItem } from './deadline-heap.ts';
import type { Slice, Task } from './task.ts';

/**
 * The rows of a task that still wait, and at the same time the slice that they leave as: a task that is not split costs
 * one object. `first` and `count` change only while it waits.
 */
class Waiting<T extends Task> implements Slice<T>, HeapItem {
  readonly task: T;
  readonly order: number;
  readonly deadlineAtMicros: Micros;
  first: number;
  count: number;
  heapIndex = -1;

  constructor(task: T, order: number) {
    this.task = task;
    this.order = order;
    this.deadlineAtMicros = task.deadlineAtMicros;
    this.first = task.first;
    this.count = task.count;
  }
}

/** Tasks that may share a batch, the earliest deadline first; in the heap of lanes it stands for its head. */
class Lane<T extends Task> implements HeapItem {
  readonly tasks = new DeadlineHeap<Waiting<T>>();
  batchKey: string;
  rows = 0;
  deadlineAtMicros: Micros = Infinity;
  order = 0;
  heapIndex = -1;

  constructor(batchKey: string) {
    this.batchKey = batchKey;
  }
}

/**
 * The tasks that wait for one model version, earliest deadline first, in one lane per `batchKey`; the lane with the
 * earliest head goes first. What is in one lane may share a batch.
 *
 *     heap of lanes ── lane "float32[64]" ── heap of tasks: 10.1 ms · 10.4 ms · 12.0 ms …
 *                   └─ lane "float32[28]" ── heap of tasks: 11.3 ms …
 *
 * A lane ends with its last task. Pushing, cancelling and taking cost O(log n) a task.
 */
export class DeadlineQueue<T extends Task> {
  readonly #maxLanes: number;
  readonly #lanes = new Map<string, Lane<T>>();
  readonly #byHead = new DeadlineHeap<Lane<T>>();
  /** The lane that ended last, used anew: at light load every query would else open and end one. */
  #spare: Lane<T> | undefined;
  #order = 0;
  #rows = 0;
  #tasks = 0;

  constructor(options: { maxLanes: number }) {
    this.#maxLanes = options.maxLanes;
  }

  get rows(): number {
    return this.#rows;
  }
  get tasks(): number {
    return this.#tasks;
  }
  get lanes(): number {
    return this.#lanes.size;
  }

  /** Infinity if nothing waits. */
  get headDeadlineAtMicros(): Micros {
    return this.#byHead.peek()?.deadlineAtMicros ?? Infinity;
  }
  /** Rows that could share a batch with the head. */
  get headLaneRows(): number {
    return this.#byHead.peek()?.rows ?? 0;
  }

  /** Whether one more task of this key has a lane to go to. */
  hasLaneFor(batchKey: string): boolean {
    return this.#lanes.size < this.#maxLanes || this.#lanes.has(batchKey);
  }

  push(task: T): void {
    if (task.queued !== undefined) throw new RangeError('the task is queued already');
    const waiting = new Waiting(task, this.#order++);
    task.queued = waiting;
    this.#tasks++;
    const lane = this.#lanes.get(task.query.batchKey) ?? this.#open(task.query.batchKey);
    lane.tasks.push(waiting);
    lane.rows += waiting.count;
    this.#rows += waiting.count;
    this.#settleLane(lane);
  }

  /** Takes a task out; says how many of its rows waited. */
  cancel(task: T): number {
    const waiting = task.queued as Waiting<T> | undefined;
    const lane = this.#lanes.get(task.query.batchKey);
    if (waiting === undefined || lane === undefined) return 0;
    this.#leave(lane, waiting);
    this.#settleLane(lane);
    return waiting.count;
  }

  /** Takes out what waits of the task with the earliest deadline. */
  takeHead(): Slice<T> | undefined {
    const lane = this.#byHead.peek();
    const head = lane?.tasks.peek();
    if (lane === undefined || head === undefined) return undefined;
    this.#leave(lane, head);
    this.#settleLane(lane);
    return head;
  }

  /** Takes up to `rows` rows of the head's lane in order of deadline; the last task may be split, its front rows go first. */
  takeBatch(rows: number): Slice<T>[] {
    const slices: Slice<T>[] = [];
    const lane = this.#byHead.peek();
    if (lane === undefined) return slices;
    let left = rows;
    while (left > 0) {
      const head = lane.tasks.peek();
      if (head === undefined) break;
      if (head.count > left) {
        slices.push({ task: head.task, first: head.first, count: left });
        head.first += left;
        head.count -= left;
        lane.rows -= left;
        this.#rows -= left;
        break;
      }
      left -= head.count;
      this.#leave(lane, head);
      slices.push(head);
    }
    this.#settleLane(lane);
    return slices;
  }

  #leave(lane: Lane<T>, waiting: Waiting<T>): void {
    lane.tasks.remove(waiting);
    lane.rows -= waiting.count;
    this.#rows -= waiting.count;
    this.#tasks--;
    waiting.task.queued = undefined;
  }

  #open(batchKey: string): Lane<T> {
    const lane = this.#spare ?? new Lane<T>(batchKey);
    this.#spare = undefined;
    lane.batchKey = batchKey;
    this.#lanes.set(batchKey, lane);
    return lane;
  }

  /** Puts the lane where its head belongs, or ends it. */
  #settleLane(lane: Lane<T>): void {
    const head = lane.tasks.peek();
    if (head === undefined) {
      this.#byHead.remove(lane);
      this.#lanes.delete(lane.batchKey);
      this.#spare = lane;
      return;
    }
    if (lane.heapIndex !== -1 && lane.order === head.order) return;
    lane.deadlineAtMicros = head.deadlineAtMicros;
    lane.order = head.order;
    if (lane.heapIndex === -1) this.#byHead.push(lane);
    else this.#byHead.update(lane);
  }
}
