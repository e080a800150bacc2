import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exploiting, limited, shadowed } from '../../../selection-policies/limits.ts';
import { soloPlan } from '../../../selection-policies/pmf.ts';
import { near, sum } from '../../support/selection.ts';

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
  const together = { ask: ARMS, weights: [1, 1, 1] };
  for (const ensemble of [{ actions: [together], pmf: [1] }, { actions: [together, { ask: ['b'] }, { ask: ['c'] }], pmf: [0, 0, 1] }]) {
    assert.equal(limited(ensemble, ARMS, OPEN, { floors: new Map([['a', 0.5]]), caps: new Map() }), ensemble);
  }
});

test('exploration off, and shadows beside those of the policy', () => {
  const plan = soloPlan(ARMS, [0.3, 0.4, 0.3]);
  assert.deepEqual(exploiting(plan).pmf, [0, 1, 0]);
  assert.deepEqual(shadowed(plan, ['b', 'z']).actions, [{ ask: ['a'], shadow: ['b', 'z'] }, { ask: ['b'], shadow: ['z'] }, { ask: ['c'], shadow: ['b', 'z'] }]);
  assert.deepEqual(shadowed({ actions: [{ ask: ['a'], shadow: ['c', 'b'] }], pmf: [1] }, ['b', 'z']).actions, [{ ask: ['a'], shadow: ['c', 'b', 'z'] }]);
});
