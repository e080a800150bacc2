import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GOLDEN_FAULTS, GOLDEN_FRAMES, goldenBytes } from '../../../protos/golden/frames.ts';
import type { Frame } from '../../../protos/wire.ts';
import { controlFrame, FRAME, frameBytes, FrameReader, padTo8, payloadBytes, WireError, writeFrameHead } from '../../../protos/wire.ts';
import { random } from '../../../bench/load/random.ts';
import { SEED, seeded } from '../../support/random.ts';

interface Seen {
  kind: number;
  batch: number;
  header: unknown;
  payload: Buffer;
}

function reading(chunks: Iterable<Buffer>): Seen[] {
  const seen: Seen[] = [];
  const reader = new FrameReader(({ kind, batch, header, payload }) => seen.push({ kind, batch, header, payload: Buffer.from(payload) }));
  for (const chunk of chunks) reader.push(chunk);
  assert.equal(reader.heldBytes, 0);
  return seen;
}

test('a stream of frames reads the same, however it is cut', () => {
  const stream = Buffer.concat(GOLDEN_FRAMES.map(goldenBytes));
  const whole = reading([stream]);
  assert.equal(whole.length, GOLDEN_FRAMES.length);
  for (const size of [1, 2, 7, 15, 16, 17, 100, 1000]) {
    const chunks = [];
    for (let at = 0; at < stream.length; at += size) chunks.push(stream.subarray(at, at + size));
    assert.deepEqual(reading(chunks), whole, `chunks of ${size}`);
  }
});

test('what cannot be a frame is a WireError, also when it comes byte by byte', () => {
  for (const { bytes, error } of GOLDEN_FAULTS) {
    assert.throws(() => reading([Buffer.from(bytes)]), (thrown: Error) => thrown instanceof WireError && thrown.message.includes(error));
    assert.throws(() => reading([...bytes].map((byte) => Buffer.of(byte))), WireError);
  }
});

test('limits of its own are held before memory is taken', () => {
  const reader = new FrameReader(() => {}, { maxPayloadBytes: 8 });
  const frame = controlFrame(FRAME.heartbeat);
  frame.writeUInt32LE(9, 8);
  assert.throws(() => reader.push(frame), /payload of 9 bytes; at most 8/);
  assert.equal(reader.heldBytes, 0);
});

test('a payload is aligned where its frame is, and after a partial read', () => {
  const frame = GOLDEN_FRAMES.find(({ name }) => name === 'batch-float32');
  assert.ok(frame !== undefined);
  const bytes = goldenBytes(frame);
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  const offsets: number[] = [];
  const reader = new FrameReader(({ payload }) => offsets.push(payload.byteOffset % 8));
  reader.push(own);
  reader.push(own.subarray(0, 21));
  reader.push(own.subarray(21));
  assert.deepEqual(offsets, [0, 0]);
});

/** Frames with payloads of all sizes about those that get room of their own, as one stream. */
function largeAndSmall(draw: () => number): Buffer {
  const frames = Array.from({ length: 12 }, (_, batch) => {
    const payload = Buffer.alloc(8 * Math.floor(draw() * ([1, 500, 5000, 60_000][batch % 4] ?? 1)), batch + 1);
    const frame = Buffer.alloc(frameBytes(0, payload.length));
    frame.set(payload, writeFrameHead(frame, FRAME.batch, batch, undefined, payload.length));
    return frame;
  });
  return Buffer.concat(frames);
}

test(seeded('what is read straight to where it belongs reads the same as what is pushed, however it comes'), () => {
  const draw = random(SEED);
  for (let run = 0; run < 50; run++) {
    const stream = largeAndSmall(draw);
    const seen: Seen[] = [];
    let keeps = false;
    const reader: FrameReader = new FrameReader(({ kind, batch, header, payload }) => {
      seen.push({ kind, batch, header, payload: keeps ? (payload as Buffer) : Buffer.from(payload) });
      if (keeps) reader.keep();
    });
    let straight = 0;
    for (let at = 0; at < stream.length;) {
      const most = 1 + Math.floor(draw() * 100_000);
      keeps = draw() < 0.3;
      const room = reader.room();
      if (room === undefined) {
        // As a read does: never beyond a buffer of 64 KB; each of its own, as keeping it would have it.
        const chunk = Buffer.from(stream.subarray(at, at + Math.min(most, 65_536)));
        reader.push(chunk);
        at += chunk.length;
      } else {
        const bytes = stream.copy(room, 0, at, at + most);
        straight += bytes;
        reader.took(bytes);
        at += bytes;
      }
    }
    assert.deepEqual(seen, reading([stream]), `run ${run}`);
    assert.equal(reader.heldBytes, 0);
    assert.ok(straight > 0);
  }
});

test('room is for the rest of a large frame only, and never for more', () => {
  const frame = Buffer.alloc(frameBytes(0, 80_000));
  writeFrameHead(frame, FRAME.batch, 1, undefined, 80_000);
  const ends: number[] = [];
  const reader = new FrameReader(({ payload }) => ends.push(payload.length));
  assert.equal(reader.room(), undefined, 'nothing has begun');
  reader.push(frame.subarray(0, 15));
  assert.equal(reader.room(), undefined, 'nobody knows yet how long it is');
  reader.push(frame.subarray(15, 20));
  assert.equal(reader.room()?.length, frame.length - 20);
  reader.took(60_000);
  assert.equal(reader.room(), undefined, 'a small rest comes with what follows it');
  reader.push(frame.subarray(60_020));
  assert.deepEqual(ends, [80_000]);
});

test('kept memory is not used again: a frame inside a chunk names the chunk, a joined one is given away', () => {
  const frame = controlFrame(FRAME.credit, { n: 1 });
  const payloads: Uint8Array[] = [];
  const kept: boolean[] = [];
  const reader: FrameReader = new FrameReader((one: Frame) => {
    payloads.push(one.payload);
    kept.push(reader.keep());
  });
  assert.equal(reader.push(frame), true);
  reader.push(frame.subarray(0, 5));
  assert.equal(reader.push(frame.subarray(5)), false);
  reader.push(frame.subarray(0, 5));
  reader.push(frame.subarray(5));
  assert.deepEqual(kept, [true, false, false]);
  assert.notEqual(payloads[1]?.buffer, payloads[2]?.buffer);
});

test('tensors begin at multiples of 8', () => {
  assert.deepEqual([0, 1, 7, 8, 9].map(padTo8), [0, 8, 8, 8, 16]);
  assert.equal(payloadBytes([]), 0);
  assert.equal(payloadBytes([{ bytes: 3 }, { bytes: 8 }, { bytes: 1 }]), 17);
});
