import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explain, faultList } from '../../../../../frontend/cli/terminal/failure.ts';

test('faults of the system are said with what to do', () => {
  const fault = (more: object): Error => Object.assign(new Error('raw'), more);
  assert.match(explain(fault({ code: 'EADDRINUSE', address: '127.0.0.1', port: 80 })), /^127\.0\.0\.1:80 is in use: .*listen\.http/u);
  assert.match(explain(fault({ code: 'EACCES', syscall: 'listen', address: '127.0.0.1', port: 80 })), /no permission to listen on 127\.0\.0\.1:80/u);
  assert.match(explain(fault({ code: 'EACCES', syscall: 'mkdir', path: '/x' })), /no permission: \/x\..*state_dir/u);
  assert.equal(explain(fault({})), 'raw');
  assert.equal(explain('text'), 'text');
});

test('faults come one a line', () => {
  assert.equal(faultList(['a', 'b']), '2 faults; nothing was changed.\na\nb');
  assert.equal(faultList(['a']), 'One fault; nothing was changed.\na');
});
