import assert from 'node:assert/strict';
import { test } from 'node:test';
import { harmless, paintFor } from '../../../../../frontend/cli/terminal/screen.ts';

test('colour only on a terminal that can, where nobody said no', () => {
  assert.equal(paintFor(true, {})('red', 'x'), '\u001B[31mx\u001B[39m');
  for (const paint of [paintFor(false, {}), paintFor(true, { NO_COLOR: '1' }), paintFor(true, { TERM: 'dumb' })]) assert.equal(paint('red', 'x'), 'x');
  assert.notEqual(paintFor(true, { NO_COLOR: '' })('bold', 'x'), 'x');
});

test('a text of somebody else moves no cursor and begins no line', () => {
  assert.equal(harmless('\u001B[2Ja\tb\r\nc\u0007'), 'a  b c ');
});
