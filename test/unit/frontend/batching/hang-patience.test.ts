import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HangPatience } from '../../../../frontend/batching/hang-patience.ts';

test('patience is a multiple of the p99, at least a second, and half a minute where nothing is known', () => {
  const patience = new HangPatience();
  assert.deepEqual([patience.micros(0), patience.micros(50_000), patience.micros(200_000.05)], [30_000_000, 1_000_000, 2_000_001]);
});

test('it doubles with each hang, four times at most, until a batch is done', () => {
  const patience = new HangPatience({ factor: 2, floorMicros: 10, unknownMicros: 100 });
  const seen = Array.from({ length: 6 }, () => {
    const micros = patience.micros(20);
    patience.hung();
    return micros;
  });
  assert.deepEqual(seen, [40, 80, 160, 320, 640, 640]);
  patience.done();
  assert.equal(patience.micros(20), 40);
});
