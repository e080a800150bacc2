import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Road } from '../../../support/road.ts';
import { makeApp, makeModel } from '../../../support/specs.ts';

test('the view is one object until the inputs change', () => {
  const road = new Road([makeModel()], [makeApp()]);
  const before = road.apps.app('a');
  assert.equal(before?.inputs, undefined);
  const replica = road.replica('m@1');
  const known = road.apps.app('a');
  assert.deepEqual(known?.inputs, replica.signature.inputs);
  road.replica('m@1', 'r2');
  assert.equal(road.apps.app('a'), known);
  road.directory.gone('m@1', replica);
  assert.equal(road.apps.app('a'), known);
});

test('what the configuration declares stands until a replica has spoken', () => {
  const input = [{ name: 'x', dtype: 'float32' as const, shape: [2] }];
  const road = new Road([makeModel({ input })], [makeApp()]);
  assert.deepEqual(road.apps.app('a')?.inputs, input);
});

test('a plan is made once per state of the directory', () => {
  const road = new Road([makeModel()], [makeApp()]);
  const app = road.apps.get('a');
  assert.equal(app?.plan(undefined, 0), undefined);
  const replica = road.replica('m@1');
  const plan = app?.plan(undefined, 0);
  assert.deepEqual(plan, { actions: [{ ask: ['m'] }], pmf: [1] });
  assert.equal(app?.plan(undefined, 1), plan);
  road.directory.gone('m@1', replica);
  assert.equal(app?.plan(undefined, 2), undefined);
});
