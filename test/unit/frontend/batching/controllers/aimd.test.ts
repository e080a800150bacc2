import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AimdController } from '../../../../../frontend/batching/controllers/aimd.ts';
import type { BatchSample } from '../../../../../frontend/batching/controller.ts';

const SLO = 20_000;

function observe(aimd: AimdController, latencyMicros: number, more: Partial<BatchSample> = {}): number {
  aimd.observe({ verdict: 'success', rows: aimd.decide(), latencyMicros, foretoldMicros: 0, sloMicros: SLO, full: true, ...more });
  return aimd.decide();
}

function grownTo(rows: number, maxBatch = 1024): AimdController {
  const aimd = new AimdController({ maxBatch });
  while (aimd.decide() < rows) observe(aimd, 0);
  return aimd;
}

test('it starts at 1 and adds 2 per full batch below 90 % of the SLO', () => {
  const aimd = new AimdController({ maxBatch: 128 });
  assert.equal(aimd.decide(), 1);
  assert.deepEqual([observe(aimd, 0), observe(aimd, 17_999), observe(aimd, 100)], [3, 5, 7]);
});

test('between 90 % of the SLO and the SLO it stays', () => {
  const aimd = grownTo(7);
  assert.deepEqual([observe(aimd, 18_000), observe(aimd, 19_999)], [7, 7]);
});

test('at the SLO and above a tenth goes, rounded down, to 1 at the least', () => {
  const aimd = grownTo(101);
  assert.deepEqual([observe(aimd, SLO), observe(aimd, 30_000), observe(aimd, 30_000)], [90, 81, 72]);
  const small = grownTo(3);
  assert.deepEqual([observe(small, SLO), observe(small, SLO), observe(small, SLO)], [2, 1, 1]);
});

test('a batch that is not full does not raise the size; a late one lowers it by a tenth of the size, not to its own', () => {
  const aimd = grownTo(51);
  assert.equal(observe(aimd, 0, { rows: 20, full: false }), 51);
  assert.equal(observe(aimd, SLO, { rows: 2, full: false }), 45);
});

test('a dropped batch counts as late, an ignored one not at all', () => {
  const aimd = grownTo(11);
  assert.equal(observe(aimd, 0, { verdict: 'ignore' }), 11);
  assert.equal(observe(aimd, SLO, { verdict: 'ignore' }), 11);
  assert.equal(observe(aimd, 0, { verdict: 'dropped' }), 9);
});

test('it stays within its bound', () => {
  assert.equal(observe(grownTo(8, 8), 0), 8);
});

test('batches that several replicas had under way move it once', () => {
  const aimd = grownTo(11);
  assert.deepEqual([observe(aimd, 0, { rows: 11 }), observe(aimd, 0, { rows: 11 })], [13, 13]);
  assert.deepEqual([observe(aimd, SLO, { rows: 13 }), observe(aimd, SLO, { rows: 13 })], [11, 11]);
});

test('a bound that is no positive integer is refused', () => {
  for (const maxBatch of [0, 2.5, Number.NaN]) assert.throws(() => new AimdController({ maxBatch }), RangeError);
});
