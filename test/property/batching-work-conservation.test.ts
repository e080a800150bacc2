import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Controller } from '../../frontend/batching/controller.ts';
import { AimdController } from '../../frontend/batching/controllers/aimd.ts';
import { FixedController } from '../../frontend/batching/controllers/fixed.ts';
import { PlannerController } from '../../frontend/batching/controllers/planner.ts';
import { QuantileController } from '../../frontend/batching/controllers/quantile.ts';
import { BatchWorld, type Seen, type Stream } from '../support/batch-world.ts';
import { exactLaw } from '../support/exact-law.ts';
import { SEED, seeded } from '../support/random.ts';

const CONTROLLERS: Readonly<Record<string, () => Controller>> = {
  planner: () => new PlannerController({ maxBatch: 64 }),
  fixed: () => new FixedController({ maxBatch: 16 }),
  aimd: () => new AimdController({ maxBatch: 64 }),
  quantile: () => new QuantileController({ maxBatch: 64 }),
};

const streams = fc.array(fc.record({
  times: fc.constantFrom(0.3, 1, 3), sloMs: fc.constantFrom(12, 20, 60), priority: fc.nat(2), batchKey: fc.constantFrom('a', 'b', 'c'),
}), { minLength: 1, maxLength: 5 });

const LEAST_PROBE_GAP = 100_000;
/** Twice as long as the planner's own estimate of the usual gap takes it to be: that is learned, the stream's rate is known. */
const STILL_COMING_GAPS = 2 * 3 * 4;

function couldBeAnswered({ now, law, waiting }: Seen): number[] {
  return [...waiting].map(({ deadlineAtMicros }) => deadlineAtMicros).filter((at) => now + law.meanMicros(1) <= at);
}

/**
 * The one reason to let a row wait in vain: more come than could be served one by one, all with an objective so tight that who
 * comes during a batch is too old when it ends, and they still come. Then a fuller batch in a moment is worth more.
 */
function mayHopeForMore({ now, law, fourthLastAt }: Seen, { sloMicros, rows, perMicro }: { sloMicros: number; rows: number; perMicro: number }): boolean {
  const isTight = sloMicros <= law.meanMicros(rows) + law.meanMicros(1);
  return isTight && perMicro * law.meanMicros(1) > 1 && now - fourthLastAt < STILL_COMING_GAPS / perMicro;
}

for (const [name, controller] of Object.entries(CONTROLLERS)) {
  test(seeded(`${name}: no replica has nothing to do while a row waits that it could answer in time, and none gets a row that it cannot`), () => {
    let idle = 0;
    fc.assert(fc.property(streams, fc.array(fc.constantFrom(1, 3, 10), { minLength: 1, maxLength: 4 }), fc.nat(1000), (mix, slowness, seed) => {
      // 2 ms and 0.1 ms a row, at the pace of each replica: the slowest needs longer for one row than some rows have.
      const laws = slowness.map((times) => exactLaw((rows) => times * (2_000 + 100 * rows)));
      const world: Stream[] = mix.map(({ times, sloMs, priority, batchKey }, i) => ({ name: `s${i}`, priority, batchKey, sloMicros: 1_000 * sloMs, perSecond: (times * 4_000) / mix.length }));
      const perMicro = world.reduce((sum, { perSecond }) => sum + perSecond, 0) / 1e6 / laws.length;
      const sloMicros = Math.max(...world.map((stream) => stream.sloMicros));
      const sentAt = new Map<string, number>();
      new BatchWorld({
        controller: controller(), streams: world, laws, seed,
        onNext: (seen) => {
          const { now, law, next } = seen;
          if (next.kind === 'flush') {
            const endsAt = now + law.meanMicros(next.batch.rows);
            for (const { task } of next.batch.slices) {
              // An SLO that the law says is out of reach is tried now and then, to see whether the law is still right.
              // So is a replica that has gone without for a while, though its law says that it is too slow.
              const isProbe = next.batch.rows === 1 && (task.query.sloMicros < (laws[0]?.meanMicros(1) ?? 0) || now - (sentAt.get(next.batch.replica) ?? 0) >= LEAST_PROBE_GAP);
              if (!isProbe) assert.ok(endsAt <= task.deadlineAtMicros, `sent at ${now} in a batch of ${next.batch.rows}, which ends ${endsAt - task.deadlineAtMicros} µs late`);
            }
            sentAt.set(next.batch.replica, now);
          }
          if (next.kind !== 'idle') return;
          idle++;
          const left = couldBeAnswered(seen);
          if (left.length === 0 || (name === 'planner' && mayHopeForMore(seen, { sloMicros, rows: left.length, perMicro }))) return;
          assert.fail(`idle for want of work at ${now}, and rows have until ${left.join(', ')}`);
        },
      }).play(0, 1_500_000);
    }), { seed: SEED, numRuns: 15 });
    assert.ok(idle > 100, `only ${idle} times was a replica idle`);
  });
}

test(seeded('planner: as soon as a flood under a tight objective is over, every query that can be answered in time is sent'), () => {
  const floodEndsAtMicros = 1_000_000;
  let alone = 0;
  const drawn = fc.record({ sloMicros: fc.constantFrom(2_300, 2_520, 4_000, 4_200), load: fc.constantFrom(2, 4, 10), gapMs: fc.constantFrom(5, 30, 200), seed: fc.nat(1000) });
  fc.assert(fc.property(drawn, ({ sloMicros, load, gapMs, seed }) => {
    const law = exactLaw((rows) => 2_000 + 100 * rows);
    const flood: Stream = { name: 'flood', sloMicros, perSecond: load * 480, endsAtMicros: floodEndsAtMicros };
    const calm: Stream = { name: 'calm', sloMicros, perSecond: 1_000 / gapMs, even: true };
    // Of the four last queries none is of the flood.
    const fromMicros = floodEndsAtMicros + 4_000 * gapMs;
    const ends = new BatchWorld({ controller: new PlannerController({ maxBatch: 64 }), streams: [flood, calm], laws: [law], seed }).play(fromMicros, fromMicros + 1_000_000 + 10);
    const { offered, onTime } = ends.get('calm') ?? { offered: 0, onTime: 0 };
    alone += offered;
    // The last one may be under way.
    assert.ok(onTime >= offered - 1, `${offered - onTime} of ${offered} lone queries were let go`);
  }), { seed: SEED, numRuns: 20 });
  assert.ok(alone > 300, `only ${alone} queries came alone`);
});
