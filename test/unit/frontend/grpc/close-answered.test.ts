import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, constants, createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { closeAnswered } from '../../../../frontend/grpc/close-answered.ts';

const ANSWER = { ':status': 200, 'grpc-status': 8 };

/** What a caller sees who has begun to send, and would go on: the answer's headers, and the code of the reset. */
async function seen(t: TestContext, serve: (stream: ServerHttp2Stream) => void): Promise<{ readonly status: unknown; readonly code: number | undefined }> {
  const server = createServer().on('stream', (stream) => {
    stream.on('error', () => {});
    stream.once('data', () => serve(stream));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  t.after(() => {
    session.destroy();
    server.close();
  });
  const stream = session.request({ ':method': 'POST' });
  let status: unknown;
  stream.on('response', (headers) => { status = headers['grpc-status']; });
  stream.on('error', () => {});
  stream.write('the first of much');
  stream.resume();
  await new Promise((resolve) => stream.on('close', resolve));
  return { status, code: stream.rstCode };
}

test('a caller that would go on gets its answer, and then the end of its stream', async (t) => {
  const said = await seen(t, (stream) => {
    stream.respond(ANSWER, { endStream: true });
    closeAnswered(stream);
  });
  assert.deepEqual(said, { status: '8', code: constants.NGHTTP2_NO_ERROR });
});

test('a stream that was cut meanwhile stays cut', async (t) => {
  const said = await seen(t, (stream) => {
    closeAnswered(stream);
    stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  });
  assert.equal(said.code, constants.NGHTTP2_ENHANCE_YOUR_CALM);
});
