import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { coresOf } from '../../../../bench/live/keep-apart.ts';
import { mostPausedMs, Pauses } from '../../../../bench/load/pauses.ts';

test('the core that stood still the longest counts', () => {
  assert.equal(mostPausedMs([10, 20], [10, 50]), 30);
  assert.equal(mostPausedMs([10, 20], [10, 20]), 0);
  assert.equal(mostPausedMs([], []), 0);
});

test('each core is watched, and what it stood still only grows', async (t) => {
  const cores = coresOf(readFileSync('/proc/self/status', 'latin1'));
  const pauses = await Pauses.watch(cores);
  if (pauses === undefined) return t.skip('SKIP real-time priority');
  const before = await pauses.read();
  const after = await pauses.read();
  assert.equal(before.length, cores.length);
  assert.ok(mostPausedMs(before, after) >= 0);
  assert.ok(after.every((ms, core) => ms >= (before[core] ?? 0)));
  pauses.end();
});

test('a core that there is not is not watched', async () => {
  assert.equal(await Pauses.watch([100_000]), undefined);
});
