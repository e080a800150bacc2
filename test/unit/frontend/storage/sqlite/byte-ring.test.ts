import assert from 'node:assert/strict';
import { test } from 'node:test';
import { random } from '../../../../../bench/load/random.ts';
import { ByteRing } from '../../../../../frontend/storage/sqlite/byte-ring.ts';
import { SEED, seeded } from '../../../../support/random.ts';

test(seeded('frames come out as they went in, whatever their lengths, over the end and again'), () => {
  const draw = random(SEED);
  const writer = new ByteRing({ capacityBytes: 256 });
  const reader = new ByteRing(writer.memory);
  const inside: Uint8Array[] = [];
  for (let i = 0; i < 5_000; i++) {
    const frame = Uint8Array.from({ length: Math.floor(draw() * 120) }, () => draw() * 256);
    const { room } = writer;
    const fits = writer.write(frame);
    if (frame.length > 0) assert.equal(fits, frame.length <= room);
    if (fits) inside.push(frame);
    while (inside.length > 0 && draw() < 0.55) assert.deepEqual(reader.read(), inside.shift());
  }
  for (const frame of inside) assert.deepEqual(reader.read(), frame);
  assert.equal(reader.read(), undefined);
  assert.equal(writer.room, 252);
});

test('positions count on past 2^32', () => {
  const ring = new ByteRing({ capacityBytes: 64 });
  new Int32Array(ring.memory, 0, 2).fill(-10);
  for (let i = 0; i < 4; i++) {
    assert.ok(ring.write(Uint8Array.of(i, 1, 2)));
    assert.deepEqual(ring.read(), Uint8Array.of(i, 1, 2));
  }
  assert.ok(!ring.write(new Uint8Array(61)));
});

test('a capacity that is no power of two is refused', () => {
  assert.throws(() => new ByteRing({ capacityBytes: 100 }), RangeError);
});
