import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { constants, type ServerHttp2Stream } from 'node:http2';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { OpenMessages, TOO_MUCH_HELD } from '../../../../frontend/grpc/open-messages.ts';

class StreamDouble extends EventEmitter {
  headersSent = false;
  closed = false;
  readonly destroyed = false;
  said: Readonly<Record<string, unknown>> | undefined;
  code: number | undefined;
  respond(headers: Readonly<Record<string, unknown>>): void {
    this.said = headers;
  }
  close(code: number): void {
    this.closed = true;
    this.code = code;
    this.emit('close');
  }
  watchedBy(messages: OpenMessages): this {
    messages.watch(this as unknown as ServerHttp2Stream);
    return this;
  }
}

const begun = (bytes: number): Buffer => Buffer.concat([Buffer.from([0, 0, 1, 0, 0]), Buffer.alloc(bytes - 5)]);

function bounded(mostBytes: number): { messages: OpenMessages; refused: () => number } {
  let refused = 0;
  return { messages: new OpenMessages({ mostBytes, onRefused: () => refused++ }), refused: () => refused };
}

test('the stream that brings too much is told so, once, and what it held is free', async () => {
  const { messages, refused } = bounded(1000);
  const [first, second, third] = [0, 1, 2].map(() => new StreamDouble().watchedBy(messages)) as [StreamDouble, StreamDouble, StreamDouble];
  first.emit('data', begun(400));
  second.emit('data', begun(600));
  assert.deepEqual([messages.bytes, refused()], [1000, 0]);
  third.emit('data', begun(5));
  assert.deepEqual([third.said?.['grpc-status'], third.said?.['grpc-message']], [8, TOO_MUCH_HELD]);
  third.emit('data', Buffer.alloc(100));
  await nextTurn();
  assert.equal(third.code, constants.NGHTTP2_NO_ERROR);
  third.emit('data', Buffer.alloc(100));
  second.headersSent = true;
  second.emit('data', Buffer.alloc(500));
  assert.deepEqual([second.said, second.code, messages.bytes, refused()], [undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM, 400, 2], 'whose answer had begun gets a reset that means the same');
});

test('a message that comes whole is no longer of its stream, and one that is answered of nobody', () => {
  const { messages } = bounded(1000);
  const stream = new StreamDouble().watchedBy(messages);
  const whole = Buffer.concat([Buffer.from([0, 0, 0, 0, 100]), Buffer.alloc(100)]);
  stream.emit('data', whole.subarray(0, 50));
  assert.equal(messages.bytes, 50);
  stream.emit('data', whole.subarray(50));
  assert.equal(messages.bytes, 0);
  assert.deepEqual([messages.hold(900), messages.hold(101), messages.hold(-1001), messages.bytes], [true, false, true, 0]);
});
