import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openRow, outcome } from '../../../../support/open-row.ts';

test('the first element settles whether a row is flat or nested; the others have to stand as it does', () => {
  const { row: { nesting }, column, written } = openRow({ dtype: 'uint8', shape: [2, 2] });
  assert.deepEqual([nesting.atLeaf, nesting.open(), nesting.open(), nesting.atLeaf], [false, undefined, undefined, true]);
  for (let i = 0; i < 2; i++) {
    assert.equal(nesting.place(), undefined);
    nesting.add(1);
  }
  assert.equal(nesting.room, 0);
  assert.deepEqual(nesting.place(), { code: 'wrong_shape', message: 'Expected 2 numbers, got more.', path: '[0]' });
  assert.equal(nesting.close(), undefined);
  assert.deepEqual(nesting.place(), { code: 'wrong_shape', message: 'Expected an array of 2 (uint8, shape [2, 2]), got a single value.', path: '[1]' });
  assert.equal(nesting.open(), undefined);
  nesting.add(2);
  assert.deepEqual([nesting.close(), nesting.close(), nesting.depth, column.rows], [undefined, undefined, 0, 1]);
  written();
});

test('a flat row is counted against the whole shape; where rows are nested exactly it is none', () => {
  const { row: { nesting }, written } = openRow({ dtype: 'uint8', shape: [2, 2] });
  nesting.open();
  assert.deepEqual([nesting.place(), nesting.room], [undefined, 4]);
  nesting.add(3);
  assert.equal(nesting.close()?.message, 'Expected 4 numbers (uint8, shape [2, 2]), got 3.');
  written();
  const exact = openRow({ dtype: 'uint8', shape: [2, 2], limits: { exactForms: true } });
  exact.row.nesting.open();
  assert.equal(outcome(exact.row.nesting.place()), 'wrong_shape');
  exact.written();
});

test('open extents are what came; the next row has to have them too, unless rows are ragged', () => {
  for (const [ragged, second] of [[false, 'ragged_input'], [true, 'taken']] as const) {
    const { row: { nesting }, column, written } = openRow({ dtype: 'uint8', shape: [-1], ragged });
    for (const [count, expected] of [[3, 'taken'], [2, second]] as const) {
      nesting.start(column, false);
      nesting.open();
      nesting.place();
      nesting.add(count);
      assert.equal(outcome(nesting.close()), expected);
    }
    written();
  }
});

test('bytes in base64 settle the one open extent; more than one must be nested', () => {
  const one = openRow({ dtype: 'uint8', shape: [-1, 2] });
  assert.equal(one.row.nesting.total(6, '6 bytes'), undefined);
  assert.equal(one.row.nesting.total(5, '5 bytes')?.message, 'Expected 6 numbers (uint8, shape [-1, 2]), got 5 bytes.');
  one.written();
  const two = openRow({ dtype: 'uint8', shape: [-1, -1] });
  assert.match(two.row.nesting.total(6, '6 bytes')?.message ?? '', /^Expected nested arrays/);
  two.written();
});

test('what stands in place of an element is told with its path', () => {
  const { row: { nesting }, written } = openRow({ dtype: 'bool', shape: [2] });
  nesting.open();
  nesting.place();
  nesting.add(1);
  assert.deepEqual(nesting.wrongType('a number'), { code: 'wrong_dtype', message: 'Expected `true` or `false`, got a number.', path: '[1]' });
  assert.deepEqual(nesting.excess(), { code: 'wrong_shape', message: 'Expected a single value of bool, got an array.', path: '[1]' });
  written();
});
