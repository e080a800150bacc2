import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextText, isContext, learnsByKey } from '../../../../frontend/domain/context-key.ts';
import { makeApp } from '../../../support/specs.ts';

test('an app learns by key where it has one, something to choose and a policy that learns', () => {
  const app = { contextKey: 'user', arms: ['x', 'y'], policy: 'thompson' };
  assert.ok(learnsByKey(makeApp(app)));
  const { contextKey: _, ...keyless } = app;
  for (const not of [keyless, { ...app, arms: ['x'] }, { ...app, policy: 'static' }, { ...app, policy: 'weighted' }]) assert.equal(learnsByKey(makeApp(not)), false);
});

test('a value of the key is its text; 7 and "7" are one user, and nothing said is nobody', () => {
  assert.deepEqual([{ user: 'ann' }, { user: 7 }, { user: '7' }, { user: { id: 1 } }, { user: null }, { other: 1 }, undefined].map((context) => contextText(context, 'user')), ['ann', '7', '7', '{"id":1}', undefined, undefined, undefined]);
  assert.equal(contextText({ user: 'ann' }, undefined), undefined);
  assert.equal(contextText({}, 'constructor'), undefined, 'what the caller did not say is not said');
});

test('zeros in a receipt are no context', () => {
  assert.equal(isContext(new Uint8Array(8)), false);
  assert.ok(isContext(Uint8Array.of(0, 0, 0, 1)));
});
