import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePolicy } from '../../../selection-policies/catalog.ts';
import { guarded } from '../../../selection-policies/guard.ts';
import type { Plan, Policy } from '../../../selection-policies/policy.ts';
import { planOf, rewarded } from '../../support/selection.ts';

const ARMS = ['a', 'b', 'c'];
const MASK = [true, false, true];
const thompson = makePolicy('thompson');

function guardedPlan(broken: Partial<Policy>): { plan: Plan; faults: string[] } {
  const faults: string[] = [];
  const policy = guarded({ ...thompson, ...broken }, (fault) => faults.push(fault));
  return { plan: planOf(policy, new Map(), ARMS, { mask: MASK }), faults };
}

const planning = (pmf: readonly number[], actions: Plan['actions'] = ARMS.map((arm) => ({ ask: [arm] }))): Partial<Policy> => ({ plan: () => ({ actions, pmf }) });

test('a good policy goes through untouched, unreported', () => {
  const { plan, faults } = guardedPlan({});
  assert.deepEqual(plan, planOf(thompson, new Map(), ARMS, { mask: MASK }));
  assert.deepEqual(faults, []);
});

test('whatever is no plan becomes uniform over the open arms, and is told', () => {
  const throwing = (): never => {
    throw new Error('boom');
  };
  // oxlint-disable-next-line unicorn/no-thenable -- the contract's word; a plan is never awaited
  const cascade = { second: { arm: 'b', whenConfidenceBelow: 1 } };
  const broken: [Partial<Policy>, RegExp][] = [
    [{ view: throwing }, /view threw boom/u], [{ plan: throwing }, /plan threw boom/u], [{ plan: () => undefined as unknown as Plan }, /plan threw/u],
    [planning([Number.NaN, 0, 1]), /a probability of NaN/u], [planning([-0.5, 0, 1.5]), /a probability of -0\.5/u], [planning([0.5, 0, 0.4]), /sum to 0\.9/u],
    [planning([1]), /1 probabilities for 3 actions/u], [planning([], []), /0 probabilities/u], [planning([0, 1, 0]), /asks b, which is masked/u],
    [planning([1], [{ ask: ['z'] }]), /asks z/u], [planning([1], [{ ask: [] }]), /asks nobody/u], [planning([1], [{ ask: ['a', 'c'], weights: [1] }]), /weights/u],
    [planning([1], [{ ask: ['a', 'c'], weights: [1, Number.NaN] }]), /weights/u], [planning([1], [{ ask: ['a'], ...cascade }]), /asks b/u],
  ];
  for (const [policy, fault] of broken) {
    const { plan, faults } = guardedPlan(policy);
    assert.deepEqual(plan, { actions: [{ ask: ['a'] }, { ask: ['b'] }, { ask: ['c'] }], pmf: [0.5, 0, 0.5] });
    assert.equal(faults.length, 1);
    assert.match(faults[0] ?? '', fault);
  }
});

test('a policy whose learning fails teaches nothing, and is told', () => {
  const faults: string[] = [];
  const wrong = [{ cell: 'a', add: 1.5 as unknown as bigint }];
  const policy = guarded({ ...thompson, contribution: () => wrong, estimates: () => { throw new Error('boom'); }, stamp: () => { throw new Error('boom'); }, expired: () => { throw new Error('boom'); } }, (fault) => faults.push(fault));
  assert.deepEqual(policy.contribution(rewarded('a', 1), ARMS), []);
  assert.deepEqual([policy.estimates({}), policy.stamp?.({}, 0), policy.expired?.(new Map(), 0)], [[], 0, []]);
  assert.deepEqual(faults.map((fault) => /(\w+) threw/u.exec(fault)?.[1]), ['contribution', 'estimates', 'stamp', 'expired']);
  assert.deepEqual(guarded(thompson, assert.fail).contribution(rewarded('a', 1), ARMS), thompson.contribution(rewarded('a', 1), ARMS));
});
