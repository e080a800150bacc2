import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Head } from '../../../../../frontend/http/lane/head.ts';
import { KnownHeads } from '../../../../../frontend/http/lane/known-heads.ts';
import { SEED, seeded } from '../../../../support/random.ts';

function head(length: string, more = ''): string {
  return `POST /p HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\nAccept: */*\r\n${more}\r\n`;
}

function setUp() {
  const judged: Head[] = [];
  const heads = new KnownHeads((read) => {
    judged.push(read);
    return read.path === '/p' ? { path: read.path, headers: read.headers, take: () => {} } : undefined;
  }, { headBytes: 4096, bodyBytes: 1000 });
  return { heads, judged, read: (text: string) => heads.read(Buffer.from(text, 'latin1'), 0) };
}

test('what differs in the length alone is judged once, and has its own length', () => {
  const { heads, judged, read } = setUp();
  const first = read(head('5'));
  assert.deepEqual([first?.headers.host, heads.bodyBytes], ['localhost', 5]);
  for (const length of ['0', '17', '1000']) assert.deepEqual([read(head(length)), heads.bodyBytes], [first, Number(length)]);
  assert.equal(judged.length, 1);
});

test('whatever else differs is read anew', () => {
  const { judged, read } = setUp();
  const first = read(head('5'));
  const other = read(head('5', 'X-Request-Id: a\r\n'));
  assert.notEqual(other, first);
  assert.equal(other?.headers['x-request-id'], 'a');
  assert.equal(judged.length, 2);
  for (const length of ['', '05', '-5', '5, 6', '5\r\nX: y', '5\r\nContent-Length: 6', '1234567890']) {
    const known = read(head(length));
    assert.equal(known !== undefined, length === '5\r\nX: y', JSON.stringify(length));
  }
});

test('a body that is too long is not the lane\'s, whether or not its head is known', () => {
  const { read } = setUp();
  assert.equal(read(head('1001')), undefined);
  assert.ok(read(head('1000')) !== undefined);
  assert.equal(read(head('1001')), undefined);
});

test('a head that nobody takes is not remembered', () => {
  const { judged, read } = setUp();
  const other = head('5').replace('/p', '/q');
  assert.deepEqual([read(other), read(other), judged.length], [undefined, undefined, 2]);
});

test('a head may begin anywhere, and its body begins behind it; one that is not whole is none, known or not', () => {
  const { heads, judged } = setUp();
  const two = Buffer.from(`${head('3')}abc${head('10')}0123456789`, 'latin1');
  const firstBody = two.indexOf('abc');
  const nothing = [...two.subarray(0, firstBody).keys()].filter((length) => heads.read(two.subarray(0, length), 0) !== undefined);
  assert.deepEqual(nothing, []);
  const first = heads.read(two, 0);
  assert.deepEqual([first !== undefined, heads.bodyBytes, heads.bodyAt], [true, 3, firstBody]);
  const secondBody = two.indexOf('0123456789');
  assert.deepEqual([...two.subarray(firstBody + 3, secondBody).keys()].filter((length) => heads.read(two.subarray(0, firstBody + 3 + length), firstBody + 3) !== undefined), []);
  assert.deepEqual([heads.read(two, firstBody + 3), heads.bodyBytes, heads.bodyAt, judged.length], [first, 10, secondBody, 1]);
});

test('a head is as long as it may be, and no longer', () => {
  for (const [headBytes, isTaken] of [[head('5').length, true], [head('5').length - 1, false]] as const) {
    const heads = new KnownHeads(({ path, headers }) => ({ path, headers, take: () => {} }), { headBytes, bodyBytes: 1000 });
    assert.equal(heads.read(Buffer.from(head('5'), 'latin1'), 0) !== undefined, isTaken);
  }
});

test('ids of requests and traces vary as the length does: each request has its own, and what else was said', () => {
  const { heads, judged, read } = setUp();
  const named = (id: string, trace: string, length: string): string => head(length, `X-Request-Id: ${id}\r\nUser-Agent: a b\r\ntraceparent:${trace}\r\n`);
  const first = read(named('a', '00-1', '5'));
  const headersOfFirst = heads.headers;
  const second = read(named('bcd', '00-2', '17'));
  assert.deepEqual([second, judged.length, heads.bodyBytes], [first, 1, 17]);
  assert.deepEqual(['x-request-id', 'traceparent', 'user-agent', 'host', 'absent'].map((name) => heads.headers[name]), ['bcd', '00-2', 'a b', 'localhost', undefined]);
  assert.deepEqual([headersOfFirst['x-request-id'], headersOfFirst['traceparent']], ['a', '00-1'], 'one request has not the headers of another');
  for (const id of ['', 'a\tb', '\u00e9', 'a\r\nX: y']) {
    read(named(id, '00-3', '5'));
    assert.notEqual(heads.headers['x-request-id'], id, JSON.stringify(id));
  }
  read(named('x'.repeat(300), '00-4', '5'));
  assert.equal(heads.headers['x-request-id'], 'x'.repeat(300));
});

const value = fc.oneof(fc.constantFrom('a', '5', '17', '005', '', ' a', 'a b', 'a ', '\x7f', 'a\r\nHost: b'), fc.string({ maxLength: 12 }));
const headerLines = fc.uniqueArray(fc.constantFrom('Content-Length', 'X-Request-Id', 'traceparent', 'Host', 'Accept', 'X-Other'), { minLength: 1 });

test(seeded('what a connection said before changes nothing of how a head is read'), () => {
  fc.assert(fc.property(headerLines, fc.array(fc.tuple(fc.dictionary(fc.constantFrom('Content-Length', 'X-Request-Id', 'traceparent', 'Accept'), value), fc.nat(3)), { minLength: 1, maxLength: 6 }), (names, requests) => {
    const { heads } = setUp();
    for (const [values, cut] of requests) {
      const usual: Record<string, string> = { 'Content-Length': '5', Host: 'localhost', 'X-Request-Id': 'id', traceparent: '00-aa', Accept: '*/*', 'X-Other': 'y' };
      const text = `POST /p HTTP/1.1\r\n${names.map((name) => `${name}: ${values[name] ?? usual[name] ?? ''}\r\n`).join('')}\r\n`;
      const bytes = Buffer.from(cut === 0 ? text.slice(0, -1) : text, 'latin1');
      const fresh = setUp().heads;
      const [read, anew] = [heads.read(bytes, 0), fresh.read(bytes, 0)];
      assert.equal(read === undefined, anew === undefined, JSON.stringify(text));
      if (read === undefined) continue;
      assert.deepEqual([heads.bodyBytes, heads.bodyAt], [fresh.bodyBytes, fresh.bodyAt]);
      for (const name of ['host', 'x-request-id', 'traceparent', 'accept', 'x-other']) assert.equal(heads.headers[name], fresh.headers[name], `${name} of ${JSON.stringify(text)}`);
    }
  }), { seed: SEED, numRuns: 3000 });
});
