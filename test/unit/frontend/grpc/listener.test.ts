import assert from 'node:assert/strict';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client, credentials, status } from '@grpc/grpc-js';
import { GrpcListener } from '../../../../frontend/grpc/listener.ts';
import type { UnaryCall } from '../../../../frontend/grpc/unary-call.ts';
import { makeAuthority } from '../../../support/certificates.ts';
import { folderWith } from '../../../support/config-files.ts';
import { TestTls } from '../../../support/door-tls.ts';
import { openGrpc } from '../../../support/grpc-client.ts';

const ECHO = { name: 'a.B', proto: 'health.proto', methods: { Ask: { kind: 'unary' as const, handle: (call: UnaryCall) => call.answer(call.message) } } };
const asItIs = (bytes: Buffer): Buffer => bytes;

/** The status that a call over these credentials comes to, and the connection closed behind it. */
function asked(address: string, how: ReturnType<typeof credentials.createSsl>): Promise<number> {
  const client = new Client(address, how);
  return new Promise((resolve) => {
    client.makeUnaryRequest('/a.B/Ask', asItIs, asItIs, Buffer.from('x'), { deadline: Date.now() + 5000 }, (error) => {
      client.close();
      resolve(error?.code ?? status.OK);
    });
  });
}

test('calls come over TLS, by the certificate of the moment, and only from clients that show a good one', async (t) => {
  const [authority, stranger] = [makeAuthority(t), makeAuthority(t)];
  const { cert, key } = authority.issue('door');
  const tls = new TestTls({ cert, key, ca: authority.cert }, 'require');
  const grpc = await openGrpc({ services: [ECHO], tls });
  const address = `localhost:${grpc.port}`;
  const by = (root: string, client: { cert: string; key: string }) => credentials.createSsl(Buffer.from(root), Buffer.from(client.key), Buffer.from(client.cert));
  const [known, unknown] = [authority.issue('client'), stranger.issue('client')];
  assert.equal(await asked(address, by(authority.cert, known)), status.OK);
  assert.equal(await asked(address, by(authority.cert, unknown)), status.UNAVAILABLE);
  assert.equal(await asked(address, credentials.createSsl(Buffer.from(authority.cert))), status.UNAVAILABLE);
  assert.equal(await asked(address, credentials.createInsecure()), status.UNAVAILABLE);
  const renewed = stranger.issue('door');
  tls.renew({ cert: renewed.cert, key: renewed.key, ca: stranger.cert });
  assert.deepEqual([await asked(address, by(stranger.cert, unknown)), await asked(address, by(authority.cert, known))], [status.OK, status.UNAVAILABLE]);
  assert.deepEqual(await grpc.end(), { lost: 0, wakes: 0 });
});

test('connections past the bound are closed as they come, and those before it go on', async () => {
  const taken: Socket[] = [];
  const listener = new GrpcListener({ connections: 1, tls: undefined, take: (socket) => taken.push(socket) });
  const { port, url } = await listener.listen({ host: '127.0.0.1', port: 0 });
  assert.equal(url, `127.0.0.1:${port}`);
  const first = connect(port, '127.0.0.1');
  await once(first, 'connect');
  const second = connect(port, '127.0.0.1').on('error', () => {});
  await once(second.resume(), 'close');
  assert.deepEqual([taken.length, first.destroyed], [1, false]);
  first.destroy();
  taken[0]?.destroy();
  await listener.close();
});

test('the door may be a Unix socket', async (t) => {
  const path = join(folderWith(t, {}), 'grpc.sock');
  const grpc = await openGrpc({ services: [ECHO] }, { path, mode: 0o600 });
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(await asked(`unix:${path}`, credentials.createInsecure()), status.OK);
  assert.deepEqual(await grpc.end(), { lost: 0, wakes: 0 });
});
