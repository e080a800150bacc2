import type { BatchRule } from '../../../frontend/dispatch/model-queue.ts';
import type { Gather } from '../../../frontend/dispatch/gather.ts';
import type { BatchReport, Next, Offer, Settled, Slice } from '../../../frontend/batching/task.ts';
import type { Micros } from '../../../frontend/domain/clock.ts';
import type { ReplicaView } from '../../../frontend/domain/replica.ts';

/** What waits, as a rival's rule sees it: one row a task, in its own order; 0 is the head. */
export interface Waiting {
  readonly size: number;
  deadlineAt(index: number): Micros;
  arrivedAt(index: number): Micros;
}

/** Let `drop` heads go, leave the next `skip` to others (none unless said), then send the next `take`; or wait, and be asked again at `until` or with the next arrival. */
export type Choice = { readonly drop: number; readonly skip?: number; readonly take: number } | { readonly drop: number; readonly until: Micros };

/** How another system releases batches: two verbs, decide and observe. */
export interface Rival {
  readonly order: 'deadline' | 'arrival';
  /** It takes callers' deadlines for nothing: what has waited too long is computed all the same. */
  readonly deaf?: boolean;
  /** What may wait; more is refused as `queue_full`. */
  readonly maxWaiting: number;
  /** Called with at least one task waiting. */
  choose(waiting: Waiting, now: Micros, replica: ReplicaView): Choice;
  /** A batch of `rows` is done. */
  observe(done: { readonly rows: number; readonly micros: Micros; readonly replica: string; readonly waitedMicros: Micros }, now: Micros): void;
}

/** How many at the head have expired. */
export function expired(waiting: Waiting, now: Micros): number {
  let count = 0;
  while (count < waiting.size && waiting.deadlineAt(count) <= now) count++;
  return count;
}

const ADMITTED: Offer = { kind: 'admitted' };
const NONE: readonly never[] = [];

/** A rival's rule in the place of our batcher: the same queue, replicas and deadlines drive it. One row a task. */
export class RivalBatcher implements BatchRule {
  readonly #rival: Rival;
  /** In order from `#head` on; what lies before it has left. */
  #tasks: Gather[] = [];
  #head = 0;
  #lastBatchId = 0;

  constructor(rival: Rival) {
    this.#rival = rival;
  }

  get queuedRows(): number {
    return this.#tasks.length - this.#head;
  }

  offer(task: Gather): Offer {
    if (task.count !== 1) throw new RangeError('a rival is played with one row a query');
    if (this.queuedRows >= this.#rival.maxWaiting) return { kind: 'refused', reason: 'queue_full' };
    const at = this.#rival.order === 'deadline' ? this.#firstAfter(task.deadlineAtMicros) : this.#tasks.length;
    if (at === this.#tasks.length) this.#tasks.push(task);
    else this.#tasks.splice(at, 0, task);
    return ADMITTED;
  }

  cancel(task: Gather): number {
    if (this.#rival.deaf === true) return 0;
    const at = this.#rival.order === 'deadline' ? this.#tasks.lastIndexOf(task, this.#firstAfter(task.deadlineAtMicros) - 1) : this.#tasks.indexOf(task, this.#head);
    if (at < this.#head) return 0;
    if (at === this.#head) this.#leave(1);
    else this.#tasks.splice(at, 1);
    return 1;
  }

  /** The wheel takes back what expires; a rival has no clock of its own for it. */
  expire(): readonly Settled<Gather>[] {
    return NONE;
  }
  nextExpiry(): Micros {
    return Infinity;
  }

  abandon(): readonly Settled<Gather>[] {
    return this.#leave(this.queuedRows).map((slice) => ({ slice, reason: 'no_replica' }));
  }

  next(now: Micros, replica: ReplicaView): Next<Gather> {
    if (this.queuedRows === 0) return { kind: 'idle', settled: NONE };
    const choice = this.#rival.choose(this.#waiting, now, replica);
    const settled = this.#leave(choice.drop).map((slice): Settled<Gather> => ({ slice, reason: 'infeasible' }));
    if ('until' in choice) {
      if (choice.until <= now) throw new RangeError(`a rival waits until ${choice.until} at ${now}`);
      return { kind: 'wait', until: choice.until, settled };
    }
    if (choice.take === 0) return { kind: 'idle', settled };
    const slices = this.#leave(choice.take, choice.skip);
    let deadlineAtMicros = Infinity, sloMicros = Infinity;
    for (const { task } of slices) {
      deadlineAtMicros = Math.min(deadlineAtMicros, task.deadlineAtMicros);
      sloMicros = Math.min(sloMicros, task.query.sloMicros);
    }
    const batch = { id: ++this.#lastBatchId, replica: replica.id, slices, rows: slices.length, sentAtMicros: now, deadlineAtMicros, sloMicros, hungAtMicros: Infinity, full: false };
    return { kind: 'flush', batch, settled };
  }

  observe({ batch, endedAtMicros }: BatchReport<Gather>, now: Micros): readonly Settled<Gather>[] {
    let waited = 0;
    for (const { task } of batch.slices) waited += batch.sentAtMicros - task.query.arrivedAtMicros;
    this.#rival.observe({ rows: batch.rows, micros: endedAtMicros - batch.sentAtMicros, replica: batch.replica, waitedMicros: waited / batch.rows }, now);
    return NONE;
  }

  readonly #waiting: Waiting = this.#asWaiting(() => this.queuedRows);

  #asWaiting(size: () => number): Waiting {
    return {
      get size() { return size(); },
      deadlineAt: (index) => this.#tasks[this.#head + index]?.deadlineAtMicros ?? Infinity,
      arrivedAt: (index) => this.#tasks[this.#head + index]?.query.arrivedAtMicros ?? Infinity,
    };
  }

  /** Where the first task stands whose deadline is after this. */
  #firstAfter(deadlineAtMicros: Micros): number {
    let low = this.#head, high = this.#tasks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#tasks[middle]?.deadlineAtMicros ?? 0) > deadlineAtMicros) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Takes out so many behind the first `skip`. */
  #leave(count: number, skip = 0): Slice<Gather>[] {
    const from = this.#head + skip;
    const slices = this.#tasks.slice(from, from + count).map((task): Slice<Gather> => ({ task, first: task.first, count: task.count }));
    if (slices.length < count) throw new RangeError('a rival takes more than there is');
    if (skip > 0) this.#tasks.copyWithin(this.#head + count, this.#head, from);
    this.#head += count;
    if (this.#head > 1024 && this.#head * 2 > this.#tasks.length) {
      this.#tasks = this.#tasks.slice(this.#head);
      this.#head = 0;
    }
    return slices;
  }
}
