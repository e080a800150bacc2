import assert from 'node:assert/strict';
import { test } from 'node:test';
import { section } from '../../../../bench/report/section.ts';
import type { Stamped } from '../../../../bench/report/stamp.ts';

const STAMPED: Stamped<number> = {
  bench: 'x', commit: '0123456789abcdef', dirty: false, date: '2026-01-02T03:04:05Z', node: 'v24.1.0', cpu: 'A CPU', cores: 2, memoryMb: 1, seed: 1, parameters: {}, result: 7,
};
const told = (stamped: Stamped<number> | undefined): string => section('node bench/x.ts', stamped, (result) => ({ how: 'so', tables: [[['figure'], [String(result)]]] }));

test('a section says where its tables come from, or how to get them', () => {
  assert.equal(told(STAMPED), '`node bench/x.ts`: so; Node 24.1.0, 2 cores of A CPU, 2026-01-02, commit 0123456789ab.\n\n| figure |\n| --- |\n| 7 |');
  assert.match(told(undefined), /Not measured yet: `node bench\/x\.ts` does/);
});

test('it says so where other machines had more than 1 % of the processors; results that do not know are told as they are', () => {
  assert.match(told({ ...STAMPED, stolen: 0.123 }), /commit 0123456789ab, 12 % of the processors' time stolen by other machines\.\n/);
  assert.doesNotMatch(told({ ...STAMPED, stolen: 0.01 }), /stolen/);
});
