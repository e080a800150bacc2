import assert from 'node:assert/strict';
import { test } from 'node:test';
import { giveBack } from '../../../../../frontend/http/lane/give-back.ts';

test('a large piece that is all of its memory is freed at once; anything else stays', () => {
  const large = Buffer.alloc(64 * 1024, 1);
  giveBack(large);
  assert.equal(large.length, 0);
  const around = Buffer.alloc(64 * 1024, 1);
  const small = Buffer.from(new ArrayBuffer(1024));
  for (const kept of [around.subarray(1), around.subarray(0, 40 * 1024), small]) {
    const { length } = kept;
    giveBack(kept);
    assert.equal(kept.length, length);
  }
  assert.equal(around[0], 1);
});
