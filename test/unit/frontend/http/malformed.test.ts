import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerMalformed } from '../../../../frontend/http/malformed.ts';
import { Refusals } from '../../../../frontend/http/refusals.ts';
import { connectionOf, exchangeOf, RequestDouble, ResponseDouble, SocketDouble } from '../../../support/http-doubles.ts';
import { RecordingMeter } from '../../../support/recording-meter.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

function setUp() {
  const socket = new SocketDouble();
  const request = new RequestDouble(socket);
  const response = new ResponseDouble(socket);
  const connection = connectionOf(socket);
  const refusals = new Refusals(new VirtualClock(), new RecordingMeter());
  const fail = (code: string) => answerMalformed(connection, Object.assign(new Error(code), { code }), 'r', refusals);
  return { socket, request, response, connection, fail, latest: exchangeOf(request, response, connection) };
}

test('each fault of the parser has its code', () => {
  for (const [thrown, status, code] of [
    ['HPE_HEADER_OVERFLOW', 431, 'headers_too_large'], ['ERR_HTTP_REQUEST_TIMEOUT', 408, 'request_timeout'], ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 413, 'body_too_large'],
    ['HPE_INVALID_METHOD', 400, 'malformed_request'], ['HPE_INVALID_EOF_STATE', 400, 'malformed_request'],
  ] as const) {
    const { socket, fail } = setUp();
    fail(thrown);
    assert.match(socket.lastWords, new RegExp(`^HTTP/1\\.1 ${status} [\\w ]+\\r\\nconnection: close\\r\\n`));
    const body = socket.lastWords.split('\r\n\r\n')[1] ?? '';
    assert.equal((JSON.parse(body) as { error: { code: string } }).error.code, code);
    assert.match(socket.lastWords, new RegExp(`content-length: ${body.length}\\r\\n`));
  }
});

test('a connection that broke is closed without a word', () => {
  const { socket, fail } = setUp();
  fail('ECONNRESET');
  assert.deepEqual([socket.lastWords, socket.destroyed], ['', true]);
});

test('it is answered once', () => {
  const { socket, fail } = setUp();
  fail('HPE_INVALID_METHOD');
  const { lastWords } = socket;
  fail('HPE_INVALID_METHOD');
  assert.equal(socket.lastWords, lastWords);
});

test('what came whole before is answered first', () => {
  const { socket, request, response, connection, latest, fail } = setUp();
  request.complete = true;
  connection.latest = latest;
  fail('HPE_INVALID_METHOD');
  assert.equal(socket.lastWords, '');
  response.emit('close');
  assert.match(socket.lastWords, /^HTTP\/1\.1 400/);
});

test('a request whose own body is at fault is answered itself, and leaves', () => {
  const { socket, response, connection, latest, fail } = setUp();
  connection.latest = latest;
  let left = 0;
  connection.open.push({ exchange: latest, state: 'body', leave: () => left++ });
  fail('ERR_HTTP_REQUEST_TIMEOUT');
  assert.deepEqual([left, response.status, response.headers.get('connection'), socket.writable], [1, 408, 'close', false]);
});

test('where that answer has been given already, nothing more is said', () => {
  const { socket, response, connection, latest, fail } = setUp();
  connection.latest = latest;
  response.headersSent = true;
  response.writableFinished = true;
  fail('HPE_INVALID_CHUNK_SIZE');
  assert.deepEqual([socket.lastWords, socket.destroyed], ['', true]);
});

test('where that answer waits for those before it, the connection ends behind it', () => {
  const { socket, response, connection, latest, fail } = setUp();
  connection.latest = latest;
  response.headersSent = true;
  fail('HPE_INVALID_CHUNK_SIZE');
  assert.equal(socket.destroyed, false);
  response.emit('close');
  assert.deepEqual([socket.lastWords, socket.destroyed], ['', true]);
});
