import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { createServer, type Http2Server } from 'node:http2';
import { test } from 'node:test';
import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import { streamBelow, takeStreams } from '../../../../frontend/grpc/http2-server.ts';

class StreamDouble extends EventEmitter {
  readonly closed = false;
  destroyed = false;
  readonly said: unknown[] = [];
  respond(headers: Readonly<Record<string, unknown>>): void {
    this.said.push(headers[':status']);
  }
}

test('streams are offered first, and the library has what is not taken; it is told of both', () => {
  const server = new Server();
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const told: unknown[] = [];
  Object.assign(server, { onStreamOpened: (stream: unknown) => told.push(stream) });
  takeStreams(server, (_stream, { ':path': path }) => path === '/ours');
  const [below] = (server as unknown as { readonly http2Servers: ReadonlyMap<Http2Server, unknown> }).http2Servers.keys();
  const [ours, theirs, gone] = [new StreamDouble(), new StreamDouble(), new StreamDouble()];
  gone.destroyed = true;
  below?.emit('stream', ours, { ':path': '/ours' });
  below?.emit('stream', theirs, { ':path': '/theirs' });
  for (const path of ['/ours', '/theirs']) below?.emit('stream', gone, { ':path': path });
  assert.deepEqual([ours.said, theirs.said, gone.said], [[], [415], []], 'without a content type, as the library has it; whom nobody waits for, nothing');
  for (const stream of [ours, theirs, gone]) stream.emit('error', new Error('what becomes of it is that it closes'));
  assert.deepEqual(told, [ours, theirs]);
  injector.destroy();
  server.forceShutdown();
});

test('a library that keeps its server elsewhere, or serves streams otherwise, is refused at the start', () => {
  const take = (): boolean => false;
  assert.throws(() => takeStreams(new Server(), take), /does not keep/, 'none, where nothing is injected');
  const below = createServer();
  const inside = (more: object): Server => ({ http2Servers: new Map([[below, {}]]), onStreamOpened: () => {}, ...more }) as unknown as Server;
  assert.throws(() => takeStreams(inside({}), take), /does not keep/, 'nobody listens');
  below.on('stream', () => {});
  assert.throws(() => takeStreams(inside({ onStreamOpened: undefined }), take), /does not keep/);
  takeStreams(inside({}), take);
  below.on('stream', () => {});
  assert.throws(() => takeStreams(inside({}), take), /does not keep/, 'two do');
});

test('the stream below a call is found through whatever stands between; where the library keeps it elsewhere, it says so', () => {
  const stream = new StreamDouble();
  const call = (below: unknown) => ({ call: below }) as unknown as ServerDuplexStream<Buffer, Buffer>;
  assert.equal(streamBelow(call({ stream })), stream);
  assert.equal(streamBelow(call({ nextCall: { nextCall: { stream } } })), stream);
  for (const below of [undefined, {}, { nextCall: {} }]) assert.throws(() => streamBelow(call(below)), /does not keep the stream/);
});
