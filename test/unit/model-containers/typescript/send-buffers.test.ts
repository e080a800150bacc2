import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SendBuffers } from '../../../../model-containers/typescript/send-buffers.ts';

test('a buffer given back is taken again where it is large enough', () => {
  const buffers = new SendBuffers();
  const small = buffers.take(10);
  buffers.give(small);
  assert.notEqual(buffers.take(1_000_000), small);
  assert.equal(buffers.take(100), small);
  assert.notEqual(buffers.take(100), small);
});

test('what is kept is bounded in number and size', () => {
  const buffers = new SendBuffers();
  const given = Array.from({ length: 6 }, () => buffers.take(10));
  for (const buffer of given) buffers.give(buffer);
  const taken = new Set(Array.from({ length: 6 }, () => buffers.take(10)));
  assert.equal(given.filter((buffer) => taken.has(buffer)).length, 4);
  const huge = buffers.take(5 * 1024 * 1024);
  buffers.give(huge);
  assert.notEqual(buffers.take(5 * 1024 * 1024), huge);
});
