import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSource } from '../../../../bench/load/listed-source.ts';

test('requests go round in their order', () => {
  const source = createSource({ requests: [{ path: '/a', host: 'h', body: '1' }, { path: '/b', host: 'h', body: '2' }] });
  const paths = [0, 1, 2, 3].map((i) => Buffer.from(source.next(i)).toString().split(' ')[1]);
  assert.deepEqual(paths, ['/a', '/b', '/a', '/b']);
});

test('an empty list is refused', () => {
  assert.throws(() => createSource({ requests: [] }), RangeError);
});
