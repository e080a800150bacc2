import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReadBuffers } from '../../../../model-containers/typescript/read-buffers.ts';

test('one buffer is used over and over, until it is held', () => {
  const buffers = new ReadBuffers();
  const first = buffers.next();
  assert.equal(first.byteOffset, 0);
  assert.equal(buffers.next(), first);
  const release = buffers.hold();
  const again = buffers.hold();
  const second = buffers.next();
  assert.notEqual(second, first);
  release();
  const releaseSecond = buffers.hold();
  const third = buffers.next();
  assert.ok(third !== first && third !== second);
  again();
  const releaseThird = buffers.hold();
  assert.equal(buffers.next(), first);
  releaseSecond();
  releaseThird();
  assert.equal(buffers.next(), first);
});
