import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dtype } from '../../../../../protos/dtype.ts';
import { type Base64Part, readBase64 } from '../../../../../frontend/http/predict-body/row-base64.ts';
import { openRow, outcome } from '../../../../support/open-row.ts';

const PARTS: readonly Base64Part[] = ['key', 'colon', 'text', 'close'];

/** Reads what stands behind the brace, part by part: what was written, or the first part that was not taken and why. */
function object(text: string, dtype: Dtype = 'uint8', shape: readonly number[] = [2]): string {
  const { row, window, written } = openRow({ dtype, shape, text, limits: { maxStringBytes: 20 } });
  for (const part of PARTS) {
    const c = window.peek();
    const read = c < 0 ? 'cut off' : outcome(readBase64(window, row, part, c));
    if (read === 'taken') continue;
    written();
    return `${part}: ${read}`;
  }
  return written();
}

test('base64 stands for a row, or for one element of bytes', () => {
  assert.equal(object('"b64":"AQI="}'), '0102');
  assert.equal(object(' "\\u006264" : "AQI=" }'), '0102');
  assert.equal(object('"b64":"AQI="}', 'bytes', []), '020000000102');
});

test('each part is refused where something else stands there', () => {
  for (const [text, expected] of [
    ['}', 'key: wrong_dtype'], ['1', 'key: not_json'], ['"x":', 'key: unknown_field'], ['"b6', 'key: cut off'], ['"b64"=', 'colon: not_json'], ['"b64":1', 'text: invalid_base64'],
    ['"b64":"AQI"', 'text: invalid_base64'], ['"b64":"A?I="', 'text: invalid_base64'], ['"b64":"AQ=="', 'text: wrong_shape'], ['"b64":"AQI=",', 'close: unknown_field'], ['"b64":"AQI="]', 'close: not_json'],
    ['"b64":"AQI="', 'close: cut off'], [`"b64":"${'A'.repeat(24)}"`, 'text: body_too_large'],
  ] as const) assert.equal(object(text), expected, text);
  assert.equal(object('"b64":"AQI="', 'bool'), 'text: wrong_dtype');
});
