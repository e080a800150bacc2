import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stamp } from '../../../../bench/report/stamp.ts';

test('a stamped result says where, when and with what it was measured, and keeps what was measured', () => {
  const stamped = stamp({ bench: 'x', seed: 7, parameters: { rounds: 2 }, result: { micros: 3 }, answer: 'abc' });
  assert.match(stamped.commit, /^[0-9a-f]{40}$|^unknown$/);
  assert.ok(stamped.cores > 0);
  assert.equal(stamped.node, process.version);
  assert.ok(!Number.isNaN(Date.parse(stamped.date)));
  const { bench, seed, parameters, result, answer } = stamped;
  assert.deepEqual({ bench, seed, parameters, result, answer }, { bench: 'x', seed: 7, parameters: { rounds: 2 }, result: { micros: 3 }, answer: 'abc' });
});
