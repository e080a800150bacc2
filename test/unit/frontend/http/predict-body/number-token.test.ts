import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CUT, exactInteger, numberEnd } from '../../../../../frontend/http/predict-body/number-token.ts';

function end(text: string): number {
  return numberEnd(Buffer.from(text), 0, Buffer.byteLength(text));
}

test('it ends where the grammar says', () => {
  for (const number of ['0', '-0', '12', '1.5', '-1.25e-10', '1E+5', '0.0e00']) assert.equal(end(`${number},`), number.length, number);
});

test('it is cut wherever more could come', () => {
  for (const start of ['-', '0', '1', '1.', '1.5', '1e', '1e-', '1e-5', '']) assert.equal(end(start), CUT, start);
});

test('it says which byte cannot stand there', () => {
  assert.deepEqual(['01,', '-,', '1.,', '1e,', '1e+,', '+1,', '.5,'].map(end), [-3, -3, -4, -4, -5, -2, -2]);
});

test('an integer is exact however it is written', () => {
  assert.equal(exactInteger('9223372036854775807'), 9223372036854775807n);
  assert.equal(exactInteger('-9.223372036854775808e18'), -9223372036854775808n);
  assert.equal(exactInteger('1200e-2'), 12n);
  assert.equal(exactInteger('-0.000'), 0n);
  assert.equal(exactInteger('1.5'), undefined);
  assert.equal(exactInteger('1e999999999'), undefined);
});
