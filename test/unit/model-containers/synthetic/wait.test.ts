import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitUntil } from '../../../../model-containers/synthetic/wait.ts';

test('it never returns early, neither from a sleep nor from a spin, nor hangs on a time that is over', () => {
  for (const ms of [5, 1, 0.05, 0, -10]) {
    const until = performance.now() + ms;
    waitUntil(until);
    assert.ok(performance.now() >= until);
  }
});
