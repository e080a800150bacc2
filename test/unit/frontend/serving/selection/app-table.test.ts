import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Road } from '../../../../support/road.ts';
import { desiredOf, makeApp, makeModel } from '../../../../support/specs.ts';

test('an app that did not change stays what it was, one that did is new, one that is dropped is gone', () => {
  const road = new Road([makeModel()], [makeApp(), makeApp({ name: 'b' }), makeApp({ name: 'c' })]);
  const [a, b] = [road.apps.get('a'), road.apps.get('b')];
  road.apply(desiredOf([makeModel()], [makeApp(), makeApp({ name: 'b', sloMs: 7 })]));
  assert.equal(road.apps.get('a'), a);
  assert.notEqual(road.apps.get('b'), b);
  assert.notDeepEqual(road.apps.get('b')?.fingerprint, b?.fingerprint);
  assert.equal(road.apps.get('b')?.meters, b?.meters);
  assert.equal(road.apps.get('c'), undefined);
});

test('names are never looked up on an object', () => {
  const road = new Road([makeModel()], [makeApp()]);
  for (const name of ['__proto__', 'constructor', 'toString', '']) assert.equal(road.apps.app(name), undefined);
});

test('a policy that does not exist is a bug of whoever let it pass', () => {
  assert.throws(() => new Road([makeModel()], [makeApp({ policy: 'magic' })]), /no policy "magic"/);
});
