import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exponential, random } from '../../../../../bench/load/random.ts';
import { clairvoyantOnTime } from '../../../../../bench/simulator/oracle/clairvoyant.ts';
import { boundGrid, priceBound } from '../../../../../bench/simulator/oracle/price-bound.ts';

const law = (rows: number): number => 2000 * rows + 20_000;

function poisson(tasks: number, gapMicros: number): Float64Array {
  const draw = random(3);
  let at = 0;
  return Float64Array.from({ length: tasks }, () => (at += exponential(draw, gapMicros))).map(Math.floor);
}

test('under overload it lies within 2 % of the optimum where that is known', () => {
  for (const gapMicros of [5000, 2000]) {
    const arrivalsMicros = poisson(400, gapMicros);
    const exact = clairvoyantOnTime({ arrivalsMicros, sloMicros: 60_000, lawMicros: law, maxRows: 100 });
    const bound = priceBound({ arrivalsMicros, slosMicros: arrivalsMicros.map(() => 60_000), replicas: [{ lawMicros: law, count: 1 }], maxRows: 100, gridMicros: 1000 });
    assert.ok(exact < 0.95 * arrivalsMicros.length && bound >= exact && bound <= 1.02 * exact, `${bound} for ${exact}`);
  }
});

test('it is never more than all, and counts nobody whom no replica can serve in time', () => {
  const ask = (slosMicros: readonly number[], lawMicros = law): number =>
    priceBound({ arrivalsMicros: Float64Array.of(0, 500_000, 1_000_000), slosMicros: Float64Array.from(slosMicros), replicas: [{ lawMicros, count: 2 }], maxRows: 8, gridMicros: 1000 });
  assert.equal(ask([60_000, 60_000, 60_000]), 3);
  assert.equal(ask([60_000, 21_000, 60_000]), 2);
  assert.equal(ask([1, 2, 3]), 0);
});

test('nobody, or no replica: nothing', () => {
  const ask = (arrivals: readonly number[], count: number): number => priceBound({
    arrivalsMicros: Float64Array.from(arrivals), slosMicros: Float64Array.from(arrivals, () => 60_000), replicas: count === 0 ? [] : [{ lawMicros: law, count }], maxRows: 8, gridMicros: 1000,
  });
  assert.equal(ask([], 1), 0);
  assert.equal(ask([0], 0), 0);
});

test('a grid coarser than a batch, and SLOs that are not one a task, are refused', () => {
  const question = { arrivalsMicros: Float64Array.of(0), slosMicros: Float64Array.of(60_000), replicas: [{ lawMicros: law, count: 1 }], maxRows: 8, gridMicros: 1000 };
  assert.throws(() => priceBound({ ...question, gridMicros: 22_001 }), RangeError);
  assert.throws(() => priceBound({ ...question, slosMicros: Float64Array.of() }), RangeError);
});

test('the grid of a bound is one on which straight laws lie, else fine enough', () => {
  assert.equal(boundGrid([(rows) => 2000 + 100 * rows]), 100);
  assert.equal(boundGrid([(rows) => 3000 + 1000 * rows]), 250);
  assert.equal(boundGrid([law]), 2000);
  assert.equal(boundGrid([(rows) => 2000 + 100 * rows, (rows) => 3 * (2000 + 100 * rows)]), 100);
  assert.equal(boundGrid([(rows) => 2003 + 101 * rows]), 105);
  assert.equal(boundGrid([() => 7]), 1);
});
