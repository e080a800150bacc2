import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entry, makePolicy, POLICIES } from '../../../selection-policies/catalog.ts';
import type { Policy } from '../../../selection-policies/policy.ts';
import { policy as ucb1 } from '../../support/policies/ucb1.ts';
import { planOf, rewards, sum, taught } from '../../support/selection.ts';

const ARMS = ['a', 'b', 'c'];

test('holds each policy under its own name, and each can be made without options', () => {
  assert.ok(POLICIES.has('static') && POLICIES.has('adaptive'));
  for (const [name, { make }] of POLICIES) {
    const made = make({});
    assert.ok('policy' in made && made.policy.name === name, name);
  }
});

test('every policy plans over its arms: a pmf that sums to 1, no masked arm asked', () => {
  for (const name of POLICIES.keys()) {
    const plan = planOf(makePolicy(name), new Map(), ARMS, { mask: [false, true, true] });
    assert.equal(plan.actions.length, plan.pmf.length, name);
    assert.ok(Math.abs(sum(plan.pmf) - 1) <= 2 ** -40, name);
    for (const [i, action] of plan.actions.entries()) assert.ok(plan.pmf[i] === 0 || !action.ask.includes('a'), `${name} asks a masked arm`);
  }
});

test('options out of bounds, unknown ones and unknown policies are refused by name', () => {
  assert.throws(() => makePolicy('epsilon-greedy', { epsilon: 2 }), /epsilon is 2; expected 0 to 1/u);
  assert.throws(() => makePolicy('thompson', { epsilon: 0.1 }), /epsilon is no option/u);
  assert.throws(() => makePolicy('magic'), /no policy "magic"/u);
});

test('an app that tries another policy finds what it learned by the first when it goes back: no policy drops what another reads', () => {
  const nowMicros = 1.79e15;
  const options = (name: string): Record<string, unknown> => (name === 'lin-ts' ? { features: ['x'] } : {});
  const events = [...rewards('a', 40, 0.25), ...rewards('b', 40, 0.75)].map((event) => ({ ...event, atMicros: nowMicros, propensity: 0.5, context: { x: 1 } }));
  for (const name of POLICIES.keys()) {
    const policy = makePolicy(name, options(name));
    const cells = taught(policy, ARMS, events);
    const before = JSON.stringify(planOf(policy, cells, ARMS, { nowMicros }));
    for (const other of POLICIES.keys()) {
      for (const cell of makePolicy(other, options(other)).expired?.(cells, nowMicros) ?? []) cells.delete(cell);
      assert.equal(JSON.stringify(planOf(policy, cells, ARMS, { nowMicros })), before, `${name} after ${other}`);
    }
  }
});

test('a policy of a reader plugs in through the contract and learns', () => {
  const made = entry(ucb1).make({ width: 0.5 });
  assert.ok('policy' in made);
  const untried = planOf(made.policy, taught(made.policy, ARMS, rewards('a', 10, 0.5)), ARMS);
  assert.deepEqual(untried.pmf, [0, 1, 0]);
  const cells = taught(made.policy, ARMS, [...rewards('a', 400, 0.5), ...rewards('b', 400, 0.9), ...rewards('c', 400, 0.1)]);
  assert.deepEqual(planOf(made.policy, cells, ARMS).pmf, [0, 1, 0]);
  assert.deepEqual(planOf(made.policy, cells, ARMS, { mask: [true, false, true] }).pmf, [1, 0, 0]);
});

test('a kind that throws, or makes no policy, is a fault of configuration', () => {
  const kind = { name: 'mine', summary: 'x', options: {} };
  for (const [make, fault] of [
    [() => { throw new Error('boom'); }, /mine made no policy: boom/u], [() => undefined, /contribution, view, plan, estimates missing/u],
    [() => ({ ...makePolicy('static'), plan: 7 }), /no policy: plan missing/u],
    [() => Promise.reject(new Error('later')), /a policy answers at once/u],
  ] as const) {
    const made = entry({ ...kind, make: make as () => Policy }).make({});
    assert.ok('faults' in made);
    assert.match(made.faults.map(({ message }) => message).join(), fault);
  }
});
