import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dtype } from '../../../../../protos/dtype.ts';
import { readRun } from '../../../../../frontend/http/predict-body/row-run.ts';
import { openRow } from '../../../../support/open-row.ts';

/** How the run ended, what it wrote, and where the window then is. */
function run(dtype: Dtype, count: number, text: string, exactForms = false): string {
  const { row, window, written } = openRow({ dtype, shape: [count], text, limits: { exactForms } });
  row.nesting.open();
  row.nesting.place();
  const how = readRun(window, row);
  return `${how} ${written()} ${window.at}`;
}

test('a run goes as far as there is room, and says what comes next', () => {
  for (const dtype of ['uint8', 'int8'] as const) {
    assert.equal(run(dtype, 3, '1,2,3]'), 'number 010203 5', dtype);
    assert.equal(run(dtype, 2, '1, 2,3]'), 'comma 0102 5', dtype);
  }
  assert.equal(run('float32', 2, '1,-2.5]'), 'number 0000803f000020c0 6');
  assert.equal(run('float64', 2, '0.5,1e3]'), 'number 000000000000e03f0000000000408f40 7');
});

test('it stops before a number that the bytes cut, or that the dtype does not hold', () => {
  assert.equal(run('uint8', 3, '1,2,3'), 'comma 0102 4');
  assert.equal(run('uint8', 3, '1,256,3]'), 'stopped 01 2');
  assert.equal(run('float32', 3, '1,2,"3"]'), 'comma 0000803f00000040 4');
  assert.equal(run('uint8', 3, '"1"]'), 'stopped  0');
});

test('integers in exact form have neither point nor exponent', () => {
  assert.equal(run('uint8', 3, '1,2.0,3]'), 'number 010203 7');
  assert.equal(run('uint8', 3, '1,2.0,3]', true), 'stopped 01 2');
  assert.equal(run('float32', 2, '1.0,2e0]', true), 'number 0000803f00000040 7');
});
