import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exploiting, frozen, limited, pinnedTo, shadowed } from '../../../selection-policies/limits.ts';
import { soloPlan } from '../../../selection-policies/pmf.ts';
import { makePolicy } from '../../../selection-policies/catalog.ts';
import { near, rewarded, sum } from '../../support/selection.ts';

const ARMS = ['a', 'b', 'c'];
const OPEN = [true, true, true];
const hold = (pmf: readonly number[], floors: Record<string, number>, caps: Record<string, number> = {}, mask = OPEN): readonly number[] =>
  limited(soloPlan(ARMS, pmf), ARMS, mask, { floors: new Map(Object.entries(floors)), caps: new Map(Object.entries(caps)) }).pmf;

function alike(actual: readonly number[], expected: readonly number[]): void {
  near(sum(actual), 1, 2 ** -40);
  actual.forEach((p, i) => near(p, expected[i] ?? 0, 1e-12));
}

test('floors are the Euclidean projection: an even floor of 0.1 takes 0.2 from the only arm', () => {
  alike(hold([1, 0, 0], { a: 0.1, b: 0.1, c: 0.1 }), [0.8, 0.1, 0.1]);
  alike(hold([0.5, 0.3, 0.2], { c: 0.3 }), [0.45, 0.25, 0.3]);
});

test('caps give what is above them to the others, floors and caps together', () => {
  alike(hold([1, 0, 0], {}, { a: 0.5 }), [0.5, 0.25, 0.25]);
  alike(hold([0.9, 0.1, 0], { c: 0.2 }, { a: 0.3 }), [0.3, 0.4, 0.3]);
});

test('where masks leave no such pmf, floors shrink and caps give way', () => {
  alike(hold([1, 0, 0], { a: 0.9, b: 0.9 }), [0.5, 0.5, 0]);
  alike(hold([0.5, 0.5, 0], {}, { a: 0.1, b: 0.2 }, [true, true, false]), [0.45, 0.55, 0]);
  alike(hold([0, 1, 0], { a: 0.3 }, {}, [false, true, true]), [0, 1, 0]);
});

test('without limits, or for plans of ensembles, the plan is returned as it is', () => {
  const plan = soloPlan(ARMS, [0.2, 0.3, 0.5]);
  assert.equal(limited(plan, ARMS, OPEN, { floors: new Map(), caps: new Map() }), plan);
  const ensemble = { actions: [{ ask: ARMS }], pmf: [1] };
  assert.equal(limited(ensemble, ARMS, OPEN, { floors: new Map([['a', 0.5]]), caps: new Map() }), ensemble);
});

test('exploration off, pins and shadows', () => {
  const plan = soloPlan(ARMS, [0.3, 0.4, 0.3]);
  assert.deepEqual(exploiting(plan).pmf, [0, 1, 0]);
  assert.deepEqual(pinnedTo(plan, 'c').pmf, [0, 0, 1]);
  assert.equal(pinnedTo(plan, 'z'), plan);
  assert.deepEqual(shadowed(plan, ['b', 'z']).actions, [{ ask: ['a'], shadow: ['b', 'z'] }, { ask: ['b'], shadow: ['z'] }, { ask: ['c'], shadow: ['b', 'z'] }]);
});

test('a frozen policy learns nothing and goes on planning', () => {
  const policy = frozen(makePolicy('thompson'));
  assert.deepEqual(policy.contribution(rewarded('a', 1), ARMS), []);
  near(sum(policy.plan(policy.view(new Map(), 0, ARMS), ARMS, undefined, OPEN, 0).pmf), 1, 2 ** -40);
});
