import { performance } from 'node:perf_hooks';
import type { BatchRule } from '../../frontend/dispatch/model-queue.ts';

/** In the order in which a query passes them; `next` and `observe` happen inside the last and are not in its time. */
export const STAGES = ['select', 'gather', 'offer', 'next', 'observe', 'send and settle'] as const;
export type Stage = (typeof STAGES)[number];

/** Milliseconds by stage, added up, and what the batches were. */
export class StageTimes {
  readonly #ms = new Map<Stage, number>();
  batches = 0;
  rows = 0;

  add(stage: Stage, ms: number): void {
    this.#ms.set(stage, this.ms(stage) + ms);
  }

  ms(stage: Stage): number {
    return this.#ms.get(stage) ?? 0;
  }

  /** What happens once a batch, in the middle of something else. */
  get insideMs(): number {
    return this.ms('next') + this.ms('observe');
  }

  clear(): void {
    this.#ms.clear();
    this.batches = 0;
    this.rows = 0;
  }
}

/** The rule, with the time of what it does once a batch. `offer`, once a query, is timed by who submits many in a row. */
export function timedRule(rule: BatchRule, times: StageTimes): BatchRule {
  return {
    get queuedRows() { return rule.queuedRows; },
    offer: (task, now, capacity) => rule.offer(task, now, capacity),
    cancel: (task) => rule.cancel(task),
    nextExpiry: () => rule.nextExpiry(),
    abandon: (reason, text) => rule.abandon(reason, text),
    expire: (now) => rule.expire(now),
    next: (now, replica, capacity) => {
      const from = performance.now();
      const next = rule.next(now, replica, capacity);
      times.add('next', performance.now() - from);
      return next;
    },
    observe: (report, now) => {
      times.batches++;
      times.rows += report.batch.rows;
      const from = performance.now();
      const settled = rule.observe(report, now);
      times.add('observe', performance.now() - from);
      return settled;
    },
  };
}
