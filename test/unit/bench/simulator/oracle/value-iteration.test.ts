import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exponential, random } from '../../../../../bench/load/random.ts';
import { clairvoyantOnTime } from '../../../../../bench/simulator/oracle/clairvoyant.ts';
import { bestOnlineFraction } from '../../../../../bench/simulator/oracle/value-iteration.ts';

const near = (actual: number, expected: number, within: number): void => {
  assert.ok(Math.abs(actual - expected) <= within * expected, `${actual} is not within ${within * 100} % of ${expected}`);
};

test('one at a time and nobody may wait: what the Erlang loss formula says', () => {
  for (const load of [0.3, 1, 4]) {
    const best = bestOnlineFraction({ lawMicros: () => 1000, sloMicros: 1000, maxRows: 1, ratePerSecond: load * 1000, stepMicros: 1 });
    near(best, 1 / (1 + load), 0.002);
  }
});

test('one at a time and one may wait a little: a cycle is a service, and a wait where nobody came at its end', () => {
  for (const load of [0.3, 1, 4]) {
    const best = bestOnlineFraction({ lawMicros: () => 1000, sloMicros: 1300, maxRows: 1, ratePerSecond: load * 1000, stepMicros: 1 });
    near(best, 1 / (load + Math.exp(-0.3 * load)), 0.002);
  }
});

test('two at the price of one, with time to wait for the second: sent at once where few come, held where many do', () => {
  // With w = S − L: at the end of a batch somebody is there or not; holding a lone one until his time is up costs that time.
  const law = { lawMicros: () => 1000, sloMicros: 1200, maxRows: 2 };
  const few = bestOnlineFraction({ ...law, ratePerSecond: 10, stepMicros: 4 });
  near(few, bestOnlineFraction({ ...law, maxRows: 1, ratePerSecond: 10, stepMicros: 4 }), 0.01);
  // A hundred a service: two are always there when it ends.
  near(bestOnlineFraction({ ...law, ratePerSecond: 100_000, stepMicros: 2 }), 2 / 100, 0.01);
});

const LAW = { lawMicros: (rows: number) => 100 * rows + 2000, sloMicros: 2520, maxRows: 5 };
const CAPACITY = 1 / 2100;
const ARRIVALS = 40_000;

function poisson(load: number, seed: number): Float64Array {
  const draw = random(seed);
  let at = 0;
  return Float64Array.from({ length: ARRIVALS }, () => (at += exponential(draw, 1 / (load * CAPACITY))));
}

/** As many as can be on time, at once; with `waits`, not before one more could no longer be. */
function play(arrivals: Float64Array, waits: boolean): number {
  const { lawMicros, sloMicros } = LAW;
  const came = (i: number): number => arrivals[i] ?? Infinity;
  let onTime = 0;
  let now = 0;
  for (let next = 0; next < arrivals.length;) {
    now = Math.max(now, came(next));
    let end = next;
    while (came(end) <= now) end++;
    let rows = 0;
    while (rows < end - next && came(end - rows - 1) + sloMicros >= now + lawMicros(rows + 1)) rows++;
    const hold = came(end - rows) + sloMicros - lawMicros(rows + 1);
    if (rows === 0) next = end;
    else if (waits && hold > now && rows < LAW.maxRows) now = Math.min(hold, came(end));
    else {
      onTime += rows;
      now += lawMicros(rows);
      next = end;
    }
  }
  return onTime / arrivals.length;
}

test('no rule that is played does better, the waiting one is close, and who knows the future does better', () => {
  for (const load of [0.5, 1.2, 4]) {
    const arrivals = poisson(load, 7);
    const best = bestOnlineFraction({ ...LAW, ratePerSecond: load * CAPACITY * 1e6, stepMicros: 10 });
    const waiting = play(arrivals, true);
    // 40,000 arrivals tell 1 % apart.
    assert.ok(play(arrivals, false) <= best * 1.01 && waiting <= best * 1.01, `${play(arrivals, false)}, ${waiting} of ${best}`);
    assert.ok(waiting >= best * 0.95);
    assert.ok(clairvoyantOnTime({ arrivalsMicros: arrivals, ...LAW }) / ARRIVALS >= best * 0.99);
  }
});

test('a finer step moves it down, by less and less', () => {
  const at = (stepMicros: number): number => bestOnlineFraction({ ...LAW, ratePerSecond: 1.2 * CAPACITY * 1e6, stepMicros });
  const [coarse, middle, fine] = [at(20), at(10), at(5)];
  assert.ok(coarse > middle && middle > fine && coarse - middle > middle - fine && fine > 0.99 * coarse, `${coarse} ${middle} ${fine}`);
});

test('an SLO that lets some who wait outlive a batch is refused, and one that nobody can meet gives nothing', () => {
  const ask = (sloMicros: number): number => bestOnlineFraction({ lawMicros: () => 1000, sloMicros, maxRows: 1, ratePerSecond: 1, stepMicros: 10 });
  assert.throws(() => ask(2001), RangeError);
  assert.equal(ask(999), 0);
  assert.throws(() => bestOnlineFraction({ lawMicros: () => 1000, sloMicros: 1000, maxRows: 1, ratePerSecond: 1e6, stepMicros: 1 }), /finer/);
});
