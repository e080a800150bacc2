import type { Micros } from '../domain/clock.ts';
import type { RunItem } from './deadline-run.ts';
import type { Slice, Task } from './task.ts';

/**
 * The rows of a task that still wait, and at the same time the slice that they leave as: a task that is not split costs
 * one object. `first` and `count` change only while it waits.
 */
export class WaitingTask<T extends Task> implements Slice<T>, RunItem {
  readonly task: T;
  /** Who came first has the lower one. */
  readonly order: number;
  readonly tier: number;
  readonly deadlineAtMicros: Micros;
  first: number;
  count: number;

  constructor(task: T, order: number, tier: number) {
    this.task = task;
    this.order = order;
    this.tier = tier;
    this.deadlineAtMicros = task.deadlineAtMicros;
    this.first = task.first;
    this.count = task.count;
  }
}
