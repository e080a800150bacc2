import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSource } from '../../../../bench/load/patched-source.ts';

function body(options: object, sequence: number): string {
  const source = createSource(options);
  return Buffer.from(source.next(sequence)).toString().split('\r\n\r\n')[1] ?? '';
}

test('every run of the mark becomes the number of the request, zeros before it', () => {
  const request = { path: '/p', host: 'h', body: '[0.5####,1.##]' };
  assert.equal(body({ request }, 42), '[0.50042,1.42]');
});

test('a number too long for its run keeps its low digits', () => {
  assert.equal(body({ request: { path: '/p', host: 'h', body: '[1.##]' } }, 12_345), '[1.45]');
});

test('one source gives a fresh body each time, with the mark that was named', () => {
  const source = createSource({ request: { path: '/p', host: 'h', body: '[0.@@@]' }, mark: '@' });
  const bodies = [1, 2, 999].map((i) => Buffer.from(source.next(i)).toString().slice(-7));
  assert.deepEqual(bodies, ['[0.001]', '[0.002]', '[0.999]']);
});

test('a body without a mark is refused, and marks in the head are left alone', () => {
  assert.throws(() => createSource({ request: { path: '/#', host: 'h', body: '[1]' } }), RangeError);
});
