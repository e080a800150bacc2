import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exp3IxKind } from '../../../selection-policies/exp3-ix.ts';
import { near, planOf, rewarded, taught } from '../../support/selection.ts';

const ARMS = ['a', 'b'];
const policy = exp3IxKind.make({ horizon: 1000 });
const ETA = Math.sqrt((2 * Math.log(2)) / (2 * 1000));

test('is softmax(-η L), L the losses over propensity and η / 2', () => {
  const cells = taught(policy, ARMS, [rewarded('a', 0.25, { propensity: 0.4 }), rewarded('b', 1, { propensity: 0.6 })]);
  const loss = 0.75 / (0.4 + ETA / 2);
  near(planOf(policy, cells, ARMS).pmf[0], 1 / (1 + Math.exp(ETA * loss)), 1e-7);
});

test('learns: the arm that loses is left', () => {
  const cells = taught(policy, ARMS, Array.from({ length: 500 }, (_, i) => rewarded(ARMS[i % 2] ?? '', i % 2, { propensity: 0.5 })));
  assert.ok((planOf(policy, cells, ARMS).pmf[1] ?? 0) > 0.999);
});
