import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TensorMetadata } from '../../../../../frontend/rpc/oip/server.ts';
import { signatureOf } from '../../../../../frontend/rpc/oip/signature.ts';

function read(inputs: readonly TensorMetadata[], outputs: readonly TensorMetadata[] = [], unbatched = false): unknown {
  const said = signatureOf({ platform: '', inputs, outputs }, { unbatched, input: undefined });
  return 'code' in said ? `${said.code}: ${said.message}` : said;
}
const x = (datatype: string, ...shape: number[]): TensorMetadata => ({ name: 'x', datatype, shape });

test('the batch dimension is left out of inputs and outputs', () => {
  assert.deepEqual(read([x('FP32', -1, 2, -1)], [x('BYTES', -1)]), { inputs: [{ name: 'x', dtype: 'float32', shape: [2, -1] }], outputs: [{ name: 'x', dtype: 'bytes', shape: [] }] });
});

test('without one the model is refused in words, or taken as it is', () => {
  assert.match(String(read([x('FP32', 2)])), /^no_batch_dimension: its input "x" has the shape \[2\], without a batch dimension \(-1\) in front; with `unbatched: true`/);
  assert.match(String(read([x('FP32', -1)], [x('FP32', 1, 2)])), /^no_batch_dimension: its output "x"/);
  assert.deepEqual(read([x('FP32', 2)], [], true), { inputs: [{ name: 'x', dtype: 'float32', shape: [2] }], outputs: [] });
});

test('metadata that makes no sense is refused', () => {
  assert.match(String(read([])), /^bad_signature: neither its metadata nor the configuration names its inputs/);
  assert.match(String(read([x('FP8', -1)])), /datatype "FP8"/);
  assert.match(String(read([x('FP32', -1, 0)])), /has the shape \[-1, 0\]/);
  assert.match(String(read([x('FP32', -1), x('FP32', -1)])), /names the input "x" twice/);
  assert.match(String(read(Array.from({ length: 257 }, (_, i) => ({ ...x('FP32', -1), name: String(i) })))), /names 257 inputs/);
});

test('inputs that the metadata leaves out come from the configuration', () => {
  const input = [{ name: 'a', dtype: 'int8' as const, shape: [3] }];
  assert.deepEqual(signatureOf({ platform: '', inputs: [], outputs: [] }, { unbatched: false, input }), { inputs: input, outputs: [] });
});
