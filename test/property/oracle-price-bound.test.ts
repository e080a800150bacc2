import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clairvoyantOnTime } from '../../bench/simulator/oracle/clairvoyant.ts';
import { priceBound } from '../../bench/simulator/oracle/price-bound.ts';
import { bestSchedule } from '../support/best-schedule.ts';
import { SEED, seeded } from '../support/random.ts';

const law = fc.record({ row: fc.nat(4), batch: fc.integer({ min: 4, max: 8 }), step: fc.integer({ min: 1, max: 3 }) })
  .map(({ row, batch, step }) => (rows: number): number => batch + row * Math.ceil(rows / step));

const worlds = (tasks: number, slos: number) => fc.record({
  tasks: fc.array(fc.record({ arrival: fc.nat(30), slo: fc.integer({ min: 4, max: 3 + slos }) }), { minLength: 1, maxLength: tasks }).map((list) => list.toSorted((a, b) => a.arrival - b.arrival)),
  maxRows: fc.integer({ min: 1, max: 4 }),
  gridMicros: fc.integer({ min: 1, max: 4 }),
});

test(seeded('no schedule of mixed SLOs over unequal replicas beats the bound, on any grid'), () => {
  fc.assert(fc.property(worlds(5, 25), law, law, ({ tasks, maxRows, gridMicros }, one, other) => {
    const bound = priceBound({
      arrivalsMicros: Float64Array.from(tasks, ({ arrival }) => arrival), slosMicros: Float64Array.from(tasks, ({ slo }) => slo),
      replicas: [{ lawMicros: one, count: 1 }, { lawMicros: other, count: 1 }], maxRows, gridMicros, rounds: 12,
    });
    const best = bestSchedule(
      tasks.map(({ arrival, slo }) => ({ arrival, deadline: arrival + slo })), [{ law: one, maxRows, freeAt: 0 }, { law: other, maxRows, freeAt: 0 }],
    );
    assert.ok(bound >= best, `${bound} is less than ${best}`);
  }), { seed: SEED, numRuns: 300 });
});

test(seeded('several replicas of one kind are bounded as so many kinds of one'), () => {
  fc.assert(fc.property(worlds(5, 20), law, ({ tasks, maxRows, gridMicros }, one) => {
    const bound = priceBound({
      arrivalsMicros: Float64Array.from(tasks, ({ arrival }) => arrival), slosMicros: Float64Array.from(tasks, ({ slo }) => slo),
      replicas: [{ lawMicros: one, count: 2 }], maxRows, gridMicros, rounds: 12,
    });
    const best = bestSchedule(tasks.map(({ arrival, slo }) => ({ arrival, deadline: arrival + slo })), [1, 2].map(() => ({ law: one, maxRows, freeAt: 0 })));
    assert.ok(bound >= best, `${bound} is less than ${best}`);
  }), { seed: SEED, numRuns: 200 });
});

test(seeded('with one SLO and one replica it is never below the exact optimum'), () => {
  fc.assert(fc.property(worlds(40, 1), law, fc.integer({ min: 4, max: 30 }), ({ tasks, maxRows, gridMicros }, one, sloMicros) => {
    const arrivalsMicros = Float64Array.from(tasks, ({ arrival }) => arrival);
    const bound = priceBound({ arrivalsMicros, slosMicros: arrivalsMicros.map(() => sloMicros), replicas: [{ lawMicros: one, count: 1 }], maxRows, gridMicros, rounds: 12 });
    const exact = clairvoyantOnTime({ arrivalsMicros, sloMicros, lawMicros: one, maxRows });
    assert.ok(bound >= exact, `${bound} is less than ${exact}`);
  }), { seed: SEED, numRuns: 200 });
});
