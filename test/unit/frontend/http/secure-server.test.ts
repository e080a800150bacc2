import assert from 'node:assert/strict';
import { Agent } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import { connect, type ConnectionOptions } from 'node:tls';
import { openServer } from '../../../../frontend/http/secure-server.ts';
import { makeAuthority } from '../../../support/certificates.ts';
import { askSecurely, TestTls } from '../../../support/door-tls.ts';
import { openDoor } from '../../../support/http-door.ts';

const BODY = '{"input":[1,2,3,4]}';
const PREDICT = { method: 'POST', path: '/v1/apps/sum/predict', headers: { 'content-type': 'application/json', 'content-length': BODY.length }, body: BODY };

test('without TLS there is nobody to watch over greetings', () => {
  assert.equal(openServer({}, undefined).guard, undefined);
});

test('a door with a certificate answers over TLS 1.2 and 1.3, under its name, and leaves nothing behind', async (t) => {
  const authority = makeAuthority(t);
  const door = await openDoor({ tls: new TestTls(authority.issue('door')) });
  assert.equal(door.door.url, `https://127.0.0.1:${door.port}`);
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const { status, text, subject } = await askSecurely({ port: door.port, ca: authority.cert, maxVersion, ...PREDICT });
    assert.deepEqual([status, (JSON.parse(text) as { output: number }).output, subject], [200, 10, 'door']);
  }
  await assert.rejects(askSecurely({ port: door.port, ca: authority.cert, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0', ...PREDICT }));
  await assert.rejects(askSecurely({ port: door.port, ...PREDICT }), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  assert.deepEqual(await door.end(), { lost: 0, open: 0, slabs: 0, wakes: 0 });
});

test('whoever speaks in the clear, or does not speak at all, is let go, and holds up no stop', async (t) => {
  const authority = makeAuthority(t);
  const door = await openDoor({ tls: new TestTls(authority.issue('door')) });
  const clear = connectPlain(door.port, '127.0.0.1').on('error', () => {});
  clear.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
  let said = '';
  clear.setEncoding('latin1').on('data', (text: string) => { said += text; });
  await once(clear, 'close');
  assert.doesNotMatch(said, /HTTP/u);
  const silent = connectPlain(door.port, '127.0.0.1').on('error', () => {});
  await once(silent, 'connect');
  assert.equal((await askSecurely({ port: door.port, ca: authority.cert, path: '/healthz' })).status, 200);
  // A door that stops may reset it.
  const idle = connect({ port: door.port, host: '127.0.0.1', ca: authority.cert }).on('error', () => {});
  await once(idle, 'secureConnect');
  assert.deepEqual(await door.end(), { lost: 0, open: 0, slabs: 0, wakes: 0 });
});

test('a new certificate is shown to whoever comes, and a connection that is there goes on', async (t) => {
  const authority = makeAuthority(t);
  const tls = new TestTls(authority.issue('first'));
  const door = await openDoor({ tls });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (more: object): Promise<{ status: number; subject: string }> => askSecurely({ port: door.port, ca: authority.cert, path: '/healthz', ...more });
  assert.equal((await ask({ agent })).subject, 'first');
  tls.renew(authority.issue('second'));
  assert.deepEqual([(await ask({})).subject, (await ask({ agent })).subject], ['second', 'first']);
  agent.destroy();
  await door.end();
});

/** Whether a client with this certificate gets an answer. */
async function isServed(port: number, options: ConnectionOptions): Promise<boolean> {
  return askSecurely({ port, path: '/healthz', ...options }).then(({ status }) => status === 200, () => false);
}

test('clients show a certificate where they must; a bad one opens nothing, and disturbs nobody', async (t) => {
  const [authority, stranger] = [makeAuthority(t), makeAuthority(t)];
  const { cert, key } = authority.issue('door');
  const [known, unknown] = [authority.issue('client'), stranger.issue('client')];
  const clients = { none: {}, known: { cert: known.cert, key: known.key }, unknown: { cert: unknown.cert, key: unknown.key } };
  for (const [clientAuth, served] of [['request', { none: true, known: true, unknown: false }], ['require', { none: false, known: true, unknown: false }]] as const) {
    const door = await openDoor({ tls: new TestTls({ cert, key, ca: authority.cert }, clientAuth) });
    const neighbour = new Agent({ keepAlive: true, maxSockets: 1 });
    const asks = (): Promise<boolean> => isServed(door.port, { ca: authority.cert, ...clients.known, agent: neighbour } as ConnectionOptions);
    assert.equal(await asks(), true);
    for (const who of ['none', 'known', 'unknown'] as const) assert.equal(await isServed(door.port, { ca: authority.cert, ...clients[who] }), served[who], `${clientAuth}: ${who}`);
    assert.equal(await asks(), true);
    neighbour.destroy();
    assert.deepEqual(await door.end(), { lost: 0, open: 0, slabs: 0, wakes: 0 });
  }
});
