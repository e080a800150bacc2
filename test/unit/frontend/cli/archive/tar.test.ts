import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BLOCK_BYTES, readTarHeader, tarEnd, tarHeader, tarPadding } from '../../../../../frontend/cli/archive/tar.ts';

test('a header says again what it was told, sizes past eight gigabytes too', () => {
  for (const bytes of [0, 1, 511, 8 ** 11 - 1, 8 ** 11, 2 ** 45]) assert.deepEqual(readTarHeader(tarHeader({ name: 'a.sqlite', bytes }, 1e9)), { name: 'a.sqlite', bytes });
  assert.equal(readTarHeader(tarEnd().subarray(0, BLOCK_BYTES)), undefined);
});

test('a header with a byte changed is refused', () => {
  const header = tarHeader({ name: 'a', bytes: 7 }, 1e9);
  header[0] = 0x62;
  assert.throws(() => readTarHeader(header), /damaged/u);
  assert.throws(() => readTarHeader(Buffer.alloc(BLOCK_BYTES, 'x')), /no tar archive/u);
});

test('content ends with its block', () => {
  assert.deepEqual([0, 1, 511, 512, 513].map((bytes) => tarPadding(bytes).length), [0, 511, 1, 0, 511]);
});
