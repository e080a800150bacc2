import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slabViews } from '../../../../../frontend/http/predict-body/slab-views.ts';

test('views are of the same memory, made once, and right for a slab that is part of a buffer', () => {
  const slab = { index: 0, bytes: new Uint8Array(new ArrayBuffer(64), 16, 32) };
  const views = slabViews(slab);
  views.float32[1] = 1;
  views.int16[0] = -2;
  assert.deepEqual([...slab.bytes.subarray(0, 8)], [0xfe, 0xff, 0, 0, 0, 0, 0x80, 0x3f]);
  assert.equal(slabViews(slab), views);
  assert.notEqual(slabViews({ index: 0, bytes: new Uint8Array(8) }), views);
});
