import assert from 'node:assert/strict';
import { test } from 'node:test';
import { random } from '../../../bench/load/random.ts';
import { addConfidence, calibrationError, isotonic, readConfidence, type ConfidenceBin } from '../../../selection-policies/calibration.ts';
import { apply } from '../../../selection-policies/cells.ts';
import { near } from '../../support/selection.ts';

/** Answers whose confidence is c and which are right with the probability truth(c). */
function answered(count: number, truth: (confidence: number) => number, seed: number): ConfidenceBin[] {
  const draw = random(seed);
  const cells = new Map<string, bigint>();
  for (let i = 0; i < count; i++) {
    const confidence = draw();
    apply(cells, addConfidence(confidence, draw() < truth(confidence) ? 1 : 0));
  }
  return readConfidence(cells);
}

test('cells hold count, confidence and reward of each bin', () => {
  const cells = new Map<string, bigint>();
  for (const [confidence, reward] of [[0.99, 1], [1, 0], [0.02, 0]] as const) apply(cells, addConfidence(confidence, reward));
  const bins = readConfidence(cells);
  assert.deepEqual(bins.map(({ count, reward }) => [count, reward]), [[1, 0], [2, 0.5]]);
  near(bins[1]?.confidence, 0.995, 1e-6);
  for (const wrong of [Number.NaN, -1, 2]) assert.throws(() => addConfidence(wrong, 1), RangeError);
});

test('over-confident answers come below an expected calibration error of 0.03 on others', () => {
  const truth = (confidence: number): number => 0.5 + 0.4 * confidence ** 3;
  const bins = answered(20_000, truth, 1);
  const others = answered(20_000, truth, 2);
  assert.ok(calibrationError(others) > 0.1);
  assert.ok(calibrationError(others, isotonic(bins)) < 0.03, `isotonic ${calibrationError(others, isotonic(bins))}`);
});

test('maps rise, stay in [0, 1], and are the identity where nothing is known', () => {
  for (const c of [0.001, 0.3, 0.999]) near(isotonic([])(c), c, 1e-9);
  const bins = answered(500, (confidence) => 1 - confidence, 5);
  for (const calibration of [isotonic(bins), isotonic(answered(300, (c) => c, 6))]) {
    let last = 0;
    for (let c = 0; c <= 1; c += 0.01) {
      const now = calibration(c);
      assert.ok(now >= last - 1e-12 && now <= 1, `${c}: ${now} after ${last}`);
      last = now;
    }
  }
});
