import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clockFinding, limitsText, memoryFinding, nodeFinding, openFilesFinding, programFinding, pythonFinding, stolenFinding } from '../../../../../frontend/cli/doctor/machine-checks.ts';

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

test('cores that a hypervisor gives to others are told, also where nobody can say', () => {
  assert.deepEqual([{ all: 1000, stolen: 49 }, { all: 1000, stolen: 62 }, { all: 0, stolen: 0 }].map((ticks) => stolenFinding(ticks).verdict), ['good', 'doubtful', 'good']);
  assert.match(stolenFinding({ all: 1000, stolen: 62 }).says, /^6\.2 % of the cores' time went to others/u);
});

test('a program that is not there is bad where it is needed, doubtful where it helps', async () => {
  assert.equal((await programFinding('x', ['node', '--version'], { why: 'w', needed: true })).verdict, 'good');
  assert.deepEqual((await programFinding('x', ['/no/such', '-v'], { why: 'for y', needed: true })), { check: 'x', verdict: 'bad', says: '/no/such is not there: for y' });
  assert.equal((await programFinding('x', ['/no/such'], { why: '', needed: false })).verdict, 'doubtful');
  assert.match((await pythonFinding('/no/python')).says, /is not there: its kit needs numpy and msgpack/u);
});
