import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageProgress } from '../../../../frontend/grpc/message-progress.ts';

const message = (length: number): Buffer => Buffer.concat([Buffer.from([0, length >>> 24, length >>> 16, length >>> 8, length]), Buffer.alloc(length, 255)]);

test('what is held is what has come of the last message, wherever the bytes are cut', () => {
  const messages = [message(3), message(0), message(300), message(70_000)];
  const bytes = Buffer.concat(messages);
  const ends = messages.map((_, at) => messages.slice(0, at + 1).reduce((sum, { length }) => sum + length, 0));
  for (const step of [1, 2, 5, 7, 1000, bytes.length]) {
    const progress = new MessageProgress();
    for (let at = 0; at < bytes.length; at += step) {
      progress.push(bytes.subarray(at, at + step));
      const come = Math.min(at + step, bytes.length);
      assert.equal(progress.whole, ends.filter((end) => end <= come).length);
      assert.equal(progress.held, come - Math.max(0, ...ends.filter((end) => end <= come)), `${come} bytes, by ${step}`);
    }
  }
});

test('a length that no message could have is only ever waited for', () => {
  const progress = new MessageProgress();
  progress.push(Buffer.from([1, 255, 255, 255, 255, 9, 9]));
  assert.deepEqual([progress.held, progress.tooLong, progress.whole], [7, undefined, 0]);
});

test('the first message that is longer than may be is said, however many follow', () => {
  const progress = new MessageProgress(4);
  progress.push(Buffer.concat([message(4), message(0)]));
  assert.equal(progress.tooLong, undefined);
  progress.push(Buffer.concat([message(5), message(3), message(7)]));
  assert.deepEqual([progress.tooLong, progress.whole], [5, 5]);
});
