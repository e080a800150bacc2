import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOipAddress } from '../../../../../frontend/rpc/oip/address.ts';

test('the scheme says protocol and TLS, whatever kind of host follows', () => {
  assert.deepEqual(readOipAddress('grpc://127.0.0.1:8001'), { protocol: 'grpc', tls: false, host: '127.0.0.1', port: 8001, origin: 'http://127.0.0.1:8001' });
  assert.deepEqual(readOipAddress('https://[::1]:443'), { protocol: 'http', tls: true, host: '::1', port: 443, origin: 'https://[::1]:443' });
});

for (const text of ['grpc://host', 'tcp://host:1', 'grpc://host:0', 'grpc://host:65536', 'http://host:80/path', 'http://user@host:80']) {
  test(`${text} is refused`, () => assert.match(JSON.stringify(readOipAddress(text)), /is not grpc:\/\/host:port/));
}
