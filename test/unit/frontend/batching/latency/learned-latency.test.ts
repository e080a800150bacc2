import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asPredecessor } from '../../../../../frontend/batching/latency/latency-record.ts';
import { LearnedLatency } from '../../../../../frontend/batching/latency/learned-latency.ts';

const MS = 1000;
const law = (rows: number) => 2 * MS + 100 * rows;
const SIZES = [1, 2, 4, 8, 16, 32, 64, 40, 11, 27, 55, 3];

function near(actual: number, expected: number, share: number, what = ''): void {
  assert.ok(Math.abs(actual - expected) <= share * expected, `${what} ${actual}, expected ${expected}`);
}

/** Batches of many sizes on each replica in turn, each `slowness` times as slow as the law. */
function feed(model: LearnedLatency, slowness: Readonly<Record<string, number>>, batches: number, from = 0): number {
  const replicas = Object.keys(slowness);
  let now = from;
  for (let i = 0; i < batches; i++) {
    const replica = replicas[i % replicas.length] ?? '';
    const rows = SIZES[Math.floor(i / replicas.length) % SIZES.length] ?? 1;
    model.observe({ replica, rows, micros: law(rows) * (slowness[replica] ?? 1) }, (now += 5 * MS));
  }
  return now;
}

test('an unknown version foretells nothing', () => {
  const model = new LearnedLatency();
  assert.deepEqual([model.law.meanMicros(4), model.law.tailMicros(4), model.law.reachRows], [0, 0, 1]);
  assert.equal(model.lawOf('a'), model.law);
  assert.equal(model.toRecord(), undefined);
});

test('replica and version agree where there is one replica, and the tail is the mean where there is no noise', () => {
  const model = new LearnedLatency();
  feed(model, { a: 1 }, 100);
  for (const rows of [1, 20, 64]) {
    near(model.lawOf('a').meanMicros(rows), law(rows), 0.005);
    assert.equal(model.law.meanMicros(rows), model.lawOf('a').meanMicros(rows));
    near(model.law.tailMicros(rows), law(rows), 0.01);
  }
  assert.ok(!model.law.isExploring(64) && model.law.isExploring(65));
});

test('a replica that is three times slower is known as such within 20 of its batches, and spoils nobody\'s law', () => {
  const model = new LearnedLatency();
  const now = feed(model, { a: 1, b: 1, c: 1 }, 150);
  feed(model, { a: 1, b: 1, c: 1, d: 3 }, 80, now);
  for (const rows of [2, 50]) {
    near(model.lawOf('d').meanMicros(rows), 3 * law(rows), 0.03, 'd');
    for (const fast of ['a', 'b', 'c']) near(model.lawOf(fast).meanMicros(rows), law(rows), 0.02, fast);
    near(model.law.meanMicros(rows), law(rows), 0.02, 'version');
  }
});

test('replicas that all begin together, one three times slower: what it takes first makes nobody\'s mean wrong, nor a tail', () => {
  const model = new LearnedLatency();
  feed(model, { a: 1, b: 1, c: 1, d: 3 }, 400);
  for (const replica of ['a', 'b', 'c']) {
    for (const rows of [2, 50]) {
      near(model.lawOf(replica).meanMicros(rows), law(rows), 0.01, replica);
      near(model.lawOf(replica).tailMicros(rows), law(rows), 0.02, `${replica}, its tail:`);
    }
  }
});

test('replicas whose first batches all were slow to start are known after the second of one of them', () => {
  const model = new LearnedLatency();
  const replicas = ['a', 'b', 'c', 'd'];
  for (const [i, replica] of replicas.entries()) model.observe({ replica, rows: 1, micros: 10 * law(1) }, i);
  model.observe({ replica: 'a', rows: 1, micros: law(1) }, 10);
  for (const replica of replicas) near(model.lawOf(replica).meanMicros(1), law(1), 0.02, replica);
});

test('a replica of another shape gets a law of its own', () => {
  const model = new LearnedLatency();
  const other = (rows: number) => 12 * MS + 10 * rows;
  for (let i = 0; i < 600; i++) {
    const rows = SIZES[Math.floor(i / 2) % SIZES.length] ?? 1;
    const replica = i % 2 === 0 ? 'cpu' : 'gpu';
    model.observe({ replica, rows, micros: replica === 'gpu' ? other(rows) : law(rows) }, i * 5 * MS);
  }
  for (const rows of SIZES) {
    near(model.lawOf('cpu').meanMicros(rows), law(rows), 0.05, `cpu ${rows}`);
    near(model.lawOf('gpu').meanMicros(rows), other(rows), 0.05, `gpu ${rows}`);
  }
});

test('the first batch of a replica that is slow warms it up and teaches nothing', () => {
  const model = new LearnedLatency();
  const now = feed(model, { a: 1 }, 60);
  model.observe({ replica: 'b', rows: 8, micros: 10 * law(8) }, now);
  near(model.lawOf('b').meanMicros(8), law(8), 0.01);
  near(model.lawOf('a').meanMicros(8), law(8), 0.01);
});

test('a slow-down of the only replica is the version\'s, and so is its recovery', () => {
  const model = new LearnedLatency();
  let now = feed(model, { a: 1 }, 200);
  now = feed(model, { a: 2 }, 20, now);
  near(model.law.meanMicros(40), 2 * law(40), 0.05);
  feed(model, { a: 1 }, 20, now);
  near(model.law.meanMicros(40), law(40), 0.05);
});

test('a replica that comes while the others are slow begins at their pace, and a forgotten one leaves what it taught', () => {
  const model = new LearnedLatency();
  const now = feed(model, { a: 1 }, 100);
  feed(model, { a: 2 }, 40, now);
  model.forget('a');
  near(model.lawOf('b').meanMicros(8), 2 * law(8), 0.05);
  model.observe({ replica: 'b', rows: 8, micros: 2 * law(8) }, now + 1000 * MS);
  near(model.lawOf('b').meanMicros(8), 2 * law(8), 0.05);
});

test('a probe that is the first batch of its replica is heard, and its doubt is not left for another', () => {
  const model = new LearnedLatency();
  const now = feed(model, { a: 1, b: 1 }, 100);
  model.doubt(4);
  model.observe({ replica: 'c', rows: 4, micros: law(4) / 3 }, now + 1);
  near(model.lawOf('c').meanMicros(4), (2 * law(4)) / 3, 0.02);
  model.observe({ replica: 'a', rows: 4, micros: 1.2 * law(4) }, now + 2);
  near(model.lawOf('a').meanMicros(4), law(4), 0.03);
});

test('a doubted size meets the next batch half way', () => {
  const model = new LearnedLatency();
  const now = feed(model, { a: 1 }, 100);
  model.doubt(1);
  model.observe({ replica: 'a', rows: 1, micros: law(1) / 2 }, now);
  near(model.law.meanMicros(1), 0.75 * law(1), 0.02);
  near(model.law.meanMicros(64), 0.75 * law(64), 0.02);
});

test('a restart begins where the last run ended; a new version from its predecessor, with a wider tail', () => {
  const before = new LearnedLatency();
  for (let i = 0; i < 300; i++) {
    const rows = SIZES[i % SIZES.length] ?? 1;
    before.observe({ replica: 'a', rows, micros: law(rows) * (i % 10 === 0 ? 1.2 : 1) }, i * 5 * MS);
  }
  const record = before.toRecord();
  assert.ok(record !== undefined);
  const again = new LearnedLatency({ prior: record });
  const next = new LearnedLatency({ prior: asPredecessor(record) });
  for (const rows of [1, 20, 64]) {
    near(again.law.meanMicros(rows), before.law.meanMicros(rows), 0.03);
    near(again.law.tailMicros(rows), before.law.tailMicros(rows), 0.05);
    near(next.law.meanMicros(rows), before.law.meanMicros(rows), 0.03);
    assert.ok(next.law.tailMicros(rows) > again.law.tailMicros(rows));
  }
  assert.ok(again.law.reachRows >= 64 && next.law.reachRows >= 64);
});

test('a new version that is nothing like its predecessor overrules it in a few batches', () => {
  const before = new LearnedLatency();
  feed(before, { a: 1 }, 200);
  const record = before.toRecord();
  assert.ok(record !== undefined);
  const next = new LearnedLatency({ prior: asPredecessor(record) });
  feed(next, { b: 5 }, 30);
  for (const rows of [1, 20, 64]) near(next.law.meanMicros(rows), 5 * law(rows), 0.05);
});

test('of very many replicas the first to come is forgotten', () => {
  const model = new LearnedLatency();
  feed(model, { first: 1 }, 60);
  feed(model, { first: 3 }, 30, 1000 * MS);
  for (let i = 0; i < 1024; i++) model.observe({ replica: `r${i}`, rows: 8, micros: 3 * law(8) }, 2000 * MS);
  assert.equal(model.lawOf('first'), model.law);
  assert.notEqual(model.lawOf('r1023'), model.law);
});

test('a quantile that is none is refused', () => {
  for (const quantile of [0, 0.5, 1, Number.NaN]) assert.throws(() => new LearnedLatency({ quantile }), RangeError);
});

test('what slowed a replica down is over: sizes that are met first then are not taken for the only fast ones', () => {
  const model = new LearnedLatency();
  let now = feed(model, { a: 1 }, 200);
  now = feed(model, { a: 5 }, 60, now);
  near(model.lawOf('a').meanMicros(16), 5 * law(16), 0.1, 'slowed');
  for (const rows of [9, 9, 10, 9, 10, 11, 9, 10, 9, 9, 10, 9]) model.observe({ replica: 'a', rows, micros: law(rows) }, (now += 5 * MS));
  for (const rows of [1, 16, 64]) near(model.lawOf('a').meanMicros(rows), law(rows), 0.25, `${rows} rows`);
});
