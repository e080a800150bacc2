import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { BrokerCalls, refusal } from '../../../../../frontend/cli/broker/call.ts';
import { answeringBroker } from '../../../../support/answering-broker.ts';

test('a call goes with its token and its body, and what is no 200 is a failure in the broker\'s own words', async (t) => {
  const { calls, asked } = await answeringBroker(t, ({ path }) => (path === '/ok'
    ? { body: { a: 1 }, headers: { etag: '"7"' } }
    : { status: 422, body: { error: { code: 'invalid_config', message: 'Wrong.', details: [{ path: 'x\u001B[2J', message: 'is bad', expected: 'good' }] } } }));
  assert.deepEqual(await calls.send('PUT', '/ok', { body: { b: 2 }, headers: { 'if-match': '"6"' } }), { status: 200, etag: '"7"', body: { a: 1 } });
  const [sent] = asked;
  assert.deepEqual([sent?.method, sent?.body, sent?.headers.authorization, sent?.headers['if-match'], sent?.headers['content-type']], ['PUT', '{"b":2}', 'Bearer secret', '"6"', 'application/json']);
  await assert.rejects(calls.ask('GET', '/no'), { message: 'invalid_config: Wrong.\n  x: is bad (expected good)', exitCode: 1 });
});

test('what is no broker, and nobody at all, are said as such', async (t) => {
  const { calls } = await answeringBroker(t, () => ({ body: '<html>' }));
  await assert.rejects(calls.ask('GET', '/'), { message: 'what answered is no broker: <html>', exitCode: 3 });
  await assert.rejects(new BrokerCalls({ kind: 'socket', path: '/nonexistent/socket', stateDir: '/s' }).ask('GET', '/'), { exitCode: 3, message: /no broker runs with state_dir \/s/u });
  await assert.rejects(new BrokerCalls({ kind: 'url', url: new URL('http://127.0.0.1:1'), token: undefined }).ask('GET', '/'), { exitCode: 3 });
  assert.equal(refusal({ status: 401, etag: undefined, body: { error: { code: 'unauthenticated', message: 'Who?' } } }).message, 'unauthenticated: Who? Say --token-file, or give it in TRADEWIND_TOKEN.');
  assert.equal(refusal({ status: 500, etag: undefined, body: { message: 'plain' } }).message, 'plain');
});

test('a broker that takes the call and says nothing is given up on', async (t) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const calls = new BrokerCalls({ kind: 'url', url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), token: undefined });
  await assert.rejects(calls.ask('GET', '/', { limitMs: 50 }), { exitCode: 3, message: /cannot be reached: no answer within 0\.05 s$/u });
});
