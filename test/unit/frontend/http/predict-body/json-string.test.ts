import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteWindow } from '../../../../../frontend/http/predict-body/byte-window.ts';
import { OPEN, sameBytes, stringEnd, stringReach, stringText } from '../../../../../frontend/http/predict-body/json-string.ts';

test('the closing quote is found across chunks, also when they cut an escape', () => {
  const window = new ByteWindow();
  window.append(Buffer.from('"a\\'), 0);
  assert.equal(stringEnd(window), OPEN);
  window.append(Buffer.from('"b\\\\'), 0);
  assert.equal(stringEnd(window), OPEN);
  assert.equal(stringReach(window, OPEN), 7);
  window.append(Buffer.from('" '), 0);
  assert.equal(stringEnd(window), 7);
  assert.equal(stringText(window.bytes, 1, 7), 'a"b\\');
});

test('a control character is refused where it stands', () => {
  for (const [text, at] of [['"a\nb"', 2], ['"\\\u0001"', 2]] as const) {
    const window = new ByteWindow();
    window.append(Buffer.from(text), 0);
    assert.equal(stringEnd(window), -2 - at);
    assert.equal(stringReach(window, -2 - at), at);
  }
});

test('text is UTF-8 with escapes that JSON knows', () => {
  const text = (bytes: Buffer): string | undefined => stringText(bytes, 0, bytes.length);
  assert.equal(text(Buffer.from('é\\u0041\\ud83d\\ude00\\/')), 'éA😀/');
  assert.equal(text(Buffer.from('\\ud800')), '\ud800');
  assert.equal(text(Buffer.from([0x61, 0xff])), undefined);
  assert.equal(text(Buffer.from([0xed, 0xa0, 0x80])), undefined);
  assert.equal(text(Buffer.from('\\x')), undefined);
  assert.equal(text(Buffer.from('\\u12')), undefined);
});

test('bytes are compared whole', () => {
  const bytes = Buffer.from('"input"');
  assert.ok(sameBytes(bytes, 1, 6, Buffer.from('input')));
  assert.ok(!sameBytes(bytes, 1, 5, Buffer.from('input')));
  assert.ok(!sameBytes(bytes, 1, 6, Buffer.from('inpux')));
});
