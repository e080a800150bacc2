import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GOLDEN_FAULTS, GOLDEN_FRAMES, goldenBytes } from '../../../protos/golden/frames.ts';
import type { Frame } from '../../../protos/wire.ts';
import { controlFrame, FRAME, FrameReader, padTo8, payloadBytes, WireError } from '../../../protos/wire.ts';

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
