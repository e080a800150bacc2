import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import type { Answer } from '../../frontend/domain/answer.ts';
import type { Query } from '../../frontend/domain/query.ts';

/** Every field of `T`, optional ones too, at every depth that these two have. */
type Full<T> = T extends readonly (infer E)[] ? readonly Full<E>[] : T extends object ? { [K in keyof Required<T>]-?: Full<Exclude<T[K], undefined>> } : T;

const QUERY: Full<Omit<Query, 'columns' | 'context'>> & Pick<Query, 'columns' | 'context'> = {
  slot: 3, app: 'digits', arrivedAtMicros: 1_000, sloMicros: 20_000, deadlineAtMicros: 21_000, rows: 2, many: true, batchKey: 'k', explain: true,
  columns: [{
    name: 'x', dtype: 'bytes', shape: [-1], slab: { index: 1, bytes: Uint8Array.of(1, 2, 3) }, offset: 0, strideBytes: 0, rowBytes: 0,
    spans: { offsets: [0, 1], lengths: [1, 2], shapes: [[1], [2]] },
  }],
  context: { user: 'u', nested: { list: [1, null, 'x'] } },
  pin: { model: 'digits-mlp', version: 'stable' },
  priority: 0,
  trace: { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', flags: 1 },
};

const ANSWERS: readonly Answer[] = [
  {
    slot: 3, latencyMicros: 900, decisionId: 'd', ok: true, source: 'ensemble', model: 'm', version: 1, reason: 'no_replica', reasonText: 'none is ready', missing: ['b'], explanation: { why: [1] },
    rows: [
      { source: 'model', output: { kind: 'label', label: 7 }, confidence: 0.9 },
      { source: 'model', output: { kind: 'value', value: -0 } },
      { source: 'default', output: { kind: 'json', json: { any: [null] } }, reason: 'expired_in_queue' },
      { source: 'model', output: { kind: 'tensors', tensors: [{ name: 'p', dtype: 'float32', shape: [1], slab: { index: 0, bytes: new Uint8Array(8) }, offset: 0, lengthBytes: 4 }] } },
    ],
  },
  { slot: 4, latencyMicros: 10, ok: false, failure: { code: 'wrong_shape', message: 'm', path: 'inputs[0]', retryAfterMs: 5 } },
];

test('a query survives structuredClone and a message port', () => {
  assert.deepEqual(structuredClone(QUERY), QUERY);
  assert.deepEqual(posted(QUERY), QUERY);
});

test('an answer survives structuredClone and a message port', () => {
  for (const answer of ANSWERS) {
    assert.deepEqual(structuredClone(answer), answer);
    assert.deepEqual(posted(answer), answer);
  }
});

function posted(value: unknown): unknown {
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(value);
  const received: unknown = receiveMessageOnPort(port2)?.message;
  port1.close();
  return received;
}
