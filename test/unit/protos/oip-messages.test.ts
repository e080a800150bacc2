import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readModelName, readRepositoryChange, readRepositoryIndexRequest, writeModelConfig, writeModelMetadata, writeModelStatistics, writeRepositoryIndex, writeServerMetadata, writeYes } from '../../../protos/oip-messages.ts';
import { oipMethod } from '../../support/oip-codec.ts';

const read = (method: string, bytes: Buffer): unknown => JSON.parse(JSON.stringify(oipMethod(method).responseDeserialize(bytes)));

test('requests of another\'s codec are read', () => {
  assert.deepEqual(readModelName(oipMethod('ModelReady').requestSerialize({ name: 'm', version: '2' })), { name: 'm', version: '2' });
  assert.deepEqual([readRepositoryIndexRequest(oipMethod('RepositoryIndex').requestSerialize({ ready: true })), readRepositoryIndexRequest(Buffer.alloc(0))], [{ readyOnly: true }, { readyOnly: false }]);
  assert.deepEqual(readRepositoryChange(oipMethod('RepositoryModelLoad').requestSerialize({ repository_name: 'r', model_name: 'm', parameters: { config: { string_param: '{}' } } })), { model: 'm', parameters: ['config'] });
});

test('responses are what another\'s codec reads', () => {
  assert.deepEqual([read('ServerLive', writeYes(true)), read('ServerLive', writeYes(false))], [{ live: true }, {}]);
  assert.deepEqual(read('ServerMetadata', writeServerMetadata({ name: 't', version: '1', extensions: ['a', 'b'] })), { name: 't', version: '1', extensions: ['a', 'b'] });
  const tensor = { name: 'x', datatype: 'FP32', shape: [-1, 784] };
  assert.deepEqual(read('ModelMetadata', writeModelMetadata({ name: 'm', versions: ['1'], platform: 'p', inputs: [tensor], outputs: [tensor] })), {
    name: 'm', versions: ['1'], platform: 'p', inputs: [{ ...tensor, shape: ['-1', '784'] }], outputs: [{ ...tensor, shape: ['-1', '784'] }],
  });
  assert.deepEqual(read('ModelConfig', writeModelConfig({
    name: 'm', platform: 'p', backend: 'b', max_batch_size: 8, input: [{ name: 'x', data_type: 'TYPE_STRING', dims: [-1] }], output: [{ name: 'y', data_type: 'TYPE_BF16', dims: [2] }],
    dynamic_batching: { preferred_batch_size: [4], max_queue_delay_microseconds: 9 },
  })), { config: { name: 'm', platform: 'p', max_batch_size: 8, input: [{ name: 'x', data_type: 13, dims: ['-1'] }], output: [{ name: 'y', data_type: 14, dims: ['2'] }], dynamic_batching: { preferred_batch_size: [4], max_queue_delay_microseconds: '9' }, backend: 'b' } });
  assert.deepEqual(read('RepositoryIndex', writeRepositoryIndex([{ name: 'm', version: '1', state: 'READY', reason: '' }])), { models: [{ name: 'm', version: '1', state: 'READY', reason: '' }] });
});

test('statistics keep all their numbers', () => {
  const of = (count: number): { count: number; ns: number } => ({ count, ns: count * 1000 });
  const stats = { success: of(1), fail: of(2), queue: of(3), compute_input: of(4), compute_infer: of(5), compute_output: of(6), cache_hit: of(7), cache_miss: of(8) };
  const { model_stats: [model] } = read('ModelStatistics', writeModelStatistics([{
    name: 'm', version: '1', last_inference: 1_795_000_000_000, inference_count: 9, execution_count: 4, inference_stats: stats, batch_stats: [{ batch_size: 2, compute_input: of(0), compute_infer: of(5), compute_output: of(0) }],
  }])) as { model_stats: { last_inference: string; inference_stats: Record<string, object>; batch_stats: unknown[] }[] };
  assert.equal(model?.last_inference, '1795000000000');
  assert.deepEqual(model?.inference_stats, Object.fromEntries(Object.entries(stats).map(([key, { count, ns }]) => [key, { count: String(count), ns: String(ns) }])));
  assert.equal(model?.batch_stats.length, 1);
});
