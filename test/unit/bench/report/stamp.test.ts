import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stamp, treeNow } from '../../../../bench/report/stamp.ts';

test('a stamped result says where, when and with what it was measured, and keeps what was measured', () => {
  const stamped = stamp({ bench: 'x', seed: 7, parameters: { rounds: 2 }, result: { micros: 3 }, answer: 'abc' });
  assert.match(stamped.commit, /^[0-9a-f]{40}$|^unknown$/);
  assert.ok(stamped.cores > 0);
  assert.equal(stamped.node, process.version);
  assert.ok(!Number.isNaN(Date.parse(stamped.date)));
  const { commit, dirty } = stamped;
  assert.deepEqual(treeNow(), { commit, dirty });
  const { bench, seed, parameters, result, answer } = stamped;
  assert.deepEqual({ bench, seed, parameters, result, answer }, { bench: 'x', seed: 7, parameters: { rounds: 2 }, result: { micros: 3 }, answer: 'abc' });
});

test('a stamp says what the hypervisor took meanwhile; where the system does not say, nothing', () => {
  const measured = { bench: 'x', seed: 7, parameters: {}, result: 1 };
  assert.equal(stamp(measured, { all: 100, stolen: 10 }, { all: 400, stolen: 110 }).stolen, 0.3333);
  // A bench that plays disturbed rounds again says it of those that count.
  assert.equal(stamp({ ...measured, stolen: 0.01 }, { all: 100, stolen: 10 }, { all: 400, stolen: 110 }).stolen, 0.01);
  assert.ok(!('stolen' in stamp(measured, { all: 0, stolen: 0 }, { all: 0, stolen: 0 })));
});
