import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BaseLine } from '../../../../../frontend/batching/latency/base-line.ts';
import { Knots } from '../../../../../frontend/batching/latency/knots.ts';

const SIZES = [1, 2, 3, 5, 8, 11, 16, 24, 32];
const padded = (rows: number) => 2 ** Math.ceil(Math.log2(rows));

/** Learns the law from exact batches of each size, in turn. */
function learned(law: (rows: number) => number, rounds = 12): BaseLine {
  const base = new BaseLine();
  const knots = new Knots();
  for (const rows of SIZES) knots.add(rows - 1, rows, law(rows), 4);
  for (let i = 0; i < rounds; i++) {
    base.fit(knots);
    for (const rows of SIZES) {
      base.judge(rows, law(rows));
      base.compare(rows, law(rows), { micros: law(rows), batches: 4 });
    }
  }
  return base;
}

test('a line is recognised as one', () => {
  const base = learned((rows) => 2000 + 100 * rows);
  assert.ok(base.isStraight && !base.isStepped);
  assert.ok(Math.abs(base.at(20) - 4000) < 40, `${base.at(20)}`);
});

test('padded sizes are recognised, and then straight', () => {
  const base = learned((rows) => 2000 + 400 * padded(rows), 40);
  assert.ok(Math.abs(base.at(9) - 8400) < 84, `${base.at(9)}`);
  assert.equal(base.at(9), base.at(16));
  assert.ok(!base.isStepped);
});

test('other steps are seen as such', () => {
  const base = learned((rows) => (rows <= 10 ? 1000 : 4000), 40);
  assert.ok(base.isStepped && !base.isStraight);
});

test('noise alone is no step', () => {
  const base = new BaseLine();
  const knots = new Knots();
  for (const rows of SIZES) knots.add(rows - 1, rows, 2000 + 100 * rows, 16);
  base.fit(knots);
  for (let i = 0; i < 400; i++) {
    const rows = SIZES[i % SIZES.length] ?? 1;
    const micros = (2000 + 100 * rows) * (i % 2 === 0 ? 1.25 : 0.75);
    base.judge(rows, micros);
    base.compare(rows, micros, { micros: 2000 + 100 * rows, batches: 16 });
  }
  assert.ok(!base.isStepped);
  assert.ok(Math.sqrt(base.noise) > 0.2 && Math.sqrt(base.noise) < 0.3, `${base.noise}`);
});

test('another line begins with what this one found out', () => {
  const base = learned((rows) => 2000 + 400 * padded(rows), 40);
  assert.ok(base.spread.isPadded);
  const next = new BaseLine();
  next.inherit(base.spread);
  assert.deepEqual(next.spread, base.spread);
});

test('cleared, it knows nothing', () => {
  const base = learned((rows) => 100 * rows);
  base.clear();
  assert.equal(base.at(4), 0);
  assert.ok(!base.isStraight && !base.isStepped);
});
