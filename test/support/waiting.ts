import type { RuleSetup } from '../../bench/simulator/rivals/rule-setup.ts';
import type { Waiting } from '../../bench/simulator/rivals/rival-batcher.ts';

/** What waits, by deadline; arrived an SLO of 20 ms before that. */
export function waitingUntil(...deadlines: readonly number[]): Waiting {
  return { size: deadlines.length, deadlineAt: (i) => deadlines[i] ?? Infinity, arrivedAt: (i) => (deadlines[i] ?? Infinity) - 20_000 };
}

/** 0.1·b + 2 ms within 20 ms. */
export function ruleSetup(more: Partial<RuleSetup> = {}): RuleSetup {
  return { exactMicros: (rows) => 2000 + 100 * rows, replicas: ['0'], sloMicros: 20_000, steadyRows: 80, maxRows: 1024, maxQueueRows: 1000, draw: () => 0.5, ...more };
}

export const REPLICA = { id: '0', maxBatch: Infinity };
