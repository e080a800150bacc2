import assert from 'node:assert/strict';
import { createServer, constants, type ServerHttp2Stream, type Settings } from 'node:http2';
import { createServer as createBareServer, type AddressInfo, type Socket } from 'node:net';
import { test } from 'node:test';
import { GrpcConnection } from '../../../../bench/protocols/grpc-connection.ts';
import { FLAG, FRAME, frameOf, settingsFrame } from '../../../../bench/protocols/http2-frames.ts';

interface Met {
  readonly at: { readonly host: string; readonly port: number };
  close(): void;
}

/** A server of node's that hands on the whole body of every call. */
async function http2Server(settings: Settings, answer: (stream: ServerHttp2Stream, body: Buffer, path: string) => void): Promise<Met> {
  const server = createServer({ settings });
  const sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => sockets.push(socket));
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('error', () => undefined);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => answer(stream, Buffer.concat(chunks), [headers[':path'], headers['te'], headers['content-type']].join(' ')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return met(server.address() as AddressInfo, () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
}

/** A server that says these bytes, and nothing of its own. */
async function scripted(...frames: readonly Buffer[]): Promise<Met> {
  const sockets: Socket[] = [];
  const server = createBareServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.write(Buffer.concat(frames));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return met(server.address() as AddressInfo, () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
}

function met({ port }: AddressInfo, close: () => void): Met {
  return { at: { host: '127.0.0.1', port }, close };
}

function answerWith(stream: ServerHttp2Stream, status: number, message = Buffer.alloc(5)): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc+proto' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status, 'grpc-message': '' }));
  stream.end(message);
}

/** Makes these calls at once; how many were answered, or rejects with what broke. */
function calls({ at }: Met, messages: readonly Buffer[]): Promise<number> {
  return new Promise((resolve, reject) => {
    let answered = 0;
    const connection = new GrpcConnection(at, '/a.B/C', {
      ready: () => messages.forEach((message) => connection.call(message)),
      answered: () => {
        answered++;
        if (answered < messages.length) return;
        connection.close();
        resolve(answered);
      },
      failed: (why) => reject(new Error(why)),
    });
  });
}

test('many calls arrive whole and in order through small windows and small frames', async () => {
  const got: Buffer[] = [];
  const paths = new Set<string>();
  const server = await http2Server({ initialWindowSize: 1000 }, (stream, body, path) => {
    got.push(body);
    paths.add(path);
    answerWith(stream, 0);
  });
  const messages = Array.from({ length: 60 }, (_, at) => Buffer.alloc(at === 0 ? 0 : 3136 + at * 500, at));
  assert.equal(await calls(server, messages), 60);
  server.close();
  assert.deepEqual(got.map((body) => [body[0], body.readUInt32BE(1), body.length - 5]), messages.map(({ length }) => [0, length, length]));
  assert.ok(got.every((body, at) => body.subarray(5).equals(messages[at] ?? Buffer.alloc(0))));
  assert.deepEqual([...paths], ['/a.B/C trailers application/grpc']);
});

test('answers longer than a frame and a window come whole', async () => {
  const server = await http2Server({}, (stream) => answerWith(stream, 0, Buffer.alloc(300_000)));
  assert.equal(await calls(server, [Buffer.from('a'), Buffer.from('b')]), 2);
  server.close();
});

test('a call that ends with another status, or without a message, breaks the connection with words', async () => {
  for (const [how, why] of [
    [(stream: ServerHttp2Stream) => answerWith(stream, 14), /grpc-status 14/],
    [(stream: ServerHttp2Stream) => stream.respond({ ':status': 200, 'grpc-status': 5 }, { endStream: true }), /grpc-status 5/],
    [(stream: ServerHttp2Stream) => stream.respond({ ':status': 404 }, { endStream: true }), /no grpc-status/],
    [(stream: ServerHttp2Stream) => answerWith(stream, 0, Buffer.alloc(0)), /without a message/],
    [(stream: ServerHttp2Stream) => { stream.respond({ ':status': 200 }); stream.end('hello'); }, /without trailers/],
    [(stream: ServerHttp2Stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM), /reset a call with HTTP\/2 error 7/],
    [(stream: ServerHttp2Stream) => stream.session?.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, Buffer.from('too fast')), /GOAWAY with HTTP\/2 error 11 too fast/],
    [(stream: ServerHttp2Stream) => stream.session?.destroy(), /GOAWAY with HTTP\/2 error 0|closed the connection/],
  ] as const) {
    const server = await http2Server({}, how);
    await assert.rejects(calls(server, [Buffer.from('a')]), why);
    server.close();
  }
});

test('more calls than the server takes at a time are refused here', async () => {
  const server = await http2Server({ maxConcurrentStreams: 1 }, () => undefined);
  await assert.rejects(calls(server, [Buffer.from('a'), Buffer.from('b')]), /more calls at a time than the 1 /);
  server.close();
});

test('what no server should say is refused', async () => {
  const hello = settingsFrame([]);
  for (const [frame, why] of [
    [frameOf({ type: FRAME.headers, flags: FLAG.endHeaders | FLAG.endStream, stream: 7, payload: Buffer.alloc(0) }), /on stream 7, where no call is under way/],
    [frameOf({ type: FRAME.headers, flags: FLAG.endStream, stream: 1, payload: Buffer.alloc(0) }), /more than one frame/],
    [frameOf({ type: FRAME.pushPromise, flags: 0, stream: 1, payload: Buffer.alloc(4) }), /type 5/],
  ] as const) {
    const server = await scripted(hello, frame);
    await assert.rejects(calls(server, [Buffer.from('a')]), why);
    server.close();
  }
});

test('settings and pings are acknowledged', async () => {
  const heard: Buffer[] = [];
  const acks = Buffer.concat([frameOf({ type: FRAME.settings, flags: FLAG.ack, stream: 0, payload: Buffer.alloc(0) }), frameOf({ type: FRAME.ping, flags: FLAG.ack, stream: 0, payload: Buffer.from('12345678') })]);
  const server = createBareServer((socket) => {
    socket.on('data', (chunk) => {
      heard.push(chunk);
      if (Buffer.concat(heard).includes(acks)) socket.destroy();
    });
    socket.write(Buffer.concat([settingsFrame([]), frameOf({ type: FRAME.ping, flags: 0, stream: 0, payload: Buffer.from('12345678') })]));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await assert.rejects(calls(met(server.address() as AddressInfo, () => undefined), []), /closed the connection|ECONNRESET/);
  server.close();
});
