import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addEvidence, addPrior, addTo, evidenceEstimates, noEvidence, readEvidence } from '../../../selection-policies/evidence.ts';
import { rewarded } from '../../support/selection.ts';

test('a reward counts once and its value is summed, for every arm that was asked', () => {
  const event = { ...rewarded('a', 0.5), rewards: [{ arm: 'a', reward: 0.5 }, { arm: 'b', reward: 1 }] };
  assert.deepEqual(addEvidence(event), [{ cell: 'a/n', add: 1n }, { cell: 'a/s', add: 524_288n }, { cell: 'b/n', add: 1n }, { cell: 'b/s', add: 1_048_576n }]);
});

test('hostile cells are cut to size', () => {
  const { successes, failures } = readEvidence(new Map([['a/n', 2n], ['a/s', 99_999_999n], ['b/n', -3n], ['b/s', -9n], ['c/s', 5_000_000n]]), ['a', 'b', 'c']);
  assert.deepEqual([[...successes], [...failures]], [[2, 0, 0], [0, 0, 0]]);
});

test('estimates are means with their weights, and undefined for arms of which nothing is known', () => {
  const evidence = noEvidence(2);
  addTo(evidence, 0, 4, 3);
  addPrior(evidence, 0, { mean: 0.5, weight: 4 });
  addPrior(evidence, 1, undefined);
  addPrior(evidence, 1, { mean: 0.5, weight: 0 });
  assert.deepEqual(evidenceEstimates(evidence), [{ mean: 0.625, weight: 8 }, undefined]);
});
