import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Head } from '../../../../../frontend/http/lane/head.ts';
import { KnownHeads } from '../../../../../frontend/http/lane/known-heads.ts';

function head(length: string, more = ''): string {
  return `POST /p HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\nAccept: */*\r\n${more}\r\n`;
}

function setUp() {
  const judged: Head[] = [];
  const heads = new KnownHeads((read) => {
    judged.push(read);
    return read.path === '/p' ? { path: read.path, headers: read.headers, take: () => {} } : undefined;
  }, 1000);
  return { heads, judged };
}

test('what differs in the length alone is judged once, and has its own length', () => {
  const { heads, judged } = setUp();
  const first = heads.read(head('5'));
  assert.deepEqual([first?.headers.host, heads.bodyBytes], ['localhost', 5]);
  for (const length of ['0', '17', '1000']) assert.deepEqual([heads.read(head(length)), heads.bodyBytes], [first, Number(length)]);
  assert.equal(judged.length, 1);
});

test('whatever else differs is read anew', () => {
  const { heads, judged } = setUp();
  const first = heads.read(head('5'));
  const other = heads.read(head('5', 'X-Request-Id: a\r\n'));
  assert.notEqual(other, first);
  assert.equal(other?.headers['x-request-id'], 'a');
  assert.equal(judged.length, 2);
  for (const length of ['', '05', '-5', '5, 6', '5\r\nX: y', '5\r\nContent-Length: 6', '1234567890']) {
    const known = heads.read(head(length));
    assert.equal(known !== undefined, length === '5\r\nX: y', JSON.stringify(length));
  }
});

test('a body that is too long is not the lane\'s, whether or not its head is known', () => {
  const { heads } = setUp();
  assert.equal(heads.read(head('1001')), undefined);
  assert.ok(heads.read(head('1000')) !== undefined);
  assert.equal(heads.read(head('1001')), undefined);
});

test('a head that nobody takes is not remembered', () => {
  const { heads, judged } = setUp();
  const other = head('5').replace('/p', '/q');
  assert.deepEqual([heads.read(other), heads.read(other), judged.length], [undefined, undefined, 2]);
});
