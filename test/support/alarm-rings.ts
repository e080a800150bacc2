import type { Alarm } from '../../frontend/runtime/alarm.ts';

/** Counts how often an alarm rings, and waits for the next time. */
export function ringsOf(alarm: Alarm): { readonly count: number; next(): Promise<void> } {
  let count = 0;
  let waiting: (() => void) | undefined;
  alarm.connect(() => {
    count++;
    waiting?.();
  });
  return {
    get count() {
      return count;
    },
    next: () => new Promise((resolve) => { waiting = resolve; }),
  };
}
