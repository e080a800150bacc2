import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cpuTicks, stolenShare } from '../../../../frontend/runtime/stolen-time.ts';

const STAT = 'cpu  100 20 30 400 5 6 7 32 9 9\ncpu0 1 2 3 4 5 6 7 8 9 9\n';

test('guests are part of user time and not counted again', () => {
  assert.deepEqual(cpuTicks(STAT), { all: 600, stolen: 32 });
});

test('the share is of what has passed between two readings', () => {
  assert.equal(stolenShare({ all: 100, stolen: 10 }, { all: 200, stolen: 35 }), 0.25);
  assert.equal(stolenShare(cpuTicks(STAT), cpuTicks(STAT)), 0);
});

test('a system that does not say has had nothing stolen', () => {
  assert.deepEqual(cpuTicks(''), { all: 0, stolen: 0 });
});

test('this machine says how much it was', () => {
  const { all, stolen } = cpuTicks();
  assert.ok(all > 0 && stolen >= 0 && stolen < all);
});
