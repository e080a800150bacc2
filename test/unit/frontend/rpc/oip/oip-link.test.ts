import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OipLink } from '../../../../../frontend/rpc/oip/oip-link.ts';
import type { Answered, CallFailure, Server } from '../../../../../frontend/rpc/oip/server.ts';
import { TestSink, batchOf, pairQuery } from '../../../../support/batches.ts';
import { RecordingWatcher } from '../../../../support/replica-watcher.ts';

/** A link whose server answers when the test says so. */
function makeLink(refusal?: string): { link: OipLink; watcher: RecordingWatcher; over: string[]; answer: ((result: Answered | CallFailure) => void)[] } {
  const answer: ((result: Answered | CallFailure) => void)[] = [];
  const over: string[] = [];
  const never = (): Promise<never> => new Promise(() => {});
  const server: Server = {
    facts: never, ready: never, metadata: never, maxBatch: never, carries: () => true, close: () => {},
    infer: (_, done) => {
      if (refusal === undefined) answer.push(done);
      return refusal;
    },
  };
  const watcher = new RecordingWatcher();
  const signature = { inputs: [{ name: 'x', dtype: 'float32' as const, shape: [2] }], outputs: [] };
  const link: OipLink = new OipLink({
    id: 'far@1/1.1', signature, maxBatch: 8, maxInFlight: 2, unbatched: false, server, events: watcher,
    onOver: (why) => {
      over.push(why);
      link.ended(why);
    },
  });
  return { link, watcher, over, answer };
}

const answered: Answered = { payload: Buffer.alloc(8), tensors: [{ name: 'x', datatype: 'FP32', shape: [1, 2], offset: 0, bytes: 8 }] };

test('credits are those of the configuration, and come back with the answers', async () => {
  const { link, watcher, answer } = makeLink();
  const sinks = [new TestSink(), new TestSink()];
  for (const sink of sinks) link.infer(batchOf(pairQuery(1)), sink);
  assert.equal(link.credits, 0);
  answer[1]?.(answered);
  answer[0]?.({ kind: 'refused', code: 'internal', message: 'no' });
  assert.deepEqual([(await sinks[1]?.ended)?.end, (await sinks[0]?.ended)?.end], [{ kind: 'done' }, { kind: 'done', error: { code: 'internal', message: 'no' } }]);
  assert.deepEqual(watcher.told, ['credit 1', 'credit 2']);
});

test('a server that is gone takes every batch with it, first the link and then the batches', async () => {
  const { link, watcher, over, answer } = makeLink();
  const sinks = [new TestSink(), new TestSink()];
  for (const sink of sinks) link.infer(batchOf(pairQuery(1)), sink);
  answer[0]?.({ kind: 'gone', code: 'unavailable', message: 'UNAVAILABLE: bye' });
  answer[1]?.(answered);
  for (const sink of sinks) assert.deepEqual((await sink.ended).end, { kind: 'lost', message: 'UNAVAILABLE: bye' });
  assert.deepEqual([over, watcher.told, link.credits], [['UNAVAILABLE: bye'], ['closed: UNAVAILABLE: bye'], 0]);
});

test('drained, it takes nothing more and is over with its last answer; idle, at once', async () => {
  const busy = makeLink();
  const sink = new TestSink();
  busy.link.infer(batchOf(pairQuery(1)), sink);
  busy.link.drain();
  assert.deepEqual([busy.link.credits, busy.over], [0, []]);
  busy.answer[0]?.(answered);
  assert.equal((await sink.ended).rows.size, 1);
  assert.deepEqual(busy.over, ['drained']);
  const idle = makeLink();
  idle.link.drain();
  assert.deepEqual(idle.over, ['drained']);
});

test('rows that are no longer wanted are not told, and the call is not taken back', async () => {
  const { link, answer } = makeLink();
  const sink = new TestSink();
  link.infer(batchOf(pairQuery(1)), sink).cancel([0]);
  assert.equal(link.credits, 1);
  answer[0]?.(answered);
  const { rows, end } = await sink.ended;
  assert.deepEqual([rows.size, end], [0, { kind: 'done' }]);
});

test('a batch that cannot be a call is an error of its own; an answer that does not fit is counted', async () => {
  const { link } = makeLink('too much');
  const sink = new TestSink();
  link.infer(batchOf(pairQuery(1)), sink);
  assert.deepEqual((await sink.ended).end, { kind: 'done', error: { code: 'not_sendable', message: 'too much' } });
  assert.equal(link.credits, 2);
  const other = makeLink();
  other.link.infer(batchOf(pairQuery(1, 2)), new TestSink());
  other.answer[0]?.(answered);
  assert.equal(other.link.misfits, 1);
});
