import type { WaitingTask } from './waiting-task.ts';
import type { Task } from './task.ts';

/** How much waits in all lanes together. */
export class WaitingTally {
  rows = 0;
  tasks = 0;
  readonly #tierRows: number[] = [];

  /** Rows whose tier is `tier` or before it. */
  rowsUpTo(tier: number): number {
    let rows = 0;
    for (let i = 0; i <= tier && i < this.#tierRows.length; i++) rows += this.#tierRows[i] ?? 0;
    return rows;
  }

  joined(waiting: WaitingTask<Task>): void {
    this.tasks++;
    this.count(waiting.tier, waiting.count);
  }

  left(waiting: WaitingTask<Task>): void {
    this.tasks--;
    this.count(waiting.tier, -waiting.count);
  }

  /** So many rows more, or fewer, of a task that waits. */
  count(tier: number, rows: number): void {
    while (this.#tierRows.length <= tier) this.#tierRows.push(0);
    this.#tierRows[tier] = (this.#tierRows[tier] ?? 0) + rows;
    this.rows += rows;
  }
}
