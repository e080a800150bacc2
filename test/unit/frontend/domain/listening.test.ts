import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inAddress } from '../../../../frontend/domain/listening.ts';

test('a host of IPv6 stands in brackets, others as they are', () => {
  assert.deepEqual(['::1', '127.0.0.1', 'broker.example'].map(inAddress), ['[::1]', '127.0.0.1', 'broker.example']);
});
