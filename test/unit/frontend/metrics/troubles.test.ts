import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Troubles } from '../../../../frontend/metrics/troubles.ts';

test('says whom it is of and why, newest first', () => {
  const troubles = new Troubles();
  troubles.add('warning', { model: 'digits', version: '3', replica: 'digits@3/1' }, 'replica died: exited with code 3', 1);
  troubles.add('error', { app: 'a', err: new Error('no room') }, 'it failed', 2);
  troubles.add('warning', { version: 'fraud@4', reason: 'the warm-up failed' }, 'it is tried again', 2);
  troubles.add('error', { faults: ['x is wrong', 'y too'] }, 'refused', 3);
  assert.deepEqual(troubles.list.map(({ subject, text }) => [subject, text]), [['', 'refused: x is wrong; y too'], ['fraud@4', 'it is tried again: the warm-up failed'], ['a', 'it failed: no room'], ['digits@3', 'replica died: exited with code 3']]);
});

test('the same again is one, with its last time', () => {
  const troubles = new Troubles();
  for (const at of [1, 5]) troubles.add('warning', { err: 'gone' }, 'Redis cannot be reached', at);
  assert.deepEqual(troubles.list, [{ at: 5, level: 'warning', subject: '', text: 'Redis cannot be reached: gone', times: 2 }]);
});

test('is bounded, in number and in words', () => {
  const troubles = new Troubles();
  for (let i = 0; i < 1_000; i++) troubles.add('error', {}, `${i} ${'x'.repeat(5_000)}`, i);
  assert.equal(troubles.list.length, 100);
  assert.ok(troubles.list.every(({ text }) => text.length <= 500));
});
