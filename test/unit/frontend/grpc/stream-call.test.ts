import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { Metadata, type ServerDuplexStream } from '@grpc/grpc-js';
import { StreamCall } from '../../../../frontend/grpc/stream-call.ts';

function open(): { call: StreamCall; raw: EventEmitter; written: string[]; told: string[]; ends: () => number } {
  const written: string[] = [];
  const told: string[] = [];
  let ends = 0;
  const raw = Object.assign(new EventEmitter(), {
    metadata: new Metadata(), getDeadline: () => Number.POSITIVE_INFINITY,
    write: (message: Buffer) => written.push(message.toString()) > 0, end: () => written.push('END'), pause: () => written.push('PAUSE'), resume: () => written.push('RESUME'),
  });
  const call = new StreamCall(raw as unknown as ServerDuplexStream<Buffer, Buffer>, { onEnd: () => ends++, failureOf: () => ({ code: 3, message: 'no message' }) });
  raw.on('error', ({ code }: { code: number }) => told.push(`error ${code}`));
  call.watch({ message: (message) => {
    if (message.length === 0) throw new Error('empty');
    told.push(message.toString());
  }, ended: () => told.push('ended'), gone: () => told.push('gone'), drain: () => told.push('drain') });
  return { call, raw, written, told, ends: () => ends };
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
