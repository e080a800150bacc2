import assert from 'node:assert/strict';
import { test } from 'node:test';
import { majority, mean, meanProbabilities, median, weightedVote } from '../../../selection-policies/combine.ts';
import { near } from '../../support/selection.ts';

const member = <Answer>(answer: Answer | undefined, weight = 1) => ({ answer, weight });

test('a majority wins; confidence is the share of all members that agree, missing ones against it', () => {
  assert.deepEqual(majority(['x', 'y', 'x', undefined]), { answer: 'x', confidence: 0.5 });
  assert.deepEqual(majority(['y', 'x']), { answer: 'y', confidence: 0.5 });
  assert.deepEqual(majority([3, '3', 3]), { answer: 3, confidence: 2 / 3 });
  assert.equal(majority([undefined, undefined]), undefined);
});

test('weights can outvote a majority; members of no weight answer where nobody else does', () => {
  assert.deepEqual(weightedVote([member('x', 5), member('y', 2), member('y', 1)]), { answer: 'x', confidence: 0.625 });
  assert.deepEqual(weightedVote([member('x', 0), member<string>(undefined, 1)]), { answer: 'x', confidence: 0 });
});

test('the mean is of numbers, not of integers, and missing members count as the mean of the others', () => {
  assert.deepEqual(mean([member(1), member(2)])?.answer, 1.5);
  const partial = mean([member(4, 3), member(4, 1), member<number>(undefined, 4)]);
  assert.deepEqual(partial, { answer: 4, confidence: 0.5 });
  assert.equal(mean([member<number>(undefined)]), undefined);
  assert.ok((mean([member(1), member(9)])?.confidence ?? 1) < (mean([member(4.9), member(5.1)])?.confidence ?? 0));
});

test('the median stands against one wild member', () => {
  assert.equal(median([member(1), member(2), member(1e9)])?.answer, 2);
  assert.equal(median([member(1), member(2), member<number>(undefined)])?.answer, 1.5);
  assert.equal(median([member(1.5e308), member(1.7e308)])?.answer, 1.6e308);
  assert.equal(median([]), undefined);
});

test('probabilities are averaged class by class', () => {
  const combined = meanProbabilities([member([0.5, 0.5], 1), member([0.9, 0.1], 3), member<number[]>(undefined, 4)]);
  near(combined?.answer[0], 0.8, 1e-12);
  near(combined?.confidence, 0.4, 1e-12);
  assert.throws(() => meanProbabilities([member([1]), member([0.5, 0.5])]), RangeError);
  assert.equal(meanProbabilities([member<number[]>(undefined)]), undefined);
});
