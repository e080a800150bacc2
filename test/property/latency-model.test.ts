import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readLatencyRecord } from '../../frontend/batching/latency/latency-record.ts';
import { LearnedLatency } from '../../frontend/batching/latency/learned-latency.ts';
import type { LatencyLaw } from '../../frontend/batching/latency-law.ts';
import { SEED, seeded } from '../support/random.ts';

const MS = 1000;
const RUNS = { seed: SEED, numRuns: 60 };
const SHOWN = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 500, 5000, 1e6];

/** Cost of a row and of a batch, from one that is all overhead to one that is all rows. */
const line = fc.record({ perRow: fc.double({ min: 1, max: 5000, noNaN: true }), perBatch: fc.double({ min: 50, max: 50_000, noNaN: true }) });

interface World {
  readonly perRow: number;
  readonly perBatch: number;
  readonly noise: number;
  readonly sizes: readonly number[];
  readonly seed: number;
}

const BATCHES = 400;

const world = (noise: number, sizes: fc.Arbitrary<number[]>): fc.Arbitrary<World> => fc.record({
  perRow: line.map(({ perRow }) => perRow),
  perBatch: line.map(({ perBatch }) => perBatch),
  noise: fc.constant(noise),
  sizes,
  seed: fc.integer({ min: 1, max: 2 ** 31 - 2 }),
});
const manySizes = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 40, maxLength: 80, size: 'max' });
const oneSize = fc.integer({ min: 1, max: 300 }).map((rows) => [rows]);

/** Even draws in [-1, 1] (Park and Miller's generator): noise must be like noise, and fast-check likes its corners. */
function evenly(seed: number): () => number {
  let state = seed;
  return () => ((state = (state * 48_271) % 2_147_483_647) / 2_147_483_647) * 2 - 1;
}

const lawOf = ({ perRow, perBatch }: World) => (rows: number) => perBatch + perRow * rows;

/** One replica from cold: steps up as far as it may, then the sizes of the world in turn. */
function learned(the: World, slowness: (batch: number) => number = () => 1): LearnedLatency {
  const law = lawOf(the);
  const model = new LearnedLatency();
  const draw = evenly(the.seed);
  let now = 0;
  for (let i = 0; i < BATCHES; i++) {
    const rows = Math.min(the.sizes[i % the.sizes.length] ?? 1, model.law.reachRows);
    const micros = law(rows) * slowness(i) * (1 + the.noise * draw());
    model.observe({ replica: 'r', rows, micros }, (now += micros));
  }
  return model;
}

function assertNear(actual: number, expected: number, share: number, what: string): void {
  assert.ok(Math.abs(actual - expected) <= share * expected, `${what}: ${actual}, expected ${expected}`);
}

function assertSane(law: LatencyLaw): void {
  assert.ok(Number.isInteger(law.reachRows) && law.reachRows >= 1, `reach ${law.reachRows}`);
  let before = 0;
  for (const rows of SHOWN) {
    const mean = law.meanMicros(rows), tail = law.tailMicros(rows);
    assert.ok(Number.isFinite(mean) && mean >= 0 && Number.isFinite(tail), `${rows}: ${mean}, ${tail}`);
    assert.ok(mean >= before * (1 - 1e-9), `${rows}: ${mean} after ${before}`);
    assert.ok(tail >= mean, `${rows}: tail ${tail} below mean ${mean}`);
    before = mean;
  }
}

test(seeded('a line is found from batches of many sizes, exactly without noise'), () => {
  fc.assert(fc.property(world(0, manySizes), (the) => {
    const { law } = learned(the);
    for (let rows = 1; rows <= Math.max(...the.sizes); rows++) assertNear(law.meanMicros(rows), lawOf(the)(rows), 0.02, `${rows} rows`);
    assertNear(law.tailMicros(50), law.meanMicros(50), 0.01, 'tail');
  }), RUNS);
});

test(seeded('noise of 30 % a batch shakes the mean little, and the tail sits near its p99'), () => {
  fc.assert(fc.property(world(0.3, manySizes), (the) => {
    const { law } = learned(the);
    const rows = Math.round(the.sizes.reduce((a, b) => a + b) / the.sizes.length);
    assertNear(law.meanMicros(rows), lawOf(the)(rows), 0.12, 'mean');
    const ratio = law.tailMicros(rows) / law.meanMicros(rows);
    assert.ok(ratio > 1.1 && ratio < 1.55, `tail at ${ratio} of the mean`);
  }), RUNS);
});

test(seeded('batches of one size only: right there, and a law everywhere else'), () => {
  fc.assert(fc.property(world(0.2, oneSize), (the) => {
    const { law } = learned(the);
    const rows = the.sizes[0] ?? 1;
    assertNear(law.meanMicros(rows), lawOf(the)(rows), 0.12, 'the size');
    assertSane(law);
  }), RUNS);
});

test(seeded('pauses of the machine, one batch in fifty, leave the mean where it is'), () => {
  fc.assert(fc.property(world(0.05, manySizes), fc.integer({ min: 2, max: 1000 }), (the, times) => {
    const { law } = learned(the, (i) => (i % 50 === 29 ? times : 1));
    for (const rows of [2, 20, 50]) assertNear(law.meanMicros(rows), lawOf(the)(rows), 0.15, `${rows} rows`);
  }), RUNS);
});

test(seeded('a change of the whole replica is followed within 30 batches'), () => {
  fc.assert(fc.property(world(0, manySizes), fc.oneof(fc.double({ min: 1.5, max: 8, noNaN: true }), fc.double({ min: 0.15, max: 0.65, noNaN: true })), (the, times) => {
    const { law } = learned(the, (i) => (i < BATCHES - 30 ? 1 : times));
    for (const rows of [2, 20, 50]) assertNear(law.meanMicros(rows), times * lawOf(the)(rows), 0.08, `${rows} rows`);
  }), RUNS);
});

const micros = fc.oneof(fc.constantFrom(0, 1, 1e12, Infinity), fc.double({ min: 0, max: 1e12, noNaN: true }), fc.integer({ min: 100, max: 100_000 }));
const sample = fc.record({
  replica: fc.constantFrom('a', 'b', 'c'),
  rows: fc.oneof(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 64 }), fc.constantFrom(0, 1, 128, 129, 65_536, 65_537)),
  micros,
  waitMicros: fc.oneof(fc.integer({ min: 0, max: 10_000 }), fc.constantFrom(0, 1e9, 1e12, -1e6)),
  after: fc.oneof({ weight: 8, arbitrary: fc.constant('nothing' as const) }, { weight: 1, arbitrary: fc.constantFrom('doubt', 'forget') }),
});

test(seeded('whatever is observed, every law is finite, not negative, never falls, and its tail not below its mean'), () => {
  fc.assert(fc.property(fc.array(sample, { maxLength: 120, size: 'max' }), (samples) => {
    const model = new LearnedLatency();
    let now = 0;
    for (const { waitMicros, after, ...observed } of samples) {
      model.observe(observed, (now += waitMicros));
      if (after === 'doubt') model.doubt(observed.rows);
      if (after === 'forget') model.forget(observed.replica);
    }
    for (const law of [model.law, model.lawOf('a'), model.lawOf('b'), model.lawOf('c')]) assertSane(law);
  }), { ...RUNS, numRuns: 300 });
});

test(seeded('a record, through JSON, gives back the law'), () => {
  fc.assert(fc.property(world(0.1, manySizes), (the) => {
    const before = learned(the);
    const record = readLatencyRecord(JSON.parse(JSON.stringify(before.toRecord())));
    assert.ok(record !== undefined);
    const after = new LearnedLatency({ prior: record });
    for (const rows of [1, 20, 50]) assertNear(after.law.meanMicros(rows), before.law.meanMicros(rows), 0.1, `${rows} rows`);
    assertNear(after.law.tailMicros(40) / after.law.meanMicros(40), before.law.tailMicros(40) / before.law.meanMicros(40), 0.1, 'tail');
    assertSane(after.law);
  }), RUNS);
});

test(seeded('every record of hostile batches can be read again'), () => {
  fc.assert(fc.property(fc.array(sample, { minLength: 1, maxLength: 60, size: 'max' }), (samples) => {
    const model = new LearnedLatency();
    for (const observed of samples) model.observe(observed, 0);
    const record = readLatencyRecord(JSON.parse(JSON.stringify(model.toRecord())));
    assert.ok(record !== undefined);
    assertSane(new LearnedLatency({ prior: record }).law);
  }), { ...RUNS, numRuns: 200 });
});

test(seeded('a cold start at 0.1·b + 2 ms reaches 80 rows within 100 batches, as long as there is work'), () => {
  fc.assert(fc.property(fc.integer({ min: 81, max: 400 }), (queued) => {
    const model = new LearnedLatency();
    let now = 0, batches = 0;
    for (; model.law.reachRows < 80; batches++) {
      const rows = Math.min(queued, model.law.reachRows);
      model.observe({ replica: 'r', rows, micros: 2 * MS + 100 * rows }, (now += 5 * MS));
    }
    assert.ok(batches <= 10, `${batches}`);
  }), RUNS);
});
