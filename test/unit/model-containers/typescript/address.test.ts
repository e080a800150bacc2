import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatAddress, parseAddress, socketOptions } from '../../../../model-containers/typescript/address.ts';

test('an address is read and written alike', () => {
  for (const text of ['unix:/run/b.sock', 'tcp://127.0.0.1:7000', 'tcp://broker.local:1', 'tcp://[::1]:65535', 'tcp://:45123']) {
    const address = parseAddress(text);
    assert.ok(address !== undefined, text);
    assert.equal(formatAddress(address), text);
  }
});

test('what is no address is none', () => {
  for (const text of ['', 'unix:', 'unix:relative', 'tcp://host', 'tcp://host:70000', 'tcp://host:x', 'http://host:1', 'host:1']) assert.equal(parseAddress(text), undefined, text);
});

test('an empty host is this machine', () => {
  assert.deepEqual(socketOptions({ kind: 'tcp', host: '', port: 0 }), { host: '127.0.0.1', port: 0 });
  assert.deepEqual(socketOptions({ kind: 'unix', path: '/s' }), { path: '/s' });
});
