import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { test } from 'node:test';
import { framed } from '../../../../frontend/grpc/message-frame.ts';
import type { UnaryCall } from '../../../../frontend/grpc/unary-call.ts';
import { UnaryLane } from '../../../../frontend/grpc/unary-lane.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

class StreamDouble extends EventEmitter {
  readonly closed = false;
  readonly destroyed = false;
  readonly said: unknown[] = [];
  respond(headers: Readonly<Record<string, unknown>>): void {
    this.said.push(headers[':status'], headers['grpc-status']);
  }
  end(): void {}
  resume(): void {}
}

const CALL: IncomingHttpHeaders = { ':path': '/a.B/Ask', 'content-type': 'application/grpc+proto' };

function laned(): { lane: UnaryLane; calls: UnaryCall[]; take: (headers?: IncomingHttpHeaders) => StreamDouble | undefined } {
  const lane = new UnaryLane({ clock: new VirtualClock(), messages: { hold: () => true }, unread: { of: () => undefined }, messageBytes: 100, onRefused: () => {}, failureOf: () => ({ code: 13, message: '' }) });
  const calls: UnaryCall[] = [];
  lane.register('/a.B/Ask', (call) => void calls.push(call));
  const take = (headers = CALL): StreamDouble | undefined => {
    const stream = new StreamDouble();
    if (!lane.take(stream as unknown as ServerHttp2Stream, headers)) return undefined;
    stream.emit('data', framed(Buffer.from([calls.length])));
    stream.emit('end');
    return stream;
  };
  return { lane, calls, take };
}

test('streams of its methods are taken, all others are not; what is no gRPC is refused', () => {
  const { calls, take } = laned();
  assert.equal(take({ ...CALL, ':path': '/a.B/Talk' }), undefined);
  assert.deepEqual([take({ ':path': '/a.B/Ask' })?.said, take({ ...CALL, 'content-type': 'text/plain' })?.said], [[415, undefined], [415, undefined]]);
  assert.notEqual(take(), undefined);
  assert.equal(calls.length, 1);
});

test('calls are open until each is over, in whatever order, and all that are left can be ended', () => {
  const { lane, calls, take } = laned();
  const streams = Array.from({ length: 5 }, () => take());
  assert.deepEqual([lane.open, calls.map(({ message }) => message[0])], [5, [0, 1, 2, 3, 4]]);
  calls[1]?.answer(Buffer.alloc(0));
  calls[4]?.answer(Buffer.alloc(0));
  calls[1]?.fail({ code: 5, message: '' });
  streams[0]?.emit('close');
  assert.equal(lane.open, 2);
  lane.endAll({ code: 14, message: 'over' });
  assert.deepEqual([lane.open, streams.map((stream) => stream?.said)], [0, [[], [200, undefined], [200, 14], [200, 14], [200, undefined]]]);
});
