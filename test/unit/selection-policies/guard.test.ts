import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePolicy } from '../../../selection-policies/catalog.ts';
import { guarded } from '../../../selection-policies/guard.ts';
import type { Action, Increment, Plan, Policy } from '../../../selection-policies/policy.ts';
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
    [planning(['0.5', 0, '0.5'] as unknown as number[]), /a probability of "0\.5"/u], [planning([1]), /1 probabilities for 3 actions/u], [planning([], []), /0 probabilities/u], [planning([0, 1, 0]), /asks b, which is masked/u],
    [planning([1], [{ ask: ['z'] }]), /asks z/u], [planning([1], [{ ask: [] }]), /asks nobody/u], [planning([1], [{ ask: ['a', 'c'], weights: [1] }]), /weights/u],
    [planning([1], [{ ask: ['a', 'c'], weights: [1, Number.NaN] }]), /weights/u], [planning([1], [{ ask: ['a'], ...cascade }]), /asks b/u],
    [planning([1], [{ ask: ['a', 'c'] }]), /expected weights/u], [planning([1], [{ ask: ['a', 'a'], weights: [1, 1] }]), /an arm twice/u],
    [planning([1], [{ ask: ['a'], second: { arm: 'c', whenConfidenceBelow: Number.NaN } }]), /a bound of NaN/u],
    [planning([1, 0], [{ ask: ['a'] }, null as unknown as Action]), /action 1 asks nobody/u], [planning([1], [{ ask: ['a'], shadow: ['z'] }]), /shadow/u],
    [planning([0.5, 0.5], [{ ask: ['a'] }, { ask: ['c'] }]), /action 1 asks c, which is arm 2; expected one action an arm, in their order/u],
    [{ plan: (async () => { throw new Error('later'); }) as unknown as Policy['plan'] }, /plan threw gave a promise/u],
    [{ view: async () => { throw new Error('later'); } }, /view threw gave a promise/u],
  ];
  for (const [policy, fault] of broken) {
    const { plan, faults } = guardedPlan(policy);
    assert.deepEqual(plan, { actions: [{ ask: ['a'] }, { ask: ['b'] }, { ask: ['c'] }], pmf: [0.5, 0, 0.5] });
    assert.equal(faults.length, 1);
    assert.match(faults[0] ?? '', fault);
  }
});

test('a policy that writes each plan into the same arrays has all of them kept', () => {
  const pmf = new Float64Array(3);
  const actions: Action[] = [];
  const reusing = guarded({
    ...thompson, plan: (_view, arms, _context, mask) => {
      arms.forEach((arm, i) => {
        pmf[i] = Number(mask[i] === true) / mask.filter(Boolean).length;
        actions[i] = { ask: [arm] };
      });
      return { actions, pmf: pmf as unknown as Plan['pmf'] };
    },
  }, assert.fail);
  const first = planOf(reusing, new Map(), ARMS, { mask: [true, false, false] });
  const second = planOf(reusing, new Map(), ARMS, { mask: [false, true, true] });
  actions.length = 0;
  assert.deepEqual([first.pmf, second.pmf], [[1, 0, 0], [0, 0.5, 0.5]]);
  assert.equal(first.actions.length, 3);
});

test('cells are there to be read: a policy that writes to them is told, and they stay', () => {
  const cells = new Map([['a/n', 3n], ['b/n', 4n]]);
  const faults: string[] = [];
  const writing = { ...thompson, view: (given: unknown) => (given as Map<string, bigint>).set('a/n', 9n), expired: (given: unknown) => [String((given as Map<string, bigint>).delete('a/n'))] };
  const policy = guarded(writing, (said) => faults.push(said));
  planOf(policy, cells, ARMS, { mask: MASK });
  assert.deepEqual(policy.expired?.(cells, 0), []);
  assert.deepEqual(faults.map((said) => /(\w+) threw .*(?:set|delete) is not a function/u.exec(said)?.[1]), ['view', 'expired']);
  assert.deepEqual([...cells], [['a/n', 3n], ['b/n', 4n]]);
  const seen: unknown[] = [];
  guarded({
    ...thompson, view: (given) => {
      given.forEach((value, cell) => seen.push([cell, value]));
      seen.push(given.size, [...given], new Map(given), [...given.keys()], [...given.values()], [...given.entries()], given.has('b/n'));
    },
  }, assert.fail).view(cells, 0, ARMS);
  assert.deepEqual(seen, [['a/n', 3n], ['b/n', 4n], 2, [...cells], cells, ['a/n', 'b/n'], [3n, 4n], [...cells], true]);
});

test('what a policy says of itself is held against its contract, and told', () => {
  const boom = (): never => { throw new Error('boom'); };
  const cases: [Partial<Policy>, RegExp][] = [
    [{ estimates: boom, stamp: boom, expired: boom }, /boom/u],
    [{ estimates: () => undefined as never, stamp: () => Number.NaN, expired: () => 7 as never }, /gave no list|a stamp of NaN/u],
    [{ estimates: () => [{ mean: 5, weight: 1 }], stamp: () => 0.5, expired: () => [7] as never }, /a mean of 5|a stamp of 0\.5|no list of cells/u],
    [{ estimates: () => [{ mean: 0.5, weight: Infinity }], stamp: () => -1, expired: () => Promise.reject(new Error('later')) as never }, /weight Infinity|a stamp of -1|gave a promise/u],
  ];
  for (const [broken, fault] of cases) {
    const faults: string[] = [];
    const policy = guarded({ ...thompson, ...broken }, (said) => faults.push(said));
    assert.deepEqual([policy.estimates({}), policy.stamp?.({}, 0), policy.expired?.(new Map(), 0)], [[], 0, []]);
    assert.deepEqual(faults.map((said) => /(\w+) threw/u.exec(said)?.[1]), ['estimates', 'stamp', 'expired']);
    for (const said of faults) assert.match(said, fault);
  }
  const plain = guarded(thompson, assert.fail);
  assert.deepEqual(['stamp', 'expired'].filter((what) => what in plain), [], 'what a policy does without is not made up');
});

test('what a policy adds that no cell can take is refused in words, not taken for nothing', () => {
  const adding = (wrong: unknown) => guarded({ ...thompson, contribution: () => wrong as Increment[] }, assert.fail);
  for (const [wrong, fault] of [
    [[{ cell: 'a', add: 1 }], /an increment of 1 to a; expected a bigint/u], [[{ cell: 7, add: 1n }], /to 7/u], [[{ cell: 'x'.repeat(5000), max: 1n }], /5000 characters/u],
    [undefined, TypeError], [[null], TypeError], [Promise.reject(new Error('later')), /gave a promise/u],
  ] as const) assert.throws(() => adding(wrong).contribution(rewarded('a', 1), ARMS), fault);
  assert.deepEqual(guarded(thompson, assert.fail).contribution(rewarded('a', 1), ARMS), thompson.contribution(rewarded('a', 1), ARMS));
});
