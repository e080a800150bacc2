import assert from 'node:assert/strict';
import { test } from 'node:test';
import { POLICIES } from '../../../selection-policies/catalog.ts';

test('holds each policy under its own name', () => {
  assert.ok(POLICIES.has('static'));
  for (const [name, policy] of POLICIES) assert.equal(policy.name, name);
});

test('every policy plans over its arms: a pmf that sums to 1, no masked arm asked', () => {
  const arms = ['a', 'b', 'c'];
  const mask = [false, true, true];
  for (const [name, policy] of POLICIES) {
    const plan = policy.plan(policy.view(new Map(), 0), arms, undefined, mask, 1);
    assert.equal(plan.actions.length, plan.pmf.length, name);
    const total = plan.pmf.reduce((sum, p) => sum + p, 0);
    assert.ok(Math.abs(total - 1) <= 2 ** -40, `${name}: sum ${total}`);
    for (const action of plan.actions) assert.ok(!action.ask.includes('a'), `${name} asks a masked arm`);
  }
});
