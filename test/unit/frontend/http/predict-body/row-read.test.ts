import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notJson } from '../../../../../frontend/http/predict-body/row-read.ts';
import { openRow } from '../../../../support/open-row.ts';

test('a refusal says what was expected, what stands there, and where', () => {
  const { row, window, written } = openRow({ dtype: 'uint8', shape: [2], text: 'x\u0007' });
  row.nesting.open();
  assert.deepEqual(notJson(window, row, 'a value'), { code: 'not_json', message: "Expected a value, got 'x'.", path: '[0]', at: 0 });
  assert.deepEqual(notJson(window, row, "','", 1, 0), { code: 'not_json', message: "Expected ',', got byte 0x07.", path: '', at: 1 });
  assert.match(notJson(window, row, 'a value', 2).message, /got the end/);
  written();
});
