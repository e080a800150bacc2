import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplyBytes } from '../../../../../frontend/http/lane/reply-bytes.ts';

const REPLY = { status: 200, headers: ['content-type', 'text/plain', 'x-a', 'b'], body: 'abc', bodyBytes: 3, last: false } as const;

function text(bytes: string | Buffer): string {
  return Buffer.from(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes).toString('utf8').replace(/Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/, 'Date: now');
}

test('an answer has its own headers first, then the date and what becomes of the connection', () => {
  const bytes = new ReplyBytes(72_900).of(REPLY);
  assert.equal(typeof bytes, 'string');
  assert.equal(text(bytes), 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nx-a: b\r\nDate: now\r\nConnection: keep-alive\r\nKeep-Alive: timeout=72\r\n\r\nabc');
});

test('the last one says that it is', () => {
  assert.equal(text(new ReplyBytes(1000).of({ ...REPLY, status: 503, headers: [], last: true })), 'HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nDate: now\r\n\r\nabc');
});

test('where connections do not wait, no time is named', () => {
  assert.match(text(new ReplyBytes(0).of(REPLY)), /\r\nConnection: keep-alive\r\n\r\nabc$/);
});

test('what is not ASCII goes out as bytes, and so do bytes', () => {
  for (const body of ['größe', Buffer.from('größe')]) {
    const bytes = new ReplyBytes(1000).of({ ...REPLY, body, bodyBytes: 7 });
    assert.ok(Buffer.isBuffer(bytes));
    assert.match(text(bytes), /\r\n\r\ngröße$/);
  }
});
