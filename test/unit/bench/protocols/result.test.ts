import assert from 'node:assert/strict';
import { test } from 'node:test';
import { protocolsTable } from '../../../../bench/protocols/result.ts';

const ROW = { contender: 'a', title: 'A', cpuMicrosPerRequest: 50, cpuMicrosPerRow: 50, requestsPerSecond: 1000 };

test('a bar is held against another road of the same round, or against the microseconds of a row', () => {
  const [, native, ratio, rows] = protocolsTable([
    ROW, { ...ROW, title: 'B', busyShare: 0.98, batchRows: 7.25, ratio: { against: 'a', median: 1.3, least: 1.2, greatest: 1.4 }, bar: 1.25, pass: false }, { ...ROW, title: 'C', cpuMicrosPerRow: 1.9, bar: 2, pass: true },
  ]);
  assert.deepEqual(native, ['A', '50.0', '50.00', '1000', '', '', '', '', '', '']);
  assert.deepEqual(ratio?.slice(4), ['98 %', '7.3', 'a', '1.30 (1.20–1.40)', '1.25', 'MISSED']);
  assert.deepEqual(rows?.slice(2), ['1.90', '1000', '', '', 'µs/row', '', '2.00', 'pass']);
});
