import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idleWorth } from '../../../../frontend/batching/idle-worth.ts';
import { exactLaw } from '../../../support/exact-law.ts';

const law = exactLaw((rows) => 2_000 + 100 * rows);
const worth = (arrivalRate: number, goodRate: number) => idleWorth({ law, sloMicros: 2_520, arrivalRate, goodRate });

test('nearly what value iteration says of the empty state: 0.1·b + 2 / 2.52 ms', () => {
  // The states' values at the best rate of reward, times in steps of 20 µs (bench/simulator/oracle/value-iteration.ts).
  for (const [load, goodRate, value] of [[4, 0.00059006, -0.1892], [2, 0.00041459, -0.158], [0.5, 0.00017355, -0.0744]] as const) {
    const own = worth(load / 2_100, goodRate);
    assert.ok(own <= value + 0.003 && own >= value - 0.012, `load ${load}: ${own}, and the best policy has ${value}`);
  }
});

test('the dearer time is, the less it is worth to wait for somebody', () => {
  assert.ok(worth(0.002, 0.0006) < worth(0.002, 0.0005));
  assert.ok(worth(0.001, 0.0006) < worth(0.002, 0.0006));
});

test('where a row alone is all that there ever is, that is what it waits for', () => {
  const alone = idleWorth({ law, sloMicros: 2_150, arrivalRate: 0.001, goodRate: 0.0003 });
  assert.ok(Math.abs(alone - (1 - 0.0003 * 2_100 - 0.3)) < 1e-9);
});
