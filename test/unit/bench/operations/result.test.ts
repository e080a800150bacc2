import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holdingTable, isFlat, isLight, isSmooth, operationsTable } from '../../../../bench/operations/result.ts';

const row = { operation: 'apply', failed: 0, beforeP99Ms: 4, duringP99Ms: 9 };
const held = { processes: 5, files: 40, residentMb: 100 };
const switched = { before: held, half: { ...held, residentMb: 150 }, after: { ...held, files: 44, residentMb: 164 } };

test('an operation is smooth within 1.5 times or 5 ms more, and never where something failed', () => {
  assert.deepEqual([row, { ...row, duringP99Ms: 9.1 }, { ...row, beforeP99Ms: 20, duringP99Ms: 30 }, { ...row, failed: 1 }].map(isSmooth), [true, false, true, false]);
});

test('flat is as many processes and files as before, and memory as at half the way', () => {
  assert.ok(isFlat(switched));
  assert.ok(!isFlat({ ...switched, after: { ...held, processes: 6 } }) && !isFlat({ ...switched, after: { ...held, files: 45 } }) && !isFlat({ ...switched, after: { ...held, residentMb: 166 } }));
});

test('light is under a hundredth of a core, and 1.05 times a request', () => {
  assert.deepEqual([[0.009, 1.05], [0.01, 1], [0.001, 1.06]].map(([idleCpu = 0, predictRatio = 0]) => isLight({ idleCpu, predictRatio })), [true, false, false]);
});

test('tables say what was missed', () => {
  assert.deepEqual(operationsTable([{ ...row, pass: true }])[1], ['apply', '0', '4.00 ms', '9.00 ms', 'pass']);
  const many = { models: 100, idleCpu: 0.02, predictRatio: 1.01, pass: false };
  assert.deepEqual(holdingTable({ switched: { ...switched, switches: 100, pass: true }, many }).slice(1).map((line) => line.at(-1)), ['pass', 'pass', 'MISSED', 'pass']);
});
