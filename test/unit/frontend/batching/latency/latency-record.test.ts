import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asPredecessor, readLatencyRecord } from '../../../../../frontend/batching/latency/latency-record.ts';

const RECORD = { format: 1, tailRatio: 1.21, spread: { noise: 0.1, bend: 0.02, isPadded: false }, points: [[1, 2100, 3], [8, 2800, 40.5]] } as const;

test('what was written is read, through JSON', () => {
  assert.deepEqual(readLatencyRecord(JSON.parse(JSON.stringify(RECORD))), RECORD);
});

test('what is damaged or of another format is refused', () => {
  const damaged: unknown[] = [
    undefined, null, 7, 'x', [], {}, { ...RECORD, format: 2 }, { ...RECORD, tailRatio: 0.5 }, { ...RECORD, tailRatio: '1' }, { ...RECORD, tailRatio: Number.NaN },
    { ...RECORD, spread: undefined }, { ...RECORD, spread: { noise: -1, bend: 0, isPadded: true } }, { ...RECORD, spread: { noise: 0, bend: 0 } },
    { ...RECORD, points: [] }, { ...RECORD, points: 3 }, { ...RECORD, points: [[1, 2]] }, { ...RECORD, points: [[0, 2100, 3]] }, { ...RECORD, points: [[1.5, 2100, 3]] },
    { ...RECORD, points: [[1, -1, 3]] }, { ...RECORD, points: [[1, 2100, 0]] }, { ...RECORD, points: [[1, Infinity, 3]] }, { ...RECORD, points: [[1, null, 3]] },
    { ...RECORD, points: Array.from({ length: 1000 }, (_, i) => [i + 1, 100, 1]) },
  ];
  for (const stored of damaged) assert.equal(readLatencyRecord(stored), undefined, JSON.stringify(stored));
});

test('of a predecessor the sizes weigh little and the tail lies further off', () => {
  const prior = asPredecessor(RECORD);
  assert.deepEqual(prior.points, [[1, 2100, 0.5], [8, 2800, 0.5]]);
  assert.ok(Math.abs(prior.tailRatio - 1.331) < 1e-9, `${prior.tailRatio}`);
});
