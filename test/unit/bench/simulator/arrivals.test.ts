import assert from 'node:assert/strict';
import { test } from 'node:test';
import { random } from '../../../../bench/load/random.ts';
import { arrivalsOf, readTrace, type Arrivals } from '../../../../bench/simulator/arrivals.ts';

function times(arrivals: Arrivals, perSecond: number, untilMicros: number): number[] {
  const next = arrivalsOf(arrivals, perSecond, random(1));
  const all: number[] = [];
  for (let at = next(0); at < untilMicros; at = next(at)) all.push(at);
  return all;
}

function between(all: readonly number[], from: number, to: number): number {
  return all.filter((at) => at >= from && at < to).length;
}

/** Of counts in windows: 1 for Poisson, more for bursts. */
function dispersion(all: readonly number[], windowMicros: number, windows: number): number {
  const counts = Array.from({ length: windows }, (_, i) => between(all, i * windowMicros, (i + 1) * windowMicros));
  const mean = counts.reduce((a, b) => a + b) / windows;
  return counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / windows / mean;
}

test('every kind keeps its mean rate and never goes back', () => {
  const kinds: Arrivals[] = [{ kind: 'poisson' }, { kind: 'mmpp', factor: 2.5, share: 0.25, meanMs: 200 }, { kind: 'diurnal', swing: 0.8, periodMs: 1000 }, { kind: 'gamma', shape: 0.5 }, { kind: 'gamma', shape: 4 }];
  for (const kind of kinds) {
    const all = times(kind, 1000, 40_000_000);
    assert.ok(Math.abs(all.length / 40_000 - 1) < 0.08, `${JSON.stringify(kind)}: ${all.length}`);
    assert.ok(all.every((at, i) => at >= (all[i - 1] ?? 0)));
  }
});

test('Poisson is as uneven as it must be, bursts and clumps are more so', () => {
  const window = [100_000, 200] as const;
  assert.ok(Math.abs(dispersion(times({ kind: 'poisson' }, 1000, 20_000_000), ...window) - 1) < 0.3);
  assert.ok(dispersion(times({ kind: 'mmpp', factor: 2.5, share: 0.25, meanMs: 400 }, 1000, 20_000_000), ...window) > 5);
  assert.ok(dispersion(times({ kind: 'gamma', shape: 0.25 }, 1000, 20_000_000), ...window) > 2.5);
  assert.ok(dispersion(times({ kind: 'gamma', shape: 4 }, 1000, 20_000_000), ...window) < 0.5);
});

test('a flash crowd is its factor over the rate, and only while it lasts', () => {
  const all = times({ kind: 'flash', factor: 5, fromMs: 1000, forMs: 1000 }, 1000, 3_000_000);
  assert.ok(Math.abs(between(all, 0, 1_000_000) - 1000) < 150);
  assert.ok(Math.abs(between(all, 1_000_000, 2_000_000) - 5000) < 300);
  assert.ok(Math.abs(between(all, 2_000_000, 3_000_000) - 1000) < 150);
});

test('a trace is played as it is, again and again', () => {
  assert.deepEqual(times({ kind: 'trace', offsetsMicros: [10, 25, 40] }, 1, 100), [10, 25, 40, 50, 65, 80, 90]);
});

test('trace files are JSON arrays or columns, with or without a heading; what is no time is refused', () => {
  assert.deepEqual(readTrace('[30, 10, 20]'), [10, 20, 30]);
  assert.deepEqual(readTrace('offset_us,app\n10,a\n20,b\n'), [10, 20]);
  assert.deepEqual(readTrace('1\n2\n'), [1, 2]);
  assert.throws(() => readTrace('1\nx\n'), /arrival 2/);
});
