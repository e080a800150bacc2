import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeAll } from '../../../../../frontend/cli/archive/write-all.ts';

test('what one call leaves out the next ones write, and a full disk is said', () => {
  const written: number[] = [];
  writeAll(3, Uint8Array.from([1, 2, 3, 4, 5]), (_, bytes) => written.push(...bytes.subarray(0, 2)) && Math.min(2, bytes.length));
  assert.deepEqual(written, [1, 2, 3, 4, 5]);
  let left = 3;
  assert.throws(() => writeAll(3, new Uint8Array(8), (_, bytes) => {
    if (left === 0) throw new Error('ENOSPC: no space left on device, write');
    const taken = Math.min(left, bytes.length);
    left -= taken;
    return taken;
  }), /ENOSPC/u);
});
