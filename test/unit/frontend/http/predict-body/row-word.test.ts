import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dtype } from '../../../../../protos/dtype.ts';
import { readWord } from '../../../../../frontend/http/predict-body/row-word.ts';
import { openRow, outcome } from '../../../../support/open-row.ts';

function word(text: string, dtype: Dtype = 'bool'): string {
  const { row, window, written } = openRow({ dtype, shape: [], text });
  const read = outcome(readWord(window, row));
  const hex = written();
  return read === 'taken' ? hex : read;
}

test('true and false are the elements of bool', () => {
  assert.deepEqual(['true,', 'false]'].map((text) => word(text)), ['01', '00']);
  assert.deepEqual(['tru', 'f'].map((text) => word(text)), ['cut off', 'cut off']);
});

test('other words are none', () => {
  assert.deepEqual(['trus', 'x', ']'].map((text) => word(text)), ['not_json', 'not_json', 'not_json']);
  assert.deepEqual([word('null'), word('true', 'float32')], ['wrong_dtype', 'wrong_dtype']);
});
