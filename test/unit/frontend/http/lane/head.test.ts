import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readHead } from '../../../../../frontend/http/lane/head.ts';

const LINES = ['POST /v1/apps/a/predict HTTP/1.1', 'Host: localhost', 'Content-Type: application/json', 'Content-Length: 19'];
const head = (lines: readonly string[]): string => `${lines.join('\r\n')}\r\n\r\n`;
const withLine = (line: string): string => head([...LINES, line]);

test('a plain head is read, with the places of what varies', () => {
  const text = head([...LINES, 'ACCEPT:*/*', 'X-Request-ID:a-1', 'X-Words: a b  c', 'TraceParent: 00-ab', 'connection: Keep-Alive']);
  const found = readHead(text);
  assert.ok(found !== undefined);
  assert.deepEqual([found.path, found.bodyBytes, found.varying.map(({ name, from, to }) => [name, text.slice(from, to)])], ['/v1/apps/a/predict', 19, [['content-length', '19'], ['x-request-id', 'a-1'], ['traceparent', '00-ab']]]);
  assert.deepEqual({ ...found.headers }, { host: 'localhost', 'content-type': 'application/json', 'content-length': '19', accept: '*/*', 'x-request-id': 'a-1', 'x-words': 'a b  c', traceparent: '00-ab', connection: 'Keep-Alive' });
});

test('names that objects have are names like others', () => {
  assert.deepEqual(Object.entries(readHead(withLine('__proto__: x'))?.headers ?? {}).at(-1), ['__proto__', 'x']);
  assert.equal(readHead(LINES.join('\r\n') + '\r\nconstructor: x\r\n\r\n')?.headers['constructor'], 'x');
});

for (const line of [
  'GET /v1/apps/a/predict HTTP/1.1', 'post /v1/apps/a/predict HTTP/1.1', 'POST /v1/apps/a/predict HTTP/1.0', 'POST /v1/apps/a/predict HTTP/1.2', 'POST  /v1/apps/a/predict HTTP/1.1', 'POST /v1/apps/a/predict  HTTP/1.1',
  'POST /v1/apps/a/predict?x=1 HTTP/1.1', 'POST /v1/apps/%61/predict HTTP/1.1', 'POST /v1//predict HTTP/1.1', 'POST /v1/apps/a/predict/ HTTP/1.1', 'POST http://localhost/v1/apps/a/predict HTTP/1.1', 'POST * HTTP/1.1', 'POST /v1/apps/a/predict', ' POST /v1/apps/a/predict HTTP/1.1',
]) {
  test(`not taken for its first line: ${line}`, () => assert.equal(readHead(head([line, ...LINES.slice(1)])), undefined));
}

for (const line of [
  'Host: localhost', 'content-length: 19', 'Content-Type: application/json', 'Transfer-Encoding: chunked', 'Content-Encoding: identity', 'Trailer: x', 'TE: trailers', 'Upgrade: h2c', 'Expect: 100-continue', 'Origin: http://localhost',
  'Connection: close', 'Connection: upgrade', 'Connection: keep-alive, te', ' folded', '\tfolded', 'no colon', ': no name', 'X Space: a', 'X-Before : a', 'X-Tab:\ta', 'X-Two:  a', 'X-Behind: a ', 'X-Empty:', 'X-Empty: ', 'X-Cr: a\rb', 'X-Lf: a\nX-Next: b',
  'X-Null: \0', 'X-Del: \u007f', 'X-High: \u00e9', 'X-\u00e9: a', '',
]) {
  test(`not taken for a line of it: ${JSON.stringify(line)}`, () => assert.equal(readHead(withLine(line)), undefined));
}

test('a head needs a host and a length, and an end', () => {
  assert.equal(readHead(head(LINES.filter((line) => !line.startsWith('Host')))), undefined);
  assert.equal(readHead(head(LINES.slice(0, -1))), undefined);
  assert.equal(readHead(`${LINES.join('\r\n')}\r\n`), undefined);
  assert.equal(readHead(`${LINES.join('\r\n')}\r\n\n`), undefined);
  assert.equal(readHead(`${LINES[0]}\r\n\r\n`), undefined);
});

test('a length is written in one way', () => {
  const withLength = (digits: string): string => `${LINES.filter((line) => !line.startsWith('Content-Length')).join('\r\n')}\r\nContent-Length: ${digits}\r\n\r\n`;
  for (const [digits, length] of [['0', 0], ['7', 7], ['123456789', 123456789]] as const) assert.equal(readHead(withLength(digits))?.bodyBytes, length);
  for (const digits of ['', '00', '07', '1234567890', '-1', '+1', '1e3', '0x1', '1 ', '1,1', '1.0', '\u0661']) assert.equal(readHead(withLength(digits)), undefined, digits);
});
