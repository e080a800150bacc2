import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostAllowList } from '../../../../frontend/http/host-allow-list.ts';

test('this machine and configured names are served, bare and with the port, in any case', () => {
  const allows = hostAllowList(['Broker.example', 'proxy.example:443', '[fd00::1]'], 8000);
  for (const host of ['localhost', 'LocalHost:8000', '127.0.0.1', '127.0.0.1:8000', '[::1]', '[::1]:8000', 'broker.example', 'BROKER.example:8000', 'proxy.example:443', '[fd00::1]:8000']) {
    assert.equal(allows(host), true, host);
  }
});

test('nothing else is', () => {
  const allows = hostAllowList(['proxy.example:443'], 8000);
  for (const host of [undefined, '', 'evil.example', 'localhost:1', 'localhost.evil.example', 'evil.example:8000', 'proxy.example', 'proxy.example:8000', '::1', '127.0.0.2', 'localhost:8000:8000', '__proto__', 'constructor']) {
    assert.equal(allows(host), false, String(host));
  }
});
