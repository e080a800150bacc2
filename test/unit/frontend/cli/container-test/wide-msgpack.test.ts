import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unpack } from 'msgpackr/unpack';
import { wideMsgpack } from '../../../../../frontend/cli/container-test/wide-msgpack.ts';

const header = { rows: 3, shape: [-1, 2 ** 40], budget_us: 0.5, name: 'ä', flag: [true, false], none: null, bytes: Buffer.from([1, 2]), nested: { a: {} } };

test('the wide forms mean the same, and are wide', () => {
  const wide = unpack(wideMsgpack(header)) as Record<string, unknown>;
  assert.deepEqual({ ...wide, rows: Number(wide['rows']), shape: (wide['shape'] as bigint[]).map(Number) }, { ...header });
  assert.deepEqual([...wideMsgpack({ n: 1 })], [0xdf, 0, 0, 0, 1, 0xdb, 0, 0, 0, 1, 110, 0xd3, 0, 0, 0, 0, 0, 0, 0, 1]);
});

test('integers as floats', () => {
  assert.deepEqual(unpack(wideMsgpack(header, true)), header);
  assert.equal(wideMsgpack(1, true)[0], 0xcb);
});
