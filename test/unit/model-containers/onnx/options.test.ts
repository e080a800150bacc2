import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions } from '../../../../model-containers/onnx/options.ts';

test('defaults', () => {
  assert.deepEqual(readOptions({}), { providers: ['cpu'], threads: 1, warmUp: [1], outputs: undefined, maxBatch: undefined, maxInFlight: undefined });
});

test('as given', () => {
  assert.deepEqual(
    readOptions({ providers: ['cuda', 'cpu'], threads: 4, warm_up: [], outputs: ['y'], max_batch: 8, max_in_flight: 2 }),
    { providers: ['cuda', 'cpu'], threads: 4, warmUp: [], outputs: ['y'], maxBatch: 8, maxInFlight: 2 },
  );
});

test('every fault at once', () => {
  assert.throws(() => readOptions({ providers: [], threads: 0, warm_up: 'x', outputs: [], max_batch: 1.5, colour: 1 }), (error: Error) => {
    assert.equal(error.message.split('\n').length, 6);
    return true;
  });
});
