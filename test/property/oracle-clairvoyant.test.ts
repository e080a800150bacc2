import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clairvoyantOnTime } from '../../bench/simulator/oracle/clairvoyant.ts';
import { bestSchedule } from '../support/best-schedule.ts';
import { SEED, seeded } from '../support/random.ts';

/** Laws that rise by any steps, level stretches and cliffs included. */
const laws = fc.array(fc.nat(6), { minLength: 1, maxLength: 7 }).map((steps) => {
  const times = [0];
  for (const step of steps) times.push((times.at(-1) ?? 0) + step);
  return (rows: number): number => (times[rows] ?? Infinity) + 1;
});

const worlds = (tasks: number) => fc.record({
  arrivals: fc.array(fc.nat(30), { maxLength: tasks }).map((list) => list.toSorted((a, b) => a - b)),
  slo: fc.integer({ min: 1, max: 25 }),
  law: laws,
  maxRows: fc.integer({ min: 1, max: 6 }),
  freeAt: fc.nat(12),
});

test(seeded('the clairvoyant optimum is what trying every schedule finds'), () => {
  fc.assert(fc.property(worlds(7), ({ arrivals, slo, law, maxRows, freeAt }) => {
    const exact = clairvoyantOnTime({ arrivalsMicros: Float64Array.from(arrivals), sloMicros: slo, lawMicros: law, maxRows, freeAtMicros: freeAt });
    const tried = bestSchedule(arrivals.map((arrival) => ({ arrival, deadline: arrival + slo })), [{ law, maxRows, freeAt }]);
    assert.equal(exact, tried);
  }), { seed: SEED, numRuns: 1500 });
});

/** The same optimum on a grid, backward over (time free, next task): starts, arrivals and times rounded down, deadlines up. */
function onGrid(world: { arrivals: readonly number[]; slo: number; law: (rows: number) => number; maxRows: number; freeAt: number }, step: number): number {
  const down = (time: number): number => Math.floor(time / step);
  const arrival = world.arrivals.map(down);
  const deadline = world.arrivals.map((time) => Math.ceil((time + world.slo) / step));
  const last = Math.max(0, ...deadline);
  // A time that is rounded down to nothing would let one moment serve for ever: those walks still go on by tasks.
  let later: number[][] = [];
  for (let next = world.arrivals.length; next >= 0; next--) {
    const row: number[] = [];
    for (let free = last; free >= 0; free--) {
      let most = later[0]?.[free] ?? 0;
      for (let rows = 1; rows <= world.maxRows && next + rows <= world.arrivals.length; rows++) {
        const end = Math.max(free, arrival[next + rows - 1] ?? 0) + down(world.law(rows));
        if (end <= (deadline[next] ?? 0)) most = Math.max(most, rows + (later[rows - 1]?.[end] ?? 0));
      }
      row[free] = most;
    }
    later = [row, ...later].slice(0, world.maxRows);
  }
  return later[0]?.[Math.min(down(world.freeAt), last)] ?? 0;
}

test(seeded('a grid on which all times lie gives the same, any coarser one no less'), () => {
  fc.assert(fc.property(worlds(25), fc.integer({ min: 2, max: 5 }), (world, step) => {
    const exact = clairvoyantOnTime({
      arrivalsMicros: Float64Array.from(world.arrivals), sloMicros: world.slo, lawMicros: world.law, maxRows: world.maxRows, freeAtMicros: world.freeAt,
    });
    assert.equal(onGrid(world, 1), exact);
    assert.ok(onGrid(world, step) >= exact, `${onGrid(world, step)} on a grid of ${step}, ${exact} without`);
  }), { seed: SEED, numRuns: 500 });
});
