import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dtype } from '../../../../../protos/dtype.ts';
import { beginsNotFinite, readNotFinite, readNumber } from '../../../../../frontend/http/predict-body/row-number.ts';
import { openRow, outcome } from '../../../../support/open-row.ts';

function number(dtype: Dtype, text: string, exactForms = false): string {
  const { row, window, written } = openRow({ dtype, shape: [], text, limits: { exactForms } });
  const read = outcome(readNumber(window, row));
  const hex = written();
  return read === 'taken' ? `${hex} then ${window.shown(window.at)}` : read;
}

test('a number is stored as its dtype, up to what ends it', () => {
  assert.equal(number('float32', '1.5,'), "0000c03f then ','");
  assert.equal(number('uint8', '2e2]'), "c8 then ']'");
  assert.equal(number('int64', '-9223372036854775808 '), '0000000000000080 then byte 0x20');
  assert.equal(number('uint64', '18446744073709551615,'), "ffffffffffffffff then ','");
});

test('what the bytes do not settle is asked for again; the rest is refused', () => {
  for (const text of ['1', '-', '1.', '1e', '12.5']) assert.equal(number('float32', text), 'cut off', text);
  for (const text of ['01,', '1.,', '-x', '1e+,']) assert.equal(number('float32', text), 'not_json', text);
  for (const [dtype, text, code] of [
    ['uint8', '256,', 'wrong_dtype'], ['int8', '1.5,', 'wrong_dtype'], ['float32', '1e39,', 'not_finite'], ['bool', '1,', 'wrong_dtype'], ['bytes', '1,', 'wrong_dtype'],
    ['float64', `${'1'.repeat(3000)},`, 'invalid_field'], ['uint64', '18446744073709551616,', 'wrong_dtype'],
  ] as const) assert.equal(number(dtype, text), code, text.slice(0, 30));
  assert.equal(number('int8', '1.0,', true), 'wrong_dtype');
  assert.equal(number('int8', '1.0,'), "01 then ','");
});

test('words for what is not finite are numbers of the floats', () => {
  const word = (dtype: Dtype, text: string): string => {
    const { row, window, written } = openRow({ dtype, shape: [], text });
    const read = outcome(readNotFinite(window, row));
    const hex = written();
    return read === 'taken' ? hex : read;
  };
  assert.deepEqual(['NaN,', 'Infinity]', '-Inf ', '-Infinity,'].map((text) => word('float32', text)), ['0000c07f', '0000807f', '000080ff', '000080ff']);
  assert.deepEqual(['Na', '-Infin', 'Inf'].map((text) => word('float32', text)), ['cut off', 'cut off', 'cut off']);
  assert.deepEqual([word('float32', 'Nope,'), word('float32', 'Infinite,'), word('int8', 'NaN,')], ['not_json', 'not_json', 'wrong_dtype']);
  const begins = ['NaN', '-Inf', '-1', 'null', '-'].map((text) => {
    const { window, written } = openRow({ dtype: 'float32', shape: [], text });
    written();
    return beginsNotFinite(window, text.charCodeAt(0));
  });
  assert.deepEqual(begins, [true, true, false, false, false]);
});
