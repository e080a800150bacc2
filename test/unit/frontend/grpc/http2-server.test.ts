import assert from 'node:assert/strict';
import type { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { http2ServerOf } from '../../../../frontend/grpc/http2-server.ts';

test('a server that takes its connections by injection has one HTTP/2 server; one that has none is refused', () => {
  const server = new Server();
  assert.throws(() => http2ServerOf(server), /does not keep/);
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const found: EventEmitter = http2ServerOf(server);
  assert.ok(found.listenerCount('stream') > 0);
  injector.destroy();
  server.forceShutdown();
});
