import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inferReply } from '../../../../../frontend/http/oip/infer-reply.ts';
import type { AnswerTensor } from '../../../../../frontend/protocols/answer-tensors.ts';

const tensor = (name: string, values: readonly number[]): AnswerTensor => {
  const data = new Uint8Array(Float32Array.from(values).buffer);
  return { name, dtype: 'float32', shape: [values.length], bytes: data.length, write: (target, at) => target.set(data, at) };
};
const answer = { model: 'm', version: '3', facts: { decision_id: 'd', source: 'model', model: 'm', version: 3, confidence: 0.5, reason: 'no_replica' }, outputs: [tensor('a "b"', [1, Number.NaN]), tensor('c', [2])] };

test('JSON holds what is known of the answer; a number that is none is null', () => {
  const { body, headers } = inferReply(answer, { id: 'x"', outputs: [], binaryOutput: false }, 'r-1');
  assert.deepEqual(JSON.parse(String(body)), {
    model_name: 'm', model_version: '3', id: 'x"', parameters: answer.facts,
    outputs: [{ name: 'a "b"', datatype: 'FP32', shape: [2], data: [1, null] }, { name: 'c', datatype: 'FP32', shape: [1], data: [2] }],
  });
  assert.deepEqual(headers, ['content-type', 'application/json', 'x-request-id', 'r-1']);
  assert.deepEqual(JSON.parse(String(inferReply({ ...answer, facts: {}, outputs: [] }, { id: undefined, outputs: [], binaryOutput: false }, 'r-1').body)), { model_name: 'm', model_version: '3', parameters: { source: '' }, outputs: [] });
});

test('elements that are at hand as numbers are written from there, as they would be from bytes', () => {
  const numbers = (name: string, dtype: 'int64' | 'float64', values: readonly number[]): AnswerTensor => ({ name, dtype, shape: [values.length], bytes: values.length * 8, write: () => assert.fail('its bytes are not asked for'), numbers: values });
  const { body } = inferReply({ ...answer, outputs: [numbers('i', 'int64', [-0, 2 ** 53 - 1, -7]), numbers('d', 'float64', [-0, 0.1, Number.NaN])] }, { id: undefined, outputs: [], binaryOutput: false }, 'r-1');
  assert.match(String(body), /"data":\[0,9007199254740991,-7\].*"data":\[-0,0\.1,null\]/);
});

test('raw outputs lie behind the JSON, those that were asked for so', () => {
  const { body, headers } = inferReply(answer, { id: undefined, outputs: [{ name: 'c', binary: true }], binaryOutput: false }, 'r-1');
  assert.ok(Buffer.isBuffer(body));
  const jsonBytes = Number(headers[headers.indexOf('inference-header-content-length') + 1]);
  const { outputs } = JSON.parse(body.toString('utf8', 0, jsonBytes)) as { outputs: { data?: unknown; parameters?: unknown }[] };
  assert.deepEqual([outputs[0]?.data, outputs[1]?.parameters, body.readFloatLE(jsonBytes), body.length - jsonBytes], [[1, null], { binary_data_size: 4 }, 2, 4]);
});
