import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Controller } from '../../frontend/batching/controller.ts';
import { AimdController } from '../../frontend/batching/controllers/aimd.ts';
import { FixedController } from '../../frontend/batching/controllers/fixed.ts';
import { PlannerController } from '../../frontend/batching/controllers/planner.ts';
import { QuantileController } from '../../frontend/batching/controllers/quantile.ts';
import { BatchWorld, type Stream } from '../support/batch-world.ts';
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

for (const [name, controller] of Object.entries(CONTROLLERS)) {
  test(seeded(`${name}: no replica has nothing to do while a row waits that it could answer in time, and none gets a row that it cannot`), () => {
    let idle = 0;
    fc.assert(fc.property(streams, fc.array(fc.constantFrom(1, 3, 10), { minLength: 1, maxLength: 4 }), fc.nat(1000), (mix, slowness, seed) => {
      // 2 ms and 0.1 ms a row, at the pace of each replica: the slowest needs longer for one row than some rows have.
      const laws = slowness.map((times) => exactLaw((rows) => times * (2_000 + 100 * rows)));
      const world: Stream[] = mix.map(({ times, sloMs, priority, batchKey }, i) => ({ name: `s${i}`, priority, batchKey, sloMicros: 1_000 * sloMs, perSecond: (times * 4_000) / mix.length }));
      new BatchWorld({
        controller: controller(), streams: world, laws, seed,
        onNext: ({ now, law, next, waiting }) => {
          if (next.kind === 'flush') {
            const endsAt = now + law.meanMicros(next.batch.rows);
            for (const { task } of next.batch.slices) {
              // An SLO that the law says is out of reach is tried now and then, to see whether the law is still right.
              const isProbe = next.batch.rows === 1 && task.query.sloMicros < (laws[0]?.meanMicros(1) ?? 0);
              if (!isProbe) assert.ok(endsAt <= task.deadlineAtMicros, `sent at ${now} in a batch of ${next.batch.rows}, which ends ${endsAt - task.deadlineAtMicros} µs late`);
            }
          }
          if (next.kind !== 'idle') return;
          idle++;
          for (const { deadlineAtMicros, query } of waiting) {
            assert.ok(now + law.meanMicros(1) > deadlineAtMicros, `idle for want of work at ${now}, and a row of lane ${query.batchKey} has until ${deadlineAtMicros}`);
          }
        },
      }).play(0, 1_500_000);
    }), { seed: SEED, numRuns: 15 });
    assert.ok(idle > 1_000, `only ${idle} times was a replica idle`);
  });
}
