import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clairvoyantOnTime } from '../../../../../bench/simulator/oracle/clairvoyant.ts';

const law = (rows: number): number => 10 * rows + 20;
const ask = (arrivals: readonly number[], more: Partial<Parameters<typeof clairvoyantOnTime>[0]> = {}): number =>
  clairvoyantOnTime({ arrivalsMicros: Float64Array.from(arrivals), sloMicros: 60, lawMicros: law, maxRows: 100, ...more });

test('nobody came: nobody is served', () => {
  assert.equal(ask([]), 0);
});

test('what is alone is served, to the last microsecond of its time and no further', () => {
  assert.equal(ask([5]), 1);
  assert.equal(ask([0], { sloMicros: 30 }), 1);
  assert.equal(ask([0], { sloMicros: 29 }), 0);
  assert.equal(ask([0], { freeAtMicros: 30 }), 1);
  assert.equal(ask([0], { freeAtMicros: 31 }), 0);
});

test('those who come together share a batch, as many as it may hold', () => {
  assert.equal(ask([0, 0, 0, 0, 0]), 4);
  assert.equal(ask([0, 0, 0, 0, 0], { maxRows: 2 }), 2);
});

test('it waits for one who will come, and passes over one whom serving would cost more', () => {
  // Serving the first at 0 ends at 30, and from 30 on three cannot end by 89; waiting until 29 takes three at once.
  assert.equal(ask([0, 29, 29, 29, 29], { sloMicros: 60 }), 4);
  assert.equal(ask([0, 10, 10, 10, 10], { sloMicros: 60, freeAtMicros: 10 }), 4);
});

test('what was free long before the first comes gains nothing by it', () => {
  assert.equal(ask([1000, 1000], { freeAtMicros: 0 }), ask([1000, 1000], { freeAtMicros: 1000 }));
});

test('a law that falls or takes no time, and arrivals out of order, are refused', () => {
  assert.throws(() => ask([0], { lawMicros: (rows) => 50 - rows }), RangeError);
  assert.throws(() => ask([0], { lawMicros: () => 0 }), RangeError);
  assert.throws(() => ask([1, 0]), RangeError);
});
