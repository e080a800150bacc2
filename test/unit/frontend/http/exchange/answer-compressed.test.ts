import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { answerCompressed } from '../../../../../frontend/http/exchange/answer-compressed.ts';
import { exchangeOf, RequestDouble, ResponseDouble, SocketDouble } from '../../../../support/http-doubles.ts';

function answering(accept: string | undefined, body: string): { response: ResponseDouble; written: Promise<unknown> } {
  const socket = new SocketDouble();
  const response = new ResponseDouble(socket);
  const head = response.writeHead.bind(response);
  const written = once(response, 'written');
  response.writeHead = (status, headers) => {
    head(status, headers);
    setImmediate(() => response.emit('written'));
  };
  answerCompressed(exchangeOf(new RequestDouble(socket, accept === undefined ? {} : { 'accept-encoding': accept }), response), { status: 200, headers: ['content-type', 'a/b'], body, last: false });
  return { response, written };
}

test('an answer goes out as it is where nobody asked, or where it would gain nothing', async () => {
  for (const [accept, body] of [[undefined, 'x'.repeat(5000)], ['gzip', 'short'], ['br', 'x'.repeat(5000)]] as const) {
    const { response, written } = answering(accept, body);
    await written;
    assert.deepEqual([response.body, response.headers.get('content-encoding'), response.headers.get('content-length')], [body, undefined, String(body.length)]);
  }
});

test('a large one goes out compressed to who takes that, and says so', async () => {
  const body = 'größe'.repeat(1000);
  const { response, written } = answering('gzip, deflate', body);
  await written;
  const bytes = Buffer.from(response.body, 'latin1');
  assert.deepEqual([response.headers.get('content-encoding'), response.headers.get('vary'), response.headers.get('content-length')], ['gzip', 'accept-encoding', String(bytes.length)]);
  assert.equal(gunzipSync(bytes).toString(), body);
});

test('a client that leaves meanwhile gets nothing, and nothing breaks', async () => {
  const leaving = answering('gzip', 'x'.repeat(5000));
  leaving.response.destroyed = true;
  // Compressed on the same threads, after it.
  await answering('gzip', 'x'.repeat(5000)).written;
  await answering('gzip', 'x'.repeat(5000)).written;
  assert.equal(leaving.response.status, 0);
});
