import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SendBuffers } from '../../../../frontend/rpc/send-buffers.ts';

test('a buffer that came back serves again, for any size that it holds', () => {
  const buffers = new SendBuffers();
  const first = buffers.take(5000);
  assert.equal(first.length, 8192);
  assert.notEqual(buffers.take(5000), first);
  buffers.give(first);
  assert.equal(buffers.take(8192), first);
  assert.equal(buffers.take(1).length, 4096);
  assert.equal(buffers.out, 3);
});

test('what is kept is bounded, and a forgotten buffer never serves again', () => {
  const buffers = new SendBuffers(4096);
  const [a, b] = [buffers.take(1), buffers.take(1)];
  buffers.give(a);
  buffers.give(b);
  assert.equal(buffers.take(1), a);
  assert.notEqual(buffers.take(1), b);
  buffers.forget();
  buffers.forget();
  assert.equal(buffers.out, 0);
  const huge = buffers.take(65 * 1024 * 1024);
  assert.equal(huge.length, 65 * 1024 * 1024);
});
