import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions, tensorflowEnvironment } from '../../../../model-containers/tensorflow/options.ts';

test('options have defaults', () => {
  assert.deepEqual(readOptions({}), {
    signature: 'serving_default', runtime: undefined, threads: 1, interOpThreads: 1, device: 'auto', memoryGrowth: true, warmUp: [1], outputs: undefined, maxBatch: undefined, maxInFlight: undefined,
  });
});

test('every fault is said, a line each', () => {
  const wrong = { signature: '', runtime: 'rust', threads: 0, device: 'tpu', memory_growth: 1, warm_up: [0], outputs: [], speed: 9 };
  assert.throws(() => readOptions(wrong), (error: Error) => {
    const words = ['speed is unknown', 'signature is not', 'runtime is not one of tfjs-node-gpu, tfjs-node, python', 'threads is not', 'device is not', 'memory_growth is not', 'warm_up is not', 'outputs is empty'];
    return words.every((word, i) => error.message.split('\n')[i]?.includes(word) === true);
  });
});

test('threads, device and memory are said to TensorFlow in its own words', () => {
  const said = tensorflowEnvironment(readOptions({ threads: 3, inter_op_threads: 2, device: 'gpu:1', memory_growth: false }));
  assert.deepEqual([said['TF_NUM_INTRAOP_THREADS'], said['TF_NUM_INTEROP_THREADS'], said['CUDA_VISIBLE_DEVICES'], said['TF_FORCE_GPU_ALLOW_GROWTH']], ['3', '2', '1', 'false']);
  assert.equal(tensorflowEnvironment(readOptions({ device: 'cpu' }))['CUDA_VISIBLE_DEVICES'], '-1');
  assert.equal('CUDA_VISIBLE_DEVICES' in tensorflowEnvironment(readOptions({})), false);
});
