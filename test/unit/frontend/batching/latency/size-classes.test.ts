import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LARGEST_ROWS, SIZE_CLASSES, rowsOfClass, sizeClassOf } from '../../../../../frontend/batching/latency/size-classes.ts';

test('every size up to the largest lies in its class, and the classes follow one another without a gap', () => {
  let before = -1;
  for (let rows = 1; rows <= LARGEST_ROWS; rows++) {
    const index = sizeClassOf(rows);
    assert.ok(index === before || index === before + 1, `class ${index} of ${rows} after ${before}`);
    assert.ok(rows <= rowsOfClass(index) && (index === 0 || rows > rowsOfClass(index - 1)), `${rows} in class ${index}`);
    before = index;
  }
  assert.equal(before, SIZE_CLASSES - 1);
});

test('up to 128 rows each size stands alone, above it a class is at most 1/32 of its size wide', () => {
  for (let rows = 1; rows <= 128; rows++) assert.equal(rowsOfClass(sizeClassOf(rows)), rows);
  for (let index = 128; index < SIZE_CLASSES; index++) assert.ok((rowsOfClass(index) - rowsOfClass(index - 1)) * 32 <= rowsOfClass(index));
});

test('a power of two is the last size of its class', () => {
  for (let rows = 1; rows <= LARGEST_ROWS; rows *= 2) assert.equal(rowsOfClass(sizeClassOf(rows)), rows);
});

test('what is no size of a batch falls into the first or the last class', () => {
  assert.equal(sizeClassOf(0), 0);
  assert.equal(sizeClassOf(-7), 0);
  assert.equal(sizeClassOf(2 ** 40), SIZE_CLASSES - 1);
});
