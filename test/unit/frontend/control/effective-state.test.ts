import assert from 'node:assert/strict';
import { test } from 'node:test';
import { effectiveState } from '../../../../frontend/control/effective-state.ts';
import type { DesiredState } from '../../../../frontend/domain/model.ts';
import { desiredOf, makeModel } from '../../../support/specs.ts';

const one = makeModel();
const two = makeModel({ version: 2 });
const other = makeModel({ name: 'other' });

function keys(state: DesiredState): string[] {
  return Object.keys(state.models).toSorted();
}

function labels(state: DesiredState): unknown {
  return JSON.parse(JSON.stringify(state.labels));
}

test('an old version stays until the new one is ready', () => {
  const running = desiredOf([one]);
  const desired = desiredOf([two]);
  assert.deepEqual(keys(effectiveState(running, desired, (key) => key === 'm@1')), ['m@1', 'm@2']);
  assert.deepEqual(effectiveState(running, desired, (key) => key === 'm@2'), desired);
});

test('a model that nobody wants any more goes at once, whatever the others wait for', () => {
  const next = effectiveState(desiredOf([one, other]), desiredOf([two]), () => false);
  assert.deepEqual(keys(next), ['m@1', 'm@2']);
});

test('a label stays where it was until its new target is ready', () => {
  const running = desiredOf([one], [], { m: { stable: 1 } });
  const desired = desiredOf([one, two], [], { m: { stable: 2, canary: 2 } });
  assert.deepEqual(labels(effectiveState(running, desired, (key) => key === 'm@1')), { m: { stable: 1, canary: 2 } });
  assert.deepEqual(effectiveState(running, desired, () => true), desired);
});

test('a label that is dropped goes, and asking again changes nothing', () => {
  const running = desiredOf([one], [], { m: { stable: 1 } });
  const desired = desiredOf([two], []);
  const next = effectiveState(running, desired, () => false);
  assert.deepEqual(labels(next), {});
  assert.deepEqual(effectiveState(next, desired, () => false), next);
});

test('from nothing, what is desired is what is run', () => {
  const desired = desiredOf([one, two], [], { m: { stable: 2 } });
  assert.deepEqual(effectiveState(desiredOf([]), desired, () => false), desired);
});
