import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ratioOf, replicasMisses, replicasPoint, replicasTable, type ReplicasResult } from '../../../../bench/live/replicas-result.ts';

const sample = (round: number, good: number, seconds = 2) => ({
  round, seconds, offered: 1000, good, late: 1, lateByGenerator: 0, latest: [], meanBatchRows: 5, reasons: {}, p99Micros: 1, latenessP99Micros: 1, brokerMicrosPerAnswer: 1,
});
const point = (replicas: number, ...goods: readonly number[]) => replicasPoint({ replicas, ratePerSecond: 300 * replicas }, goods.map((good, round) => sample(round, good)));

function result(one: readonly number[], four: readonly number[], refused: readonly string[] = []): ReplicasResult {
  const points = [point(1, ...one), point(4, ...four)];
  const ratio = ratioOf(points);
  return { name: 'replicas', title: 'w', controller: 'planner', capacityPerSecond: 150, points, ...(ratio === undefined ? {} : { ratio }), refused };
}

test('goodput is a second of the time that counts, all rounds together', () => {
  assert.equal(replicasPoint({ replicas: 1, ratePerSecond: 300 }, [sample(0, 300, 2), sample(1, 500, 3)]).goodPerSecond, 160);
});

test('the ratio is of all rounds, its error by those that both have', () => {
  const ratio = ratioOf([point(1, 300, 300, 300), point(4, 1170, 1230)]);
  // 3.9 and 4.1 times as much.
  assert.ok(ratio !== undefined && Math.abs(ratio.value - 4) < 1e-9 && Math.abs((ratio.standardError ?? 0) - 0.1) < 1e-9, JSON.stringify(ratio));
  assert.deepEqual(ratioOf([point(1, 300), point(4, 1200)]), { value: 4 });
});

test('there is no ratio of one, nor of nothing in time', () => {
  assert.equal(ratioOf([point(1, 300)]), undefined);
  assert.equal(ratioOf([point(1, 0), point(4, 1200)]), undefined);
});

test('less than 3.95 times as much, a sample refused, nothing measured: each misses', () => {
  assert.deepEqual(replicasMisses(result([300, 300], [1185, 1185])), []);
  assert.deepEqual(replicasMisses(result([300, 300], [1180, 1180])), ['3.93 ×, not 3.95 ×']);
  assert.deepEqual(replicasMisses(result([300, 300], [1200, 1200], ['4: late'])), ['4: late']);
  assert.deepEqual(replicasMisses(result([0, 0], [1200, 1200], ['1: late'])), ['no ratio was measured', '1: late']);
});

test('the table tells both, and the ratio with its error beside its bar', () => {
  const [, one = [], four = []] = replicasTable(result([300, 300], [1170, 1230]));
  assert.deepEqual(one, ['1', '300', '150.0', '0.10 %', '5.0', '', '', '']);
  assert.deepEqual(four, ['4', '1200', '600.0', '0.10 %', '5.0', '4.00 ± 0.10 ×', '3.95 ×', 'pass']);
  assert.equal(replicasTable(result([300, 300], [1185, 1185], ['4: late']))[2]?.at(-1), '4: late');
});
