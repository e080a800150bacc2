import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatencyCurve } from '../../../../../frontend/batching/latency/latency-curve.ts';

const MS = 1000;

/** Feeds each of the sizes `rounds` times, a batch each 10 ms. */
function fed(law: (rows: number) => number, sizes: readonly number[], rounds = 4, curve = new LatencyCurve()): LatencyCurve {
  let now = 0;
  for (let i = 0; i < rounds; i++) for (const rows of sizes) curve.observe(rows, law(rows), (now += 10 * MS));
  return curve;
}

function near(actual: number, expected: number, share: number, what = ''): void {
  assert.ok(Math.abs(actual - expected) <= share * expected, `${what} ${actual}, expected ${expected}`);
}

test('nothing is known before the first batch, and one row may be sent', () => {
  const curve = new LatencyCurve();
  assert.deepEqual([curve.meanMicros(1), curve.meanMicros(1000), curve.carefulMicros(3), curve.seenRows, curve.reachRows], [0, 0, 0, 0, 1]);
  assert.ok(!curve.knows(1));
});

test('a line is found from a few sizes, between them and beyond', () => {
  const law = (rows: number) => 2 * MS + 100 * rows;
  const curve = fed(law, [1, 2, 4, 8, 16, 32, 64]);
  for (const rows of [1, 3, 20, 63, 64, 128, 200, 1000]) near(curve.meanMicros(rows), law(rows), 0.01, `${rows}:`);
});

test('batches of one size only leave the line where it was', () => {
  const law = (rows: number) => 2 * MS + 100 * rows;
  const curve = fed(law, [1, 2, 4, 8, 16, 32, 64], 1);
  fed(law, [80], 5000, curve);
  for (const rows of [1, 10, 40, 80, 160]) near(curve.meanMicros(rows), law(rows), 0.01, `${rows}:`);
});

test('from one size alone its own mean is right and larger ones are hoped to be little slower', () => {
  const curve = fed(() => 8 * MS, [4], 20);
  near(curve.meanMicros(4), 8 * MS, 1e-6);
  assert.ok(curve.meanMicros(8) < 9 * MS && curve.meanMicros(1) <= 8 * MS);
});

test('rows double from step to step, and grow faster on a line', () => {
  const curve = new LatencyCurve();
  const reached: number[] = [];
  for (let now = 0; reached.length < 5; now += MS) {
    reached.push(curve.reachRows);
    curve.observe(curve.reachRows, 2 * MS + 100 * curve.reachRows, now);
  }
  assert.deepEqual(reached, [1, 2, 4, 8, 16]);
  assert.equal(fed((rows) => 2 * MS + 100 * rows, [1, 2, 4, 8, 16], 30).reachRows, 64);
});

test('a step that is a surprise is taken once more before the next', () => {
  const law = (rows: number) => 2 * MS + 100 * rows;
  const curve = fed(law, [1, 2, 4]);
  curve.observe(8, 40 * MS, 1000 * MS);
  assert.equal(curve.seenRows, 4);
  curve.observe(8, 40 * MS, 1010 * MS);
  assert.equal(curve.seenRows, 8);
});

test('a cold first batch is forgotten at once, whatever size comes next', () => {
  for (const rows of [1, 2]) {
    const curve = new LatencyCurve();
    curve.observe(1, 20 * MS, 0);
    curve.observe(rows, 2 * MS, 20 * MS);
    near(curve.meanMicros(1), 2 * MS, 0.05);
  }
});

test('padded sizes are seen through: sizes never sent are known', () => {
  const padded = (rows: number) => 2 * MS + 400 * 2 ** Math.ceil(Math.log2(rows));
  const curve = fed(padded, [1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 19, 32], 8);
  for (const rows of [9, 10, 14, 17, 25, 31, 33, 64]) near(curve.meanMicros(rows), padded(rows), 0.03, `${rows}:`);
});

test('a step anywhere is known where it was met, and between two sizes the careful guess is the larger one', () => {
  const stepped = (rows: number) => (rows <= 24 ? 3 * MS : 9 * MS);
  const curve = fed(stepped, [1, 6, 12, 24, 25, 40, 48], 20);
  for (const rows of [1, 6, 12, 24, 25, 40, 48]) near(curve.meanMicros(rows), stepped(rows), 0.03, `${rows}:`);
  near(curve.carefulMicros(18), 3 * MS, 0.05);
  near(curve.carefulMicros(32), 9 * MS, 0.05);
});

test('above 128 rows a law is read between the ends of its classes', () => {
  const law = (rows: number) => 5 * MS + 10 * rows;
  const curve = fed(law, [1, 64, 500, 4000, 16_000]);
  for (const rows of [129, 131, 1001, 9999]) near(curve.meanMicros(rows), law(rows), 0.01, `${rows}:`);
});

test('what one curve knew another inherits, lightly or as hearsay', () => {
  const law = (rows: number) => 2 * MS + 100 * rows;
  const before = fed(law, [1, 2, 4, 8, 16]);
  const heir = new LatencyCurve();
  heir.inherit(before, { mostBatches: 2, now: 0 });
  assert.ok(heir.knows(16));
  assert.equal(heir.seenRows, 16);
  near(heir.meanMicros(12), law(12), 0.01);
  const stranger = new LatencyCurve();
  stranger.inherit(before, { mostBatches: 0.5, now: 0 });
  assert.ok(!stranger.knows(16));
  stranger.observe(16, 30 * MS, 0);
  assert.ok(stranger.meanMicros(16) > 15 * MS, `${stranger.meanMicros(16)}`);
});

test('inheriting nothing changes nothing', () => {
  const curve = new LatencyCurve();
  curve.inherit(new LatencyCurve(), { mostBatches: 8, now: 0 });
  assert.equal(curve.meanMicros(4), 0);
});
