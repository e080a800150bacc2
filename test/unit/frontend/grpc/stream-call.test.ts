import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { Metadata, type ServerDuplexStream } from '@grpc/grpc-js';
import type { StreamAnswers } from '../../../../frontend/grpc/connection-answers.ts';
import { StreamCall } from '../../../../frontend/grpc/stream-call.ts';

interface Opened {
  readonly call: StreamCall;
  readonly raw: EventEmitter;
  readonly written: string[];
  readonly told: string[];
  readonly ends: () => number;
  /** The oldest message that was written has gone out. */
  readonly out: () => void;
}

/** `room`: most bytes that may wait unread. */
function open(room = 100): Opened {
  const written: string[] = [];
  const told: string[] = [];
  let ends = 0;
  const going: (() => void)[] = [];
  const answers = { bytes: 0, add: (bytes: number) => answers.bytes < room && (answers.bytes += bytes) > 0, hold: (bytes: number) => answers.add(bytes), letGo: (bytes: number) => told.push(`let go ${bytes}`), taken: (bytes: number) => told.push(`out ${bytes}`), reset: () => written.push('RESET') };
  const raw = Object.assign(new EventEmitter(), {
    metadata: new Metadata(), getDeadline: () => Number.POSITIVE_INFINITY,
    write: (message: Buffer, out: () => void) => going.push(out) > 0 && written.push(message.toString()) > 0, end: () => written.push('END'), pause: () => written.push('PAUSE'), resume: () => written.push('RESUME'),
  });
  const call = new StreamCall(raw as unknown as ServerDuplexStream<Buffer, Buffer>, { answers: answers as unknown as StreamAnswers, onEnd: () => ends++, failureOf: () => ({ code: 3, message: 'no message' }) });
  raw.on('error', ({ code }: { code: number }) => told.push(`error ${code}`));
  call.watch({ message: (message) => {
    if (message.length === 0) throw new Error('empty');
    told.push(message.toString());
  }, ended: () => told.push('ended'), gone: () => told.push('gone'), drain: () => told.push('drain') });
  return { call, raw, written, told, ends: () => ends, out: () => going.shift()?.() };
}

test('messages go both ways until the stream is ended, once', () => {
  const { call, raw, written, told, ends } = open();
  raw.emit('data', Buffer.from('a'));
  call.pause();
  call.resume();
  call.drain();
  call.send(Buffer.from('b'));
  call.end();
  call.end();
  assert.equal(call.send(Buffer.from('c')), true);
  raw.emit('end');
  raw.emit('finish');
  raw.emit('close');
  assert.deepEqual([written, told, ends()], [['PAUSE', 'RESUME', 'b', 'END'], ['a', 'drain', 'ended'], 1]);
});

test('a caller that goes away is told once; a watcher that throws ends its own stream', () => {
  const left = open();
  left.raw.emit('cancelled');
  left.raw.emit('close');
  assert.deepEqual([left.told, left.ends()], [['gone'], 1]);
  const broken = open();
  broken.raw.emit('data', Buffer.alloc(0));
  assert.deepEqual([broken.told.includes('error 3'), broken.ends()], [true, 1]);
});

test('messages count until they are out, in their order; what is too much resets the stream', () => {
  const { call, written, told, out } = open(5);
  call.send(Buffer.from('abc'));
  call.send(Buffer.from('defgh'));
  out();
  out();
  assert.equal(call.send(Buffer.from('i')), true, 'nobody waits for a stream that was reset, nor is it reset again');
  assert.deepEqual([written, told], [['abc', 'defgh', 'RESET'], ['out 3', 'out 5']]);
});

test('a message that is held counts from then on, and once', () => {
  const { call, written, told, out } = open(5);
  call.hold(Buffer.from('abcde'));
  assert.deepEqual(written, []);
  call.sendHeld(Buffer.from('abcde'));
  out();
  assert.deepEqual([written, told], [['abcde'], ['let go 5', 'out 5']]);
  call.hold(Buffer.from('f'));
  call.sendHeld(Buffer.from('f'));
  assert.deepEqual(written, ['abcde', 'RESET'], 'too much is held: nothing goes out behind that');
});
