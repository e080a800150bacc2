import assert from 'node:assert/strict';
import { test } from 'node:test';
import { random } from '../../../bench/load/random.ts';
import { linTsKind } from '../../../selection-policies/lin-ts.ts';
import { near, planOf, rewarded, taught } from '../../support/selection.ts';

const ARMS = ['a', 'b'];
const policy = linTsKind.make({ features: ['x', 'y'], exploration: 0.25, ridge: 1 });
const OPEN = [true, true];

test('learns which arm is better in which context', () => {
  const draw = random(11);
  const events = Array.from({ length: 400 }, (_, i) => {
    const x = draw() * 2 - 1;
    return rewarded(ARMS[i % 2] ?? '', Math.min(1, Math.max(0, 0.5 + (i % 2 === 0 ? 0.4 : -0.4) * x)), { context: { x, y: draw() } });
  });
  const view = policy.view(taught(policy, ARMS, events), 0, ARMS);
  assert.ok((policy.plan(view, ARMS, { x: 1, y: 0 }, OPEN, 0).pmf[0] ?? 0) > 0.99);
  assert.ok((policy.plan(view, ARMS, { x: -1, y: 0 }, OPEN, 0).pmf[1] ?? 0) > 0.99);
  near(policy.plan(view, ARMS, { x: 0 }, OPEN, 0).pmf[0], 0.5, 0.4);
});

test('with the bias alone the probability is Φ of the scores: two normal posteriors', () => {
  const cells = taught(policy, ARMS, [...Array.from({ length: 8 }, () => rewarded('a', 1)), ...Array.from({ length: 3 }, () => rewarded('b', 0.5))]);
  const { pmf } = planOf(policy, cells, ARMS);
  const [mean, deviation] = [8 / 9 - 1.5 / 4, 0.25 * Math.sqrt(1 / 9 + 1 / 4)];
  // Φ(z) by its series.
  const z = mean / deviation;
  let [term, phi] = [z, 0.5];
  for (let k = 1; k < 200; k += 2) {
    phi += (term * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
    term *= (z * z) / (k + 2);
  }
  near(pmf[0], phi, 1e-6);
});

test('contexts that are missing, hostile or enormous give numbers', () => {
  const cells = taught(policy, ARMS, [rewarded('a', 1, { context: { x: 1e300, y: Number.NaN } }), rewarded('b', 1, { context: { x: '5', y: true } })]);
  const view = policy.view(cells, 0, ARMS);
  for (const context of [undefined, {}, { x: Infinity }, { x: -1e308, y: {} }, { constructor: 1, __proto__: { x: 'a' } }]) {
    for (const p of policy.plan(view, ARMS, context, OPEN, 0).pmf) assert.ok(p >= 0 && p <= 1);
  }
});

test('state does not depend on the order in which the features are named', () => {
  const turned = linTsKind.make({ features: ['y', 'x'], exploration: 0.25, ridge: 1 });
  const events = [rewarded('a', 1, { context: { x: 0.5, y: -1 } }), rewarded('b', 0, { context: { x: 2, y: 1 } })];
  const sorted = (cells: ReadonlyMap<string, bigint>) => [...cells].toSorted(([a], [b]) => (a < b ? -1 : 1));
  assert.deepEqual(sorted(taught(turned, ARMS, events)), sorted(taught(policy, ARMS, events)));
});

test('a prior is rewards without features', () => {
  assert.deepEqual(policy.estimates(policy.view(new Map(), 0, ARMS, [{ mean: 0.75, weight: 20 }, undefined])), [{ mean: 0.75, weight: 20 }, undefined]);
});
