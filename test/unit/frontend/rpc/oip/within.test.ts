import assert from 'node:assert/strict';
import { test } from 'node:test';
import { within } from '../../../../../frontend/rpc/oip/within.ts';
import { VirtualClock } from '../../../../support/virtual-clock.ts';

test('what comes in time comes through, and its timer goes', async () => {
  const clock = new VirtualClock();
  assert.equal(await within(clock, 5, Promise.resolve(3)).result, 3);
  await assert.rejects(within(clock, 5, Promise.reject(new Error('no'))).result, /^Error: no$/);
  assert.equal(clock.pending, 0);
});

test('what does not is a timeout', async () => {
  const clock = new VirtualClock();
  const { result: late } = within(clock, 5, new Promise(() => {}));
  clock.advance(5_000);
  await assert.rejects(late, (error: unknown) => error instanceof Error && error.message === 'no answer within 5 ms');
});

test('whoever no longer waits leaves no timer', () => {
  const clock = new VirtualClock();
  within(clock, 5, new Promise(() => {})).stop();
  assert.equal(clock.pending, 0);
});
