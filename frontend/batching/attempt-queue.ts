import type { Micros } from '../domain/clock.ts';
import type { ReplicaId } from '../domain/replica.ts';
import type { Attempt } from './attempt.ts';
import { DeadlineHeap, isBefore } from './deadline-heap.ts';
import type { ContentHash } from './recent-hashes.ts';
import type { Slice, Task } from './task.ts';

/** The attempts that wait, earliest deadline first. There are few: they come from failures, suspects and probes. */
export class AttemptQueue<T extends Task> {
  readonly #heap = new DeadlineHeap<Attempt<T>>();
  #order = 0;
  #rows = 0;

  get size(): number {
    return this.#heap.size;
  }
  get rows(): number {
    return this.#rows;
  }
  /** Those among them that search for rows that the model errs at. */
  get searches(): number {
    return this.#heap.items.filter(({ history }) => history.bisection !== undefined).length;
  }
  /** Infinity if nothing waits. */
  get headDeadlineAtMicros(): Micros {
    return this.#heap.peek()?.deadlineAtMicros ?? Infinity;
  }

  push(attempt: Attempt<T>): void {
    attempt.order = this.#order++;
    this.#heap.push(attempt);
    this.#rows += attempt.rows;
  }

  peek(): Attempt<T> | undefined {
    return this.#heap.peek();
  }

  /** The first one that this replica may take and that is not held back: one that it failed goes elsewhere as long as there are others. */
  peekFor(replica: ReplicaId, replicas: number, isHeld: (attempt: Attempt<T>) => boolean): Attempt<T> | undefined {
    const not = replicas > 1 ? replica : undefined;
    const mayTake = (attempt: Attempt<T>): boolean => (not === undefined || attempt.history.not !== not) && !isHeld(attempt);
    const head = this.#heap.peek();
    if (head === undefined || mayTake(head)) return head;
    let first: Attempt<T> | undefined;
    for (const attempt of this.#heap.items) if ((first === undefined || isBefore(attempt, first)) && mayTake(attempt)) first = attempt;
    return first;
  }

  /** Takes out all suspects that hold this. */
  takeSuspects(hash: ContentHash): readonly Attempt<T>[] {
    const found = this.#heap.items.filter(({ history }) => history.suspect === hash);
    for (const attempt of found) this.remove(attempt);
    return found;
  }

  remove(attempt: Attempt<T>): void {
    this.#heap.remove(attempt);
    this.#rows -= attempt.rows;
  }

  /** Takes the rows of a task out of every attempt, and leaves the others as they are; says how many rows those were. */
  cancel(task: T): number {
    let rows = 0;
    for (const attempt of this.#heap.items.filter(({ slices }) => slices.some((slice) => slice.task === task))) {
      const before = attempt.rows;
      this.remove(attempt);
      attempt.keep(attempt.slices.filter((slice) => slice.task !== task));
      rows += before - attempt.rows;
      this.#putBack(attempt);
    }
    return rows;
  }

  /** Takes the rows out whose deadline has come. */
  expire(now: Micros, take: (slice: Slice<T>, attempt: Attempt<T>) => void): void {
    for (let head = this.#heap.peek(); head !== undefined && head.deadlineAtMicros <= now; head = this.#heap.peek()) {
      this.remove(head);
      for (const slice of head.slices) if (slice.task.deadlineAtMicros <= now) take(slice, head);
      head.keep(head.slices.filter((slice) => slice.task.deadlineAtMicros > now));
      this.#putBack(head);
    }
  }

  #putBack(attempt: Attempt<T>): void {
    if (attempt.rows === 0) return;
    this.#heap.push(attempt);
    this.#rows += attempt.rows;
  }
}
