import assert from 'node:assert/strict';
import { test } from 'node:test';
import { framed } from '../../../../frontend/grpc/message-frame.ts';
import { UnaryMessage } from '../../../../frontend/grpc/unary-message.ts';

const MOST = 100_000;
const noise = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, at) => (at * 31) % 251));

test('a message is what was sent, wherever its bytes are cut', () => {
  for (const bytes of [0, 1, 300, 70_000]) {
    const sent = noise(bytes);
    const frame = framed(sent);
    for (const step of [1, 3, 5, 1000, 70_005]) {
      const message = new UnaryMessage(MOST);
      for (let at = 0; at < frame.length; at += step) {
        assert.equal(message.isWhole, false);
        assert.equal(message.push(frame.subarray(at, at + step)), undefined);
      }
      assert.deepEqual([message.isWhole, message.isPacked, message.bytes.equals(sent)], [true, false, true], `${bytes} bytes, by ${step}`);
    }
  }
});

test('a part of a large read does not keep the read', () => {
  const read = Buffer.alloc(65_536);
  const frame = framed(noise(200));
  frame.copy(read, 1000);
  const message = new UnaryMessage(MOST);
  message.push(read.subarray(1000, 1000 + frame.length));
  assert.notEqual(message.bytes.buffer, read.buffer);
  const whole = Buffer.from(new Uint8Array(framed(noise(40_000))).buffer);
  const large = new UnaryMessage(MOST);
  large.push(whole);
  assert.equal(large.bytes.buffer, whole.buffer, 'what is most of its read is not copied');
});

test('a message that is longer than may be is known by its prefix, the first and those behind it', () => {
  const prefix = Buffer.from([0, 0, 1, 0x86, 0xa1]);
  const long = new UnaryMessage(MOST);
  assert.equal(long.push(prefix.subarray(0, 4)), undefined);
  assert.deepEqual(long.push(prefix.subarray(4)), { kind: 'too_long', bytes: MOST + 1 });
  const behind = new UnaryMessage(MOST);
  assert.deepEqual(behind.push(Buffer.concat([framed(noise(3)), prefix])), { kind: 'too_long', bytes: MOST + 1 });
  assert.equal(new UnaryMessage(MOST + 1).push(prefix), undefined);
});

test('a second message is one once it is whole; what is none leaves the first as it is', () => {
  for (const step of [1, 4, 100]) {
    const message = new UnaryMessage(MOST);
    const bytes = Buffer.concat([framed(noise(3)), framed(noise(20))]);
    for (let at = 0; at < bytes.length - 1; at += step) assert.equal(message.push(bytes.subarray(at, Math.min(at + step, bytes.length - 1))), undefined);
    assert.deepEqual([...message.bytes], [...noise(3)]);
    assert.deepEqual(message.push(bytes.subarray(-1)), { kind: 'second' });
  }
});

test('only a flag of 1 says that a message is packed', () => {
  for (const flag of [0, 1, 2, 255]) {
    const message = new UnaryMessage(MOST);
    message.push(Buffer.from([flag, 0, 0, 0, 0]));
    assert.equal(message.isPacked, flag === 1);
  }
});
