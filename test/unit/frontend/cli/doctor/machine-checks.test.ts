import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clockFinding, limitsText, memoryFinding, nodeFinding, openFilesFinding, programFinding, pythonFinding } from '../../../../../frontend/cli/doctor/machine-checks.ts';

test('an old Node, few open files, a clock that is wrong and a cache that is too large are told', async () => {
  assert.deepEqual(['v22.17.9', 'v22.18.0', 'v24.0.0', 'v20.19.0'].map((version) => nodeFinding(version).verdict), ['bad', 'good', 'good', 'bad']);
  assert.equal(openFilesFinding('Max open files            1024                 4096                 files', 8192).verdict, 'doubtful');
  assert.equal(openFilesFinding('Max open files            unlimited            unlimited            files', 8192).verdict, 'good');
  assert.equal(openFilesFinding('', 1).verdict, 'doubtful');
  assert.match(limitsText(), /Max open files/u);
  const now = Date.UTC(2026, 5, 1);
  assert.deepEqual([clockFinding(now, 0).verdict, clockFinding(now, now + 3_600_000).verdict, clockFinding(0, 0).verdict], ['good', 'bad', 'bad']);
  assert.deepEqual([memoryFinding(6, [10, 5]).verdict, memoryFinding(4, [10, 5]).verdict], ['doubtful', 'good']);
});

test('a program that is not there is bad where it is needed, doubtful where it helps', async () => {
  assert.equal((await programFinding('x', ['node', '--version'], { why: 'w', needed: true })).verdict, 'good');
  assert.deepEqual((await programFinding('x', ['/no/such', '-v'], { why: 'for y', needed: true })), { check: 'x', verdict: 'bad', says: '/no/such is not there: for y' });
  assert.equal((await programFinding('x', ['/no/such'], { why: '', needed: false })).verdict, 'doubtful');
  assert.match((await pythonFinding('/no/python')).says, /is not there: its kit needs numpy and msgpack/u);
});
