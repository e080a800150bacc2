import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DurableRun } from '../../../../bench/feedback/durable.ts';
import type { ExactRun } from '../../../../bench/feedback/exact.ts';
import { barsOf, feedbackTable } from '../../../../bench/feedback/result.ts';

const durable = (batch: number, perSecond: number, more: Partial<DurableRun> = {}): DurableRun => ({ batch, connections: 16, feedbacks: 1, perSecond, cpuMicrosEach: 1, p50Ms: 1, p99Ms: 1, ...more });
const exact = (isExact: boolean): ExactRun => ({ kind: 'sum', sent: 10, decisions: 5, perSecond: 7, expected: {}, found: {}, exact: isExact });

test('the embedded store is held to its rate, Redis to nothing but the sum', () => {
  const runs = [durable(100, 50_000), durable(1, 4_999), durable(1, 1, { store: 'Redis' })];
  assert.deepEqual(barsOf(runs, [exact(true), exact(false)]).map(({ pass }) => pass), [true, false, true, false]);
  assert.deepEqual(feedbackTable({ durable: runs, exact: [] }).slice(1).map((row) => row.at(-1)), ['pass', 'MISSED', '']);
});
