import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beginElement, readText, textEnd } from '../../../../../frontend/http/predict-body/row-text.ts';
import { openRow, outcome } from '../../../../support/open-row.ts';

function text(literal: string): string {
  const { row, window, written } = openRow({ dtype: 'bytes', shape: [], text: literal, limits: { maxStringBytes: 20 } });
  const read = outcome(readText(window, row));
  const hex = written();
  return read === 'taken' ? hex : read;
}

test('a string is its length and its UTF-8', () => {
  assert.deepEqual(['"é",', '"\\u00e9"', '""'].map(text), ['02000000c3a9', '02000000c3a9', '00000000']);
});

test('a string that is cut, too long, or no text is not taken', () => {
  assert.deepEqual(['"abc', '"abc\\'].map(text), ['cut off', 'cut off']);
  assert.equal(text(`"${'x'.repeat(21)}"`), 'body_too_large');
  assert.equal(text(`"${'x'.repeat(30)}`), 'body_too_large');
  assert.deepEqual(['"a\nb"', '"\\x"'].map(text), ['not_json', 'not_json']);
  assert.equal(text('"\\ud800"'), 'wrong_dtype');
});

test('an element begins with its length, little-endian', () => {
  const { column, window, row, written } = openRow({ dtype: 'bytes', shape: [], text: '"ab"' });
  assert.equal(textEnd(window, row), 3);
  beginElement(column, 0x01020304 & 0xffff);
  assert.equal(written(), '04030000');
});
