import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteWindow } from '../../../../../frontend/http/predict-body/byte-window.ts';

test('what was not read stays, in one piece with what comes, and keeps its position', () => {
  const window = new ByteWindow();
  window.append(Buffer.from('abcdef'), 0);
  window.skip(4);
  window.append(Buffer.from('gh'), 0);
  assert.equal(window.bytes.toString('latin1', window.at, window.end), 'efgh');
  assert.equal(window.position(window.at), 4);
});

test('zeros follow the last byte, whatever lay there before', () => {
  const window = new ByteWindow();
  window.append(Buffer.alloc(100, 0x39), 0);
  window.skip(100);
  window.append(Buffer.from('1'), 0);
  assert.deepEqual([...window.bytes.subarray(window.end, window.end + 16)], Array.from({ length: 16 }, () => 0));
});

test('it takes a large chunk in pieces, grows for a token that stays, and shrinks again', () => {
  const window = new ByteWindow();
  const chunk = Buffer.alloc(1 << 20, 0x61);
  const first = window.append(chunk, 0);
  assert.ok(first > 0 && first < chunk.length);
  let at = first;
  while (at < chunk.length) at += window.append(chunk, at);
  assert.equal(window.end - window.at, chunk.length);
  assert.ok(window.bytes.subarray(window.at, window.end).every((byte) => byte === 0x61));
  window.reset();
  assert.ok(window.bytes.length < 100_000);
  assert.equal(window.peek(), -1);
});

test('peek steps over white space only', () => {
  const window = new ByteWindow();
  window.append(Buffer.from(' \t\r\n\u000bx'), 0);
  assert.equal(window.peek(), 0x0b);
  assert.equal(window.position(window.at), 4);
});
