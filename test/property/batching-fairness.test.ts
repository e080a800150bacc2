import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PlannerController } from '../../frontend/batching/controllers/planner.ts';
import { BatchWorld, type Stream, type StreamEnd } from '../support/batch-world.ts';
import { exactLaw } from '../support/exact-law.ts';
import { SEED, seeded } from '../support/random.ts';

const LAW = exactLaw((rows) => 5_000 + 500 * rows);
const SLO_MICROS = 50_000;
/** Batches of 40 rows, twice of which fit into the SLO. */
const CAPACITY = 1_600;
/** Rates are learned over five seconds. */
const FROM_MICROS = 8_000_000;
const SECONDS = 8;

function played(streams: readonly Stream[], seed: number): Map<string, StreamEnd> {
  return new BatchWorld({ controller: new PlannerController({ maxBatch: 256 }), streams, laws: [LAW], seed }).play(FROM_MICROS, FROM_MICROS + SECONDS * 1_000_000);
}

/** By weight, what each gets of `capacity` that asks for so much: the filling of water. */
function maxMin(asked: readonly { demand: number; weight: number }[], capacity: number): number[] {
  const got = asked.map(() => 0);
  let open = asked.map((_, i) => i), left = capacity;
  while (open.length > 0 && left > 1e-9) {
    const level = left / open.reduce((sum, i) => sum + (asked[i]?.weight ?? 0), 0);
    const done = open.filter((i) => (asked[i]?.demand ?? 0) <= level * (asked[i]?.weight ?? 0));
    const filled = done.length > 0 ? done : open;
    for (const i of filled) {
      got[i] = done.length > 0 ? (asked[i]?.demand ?? 0) : level * (asked[i]?.weight ?? 0);
      left -= got[i] ?? 0;
    }
    open = open.filter((i) => !filled.includes(i));
  }
  return got;
}

/** The second asks for a seventh more than its share: were that overlooked, the last would have half of its own. */
const JUST_ABOVE = [{ times: 0.1, weight: 4 }, { times: 2, weight: 4 }, { times: 0.8, weight: 1 }, { times: 6, weight: 1 }];
const stream = fc.record({ times: fc.constantFrom(0.1, 0.3, 0.8, 2, 6), weight: fc.constantFrom(1, 1, 2, 4) });

test(seeded('under overload no app gets less than four fifths of what max-min fairness by weight gives it'), () => {
  fc.assert(fc.property(fc.array(stream, { minLength: 2, maxLength: 4 }), fc.nat(1000), (mix, seed) => {
    const weights = mix.reduce((sum, { weight }) => sum + weight, 0);
    const streams = mix.map(({ times, weight }, i): Stream => ({ name: `app-${i}`, weight, perSecond: (times * CAPACITY * weight) / weights, sloMicros: SLO_MICROS }));
    fc.pre(streams.reduce((sum, { perSecond }) => sum + perSecond, 0) > 1.3 * CAPACITY);
    const ends = played(streams, seed);
    const answered = streams.map(({ name }) => (ends.get(name)?.onTime ?? 0) / SECONDS);
    const total = answered.reduce((sum, perSecond) => sum + perSecond, 0);
    const fair = maxMin(streams.map(({ name, weight = 1 }) => ({ demand: (ends.get(name)?.offered ?? 0) / SECONDS, weight })), total);
    streams.forEach(({ name }, i) => {
      const [own = 0, due = 0] = [answered[i], fair[i]];
      assert.ok(own >= 0.8 * due, `${name} gets ${own.toFixed(0)}/s; its share of ${total.toFixed(0)}/s is ${due.toFixed(0)}/s`);
    });
    assert.ok(total >= 0.9 * CAPACITY, `${total.toFixed(0)}/s in all`);
  }), { seed: SEED, numRuns: 8, examples: [[JUST_ABOVE, 0]] });
});

test(seeded('a critical app within capacity is served whatever normal and sheddable ones offer'), () => {
  fc.assert(fc.property(fc.constantFrom(0.2, 0.5, 0.7), fc.constantFrom(0, 0.5, 3), fc.constantFrom(1.5, 6), fc.nat(1000), (critical, normal, sheddable, seed) => {
    const of = (name: string, priority: number, times: number): Stream[] => (times === 0 ? [] : [{ name, priority, perSecond: times * CAPACITY, sloMicros: SLO_MICROS }]);
    const ends = played([...of('critical', 0, critical), ...of('normal', 1, normal), ...of('sheddable', 2, sheddable)], seed);
    const { offered = 0, onTime = 0 } = ends.get('critical') ?? {};
    assert.ok(onTime >= 0.98 * offered, `${onTime} of ${offered} critical rows`);
    const { onTime: plain = 0, offered: asked = 0 } = ends.get('normal') ?? {};
    const fair = Math.min(asked, (0.95 - critical) * CAPACITY * SECONDS);
    assert.ok(plain >= 0.9 * fair, `${plain} of ${asked} normal rows; there is room for ${fair.toFixed(0)}`);
  }), { seed: SEED, numRuns: 6 });
});

test(seeded('a critical app that alone asks for more than there is has nearly all of it'), () => {
  fc.assert(fc.property(fc.constantFrom(1.1, 1.5, 3), fc.constantFrom(1, 2), fc.constantFrom(1.5, 6), fc.nat(1000), (critical, priority, times, seed) => {
    const ends = played([{ name: 'critical', priority: 0, perSecond: critical * CAPACITY, sloMicros: SLO_MICROS }, { name: 'other', priority, perSecond: times * CAPACITY, sloMicros: SLO_MICROS }], seed);
    const { onTime = 0 } = ends.get('critical') ?? {};
    assert.ok(onTime >= 0.9 * CAPACITY * SECONDS, `${onTime} critical rows of ${CAPACITY * SECONDS} that there is room for; ${ends.get('other')?.onTime} of the others`);
  }), { seed: SEED, numRuns: 6 });
});

test(seeded('nobody is turned away for want of room while somebody of a lower priority waits'), () => {
  fc.assert(fc.property(fc.nat(1000), (seed) => {
    let full = 0;
    const streams = [0, 1, 2].map((priority): Stream => ({ name: `p${priority}`, priority, perSecond: 3 * CAPACITY, sloMicros: 20 * SLO_MICROS }));
    new BatchWorld({
      controller: new PlannerController({ maxBatch: 256 }), streams, laws: [LAW], seed, maxQueueRows: 50,
      onFull: ({ priority = 1 }, waiting) => {
        full++;
        for (const other of waiting) assert.ok((other.priority ?? 1) <= priority, `priority ${priority} found no room beside ${other.priority}`);
      },
    }).play(0, 500_000);
    assert.ok(full > 100, `${full} found no room`);
  }), { seed: SEED, numRuns: 4 });
});
