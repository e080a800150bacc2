import assert from 'node:assert/strict';
import { test } from 'node:test';
import { POLICIES } from '../../../../selection-policies/catalog.ts';
import { selectionFaults } from '../../../../frontend/control/selection-faults.ts';
import { faultText } from '../../../../frontend/domain/fault.ts';
import type { AppSpec } from '../../../../frontend/domain/model.ts';
import { makeApp } from '../../../support/specs.ts';

const faults = (app: Partial<AppSpec>): string => selectionFaults(makeApp(app), POLICIES, ['apps', 'a']).map(faultText).join('\n');

test('policy and options are held against the catalog', () => {
  assert.equal(faults({ policy: 'epsilon-greedy', policyOptions: { epsilon: 0.2 } }), '');
  assert.match(faults({ policy: 'magic' }), /apps\.a\.policy: "magic" is no policy \(expected one of static/u);
  assert.match(faults({ policy: 'epsilon-greedy', policyOptions: { epsilon: 2 } }), /apps\.a\.policy\.epsilon: is 2 \(expected 0 to 1\)/u);
});

test('an app that asks several arms at once keeps its decisions', () => {
  const journal = { keep: false, required: false, maxAgeMs: 1, maxBytes: 1 };
  assert.match(faults({ arms: ['m', 'n'], ensemble: { combine: 'mean' }, journal }), /journal\.keep: is false beside an ensemble/u);
  assert.equal(faults({ arms: ['m'], ensemble: { combine: 'mean' }, journal }), '');
  assert.equal(faults({ arms: ['m', 'n'], journal }), '');
});

test('answers are combined as their kind allows', () => {
  assert.equal(faults({ ensemble: { combine: 'median' } }), '');
  assert.match(faults({ ensemble: { combine: 'vote' } }), /"vote" cannot combine "output: value" \(expected one of mean, median\)/u);
  assert.match(faults({ output: 'raw', ensemble: { combine: 'mean' } }), /expected an output of label, value or probabilities/u);
});
