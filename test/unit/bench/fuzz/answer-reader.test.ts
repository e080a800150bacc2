import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnswerReader } from '../../../../bench/fuzz/answer-reader.ts';

function answer(status: number, body: string, more = ''): string {
  return `HTTP/1.1 ${status} X\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${more}\r\n${body}`;
}

test('answers are cut out of bytes that come in any pieces; interim ones are passed over', () => {
  const bytes = Buffer.from(`HTTP/1.1 100 Continue\r\n\r\n${answer(200, 'one')}${answer(400, '{}', 'Connection: close\r\n')}`);
  for (const size of [1, 7, bytes.length]) {
    const reader = new AnswerReader(() => false);
    for (let at = 0; at < bytes.length; at += size) reader.push(Buffer.from(bytes.subarray(at, at + size)));
    assert.deepEqual(reader.answers.map(({ status, body, closes }) => [status, body.toString(), closes]), [[200, 'one', false], [400, '{}', true]]);
  }
});

test('an answer to HEAD ends with its head', () => {
  const reader = new AnswerReader((i) => i === 0);
  reader.push(Buffer.from(`HTTP/1.1 405 X\r\nContent-Length: 99\r\n\r\n${answer(200, 'x')}`));
  assert.deepEqual(reader.answers.map(({ status }) => status), [405, 200]);
});

test('bytes that are no answer, and an answer without a length, are refused', () => {
  assert.throws(() => new AnswerReader(() => false).push(Buffer.from('\0\0HTTP/1.1 200 OK\r\n\r\n')), /no HTTP answer/);
  assert.throws(() => new AnswerReader(() => false).push(Buffer.from('HTTP/1.1 200 OK\r\n\r\n')), /without Content-Length/);
});
