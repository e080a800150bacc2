import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopback, readAddress } from '../../../../frontend/config/address.ts';

test('loopback is 127/8, ::1 and localhost', () => {
  assert.deepEqual(['127.0.0.1', '127.9.9.9', '::1', 'LOCALHOST'].map(isLoopback), [true, true, true, true]);
  assert.deepEqual(['0.0.0.0', '::', 'example.org', '127.0.0.1.example.org'].map(isLoopback), [false, false, false, false]);
});

test('an address is a host and a port; brackets are of the writing', () => {
  assert.deepEqual(readAddress('a.example:80'), { host: 'a.example', port: 80 });
  assert.deepEqual(readAddress('[::1]:80'), { host: '::1', port: 80 });
});
