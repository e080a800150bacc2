import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fits, readInputs } from '../../../../model-containers/typescript/read-inputs.ts';
import { joinElements } from '../../../../model-containers/typescript/tensor.ts';
import type { TensorPart, TensorSpec } from '../../../../protos/wire.ts';

const SPECS: readonly TensorSpec[] = [{ name: 'x', dtype: 'float32', shape: [2] }];
const PART: TensorPart = { name: 'x', dtype: 'float32', shape: [2], bytes: 16 };
const PAYLOAD = Buffer.from(new Float32Array([1, 2, 3, 4]).buffer);

function read(inputs: readonly TensorPart[], payload: Buffer, specs: readonly TensorSpec[] | 'none' = SPECS): ReturnType<typeof readInputs> {
  return readInputs({ rows: 2, budget_us: 0, inputs }, payload, specs === 'none' ? undefined : specs);
}

function refuses(inputs: readonly TensorPart[], message: RegExp, specs = SPECS, payload = PAYLOAD): void {
  assert.throws(() => read(inputs, payload, specs), { name: 'PredictError', code: 'bad_input', message });
}

test('inputs are views into the payload, with the batch axis first', () => {
  const { x } = read([PART], PAYLOAD);
  assert.deepEqual(x?.shape, [2, 2]);
  assert.deepEqual(x.data, new Float32Array([1, 2, 3, 4]));
  assert.equal((x.data as Float32Array).buffer, PAYLOAD.buffer);
});

test('without a signature anything goes, __proto__ as a name too', () => {
  const inputs = read([{ ...PART, name: '__proto__' }], PAYLOAD, 'none');
  assert.deepEqual(Object.keys(inputs), ['__proto__']);
});

test('what does not fit the signature is bad input, in words', () => {
  refuses([{ ...PART, name: 'z' }], /no input z; it has x/);
  refuses([], /input x is missing/);
  refuses([PART, PART], /given twice/, SPECS, Buffer.concat([PAYLOAD, PAYLOAD]));
  refuses([{ ...PART, dtype: 'int32' }], /x is int32; the model expects float32/);
  refuses([{ ...PART, shape: [1, 2] }], /shape \[1, 2\]; the model expects \[2\]/);
  refuses([{ ...PART, shape: [-1], shapes: [[2], [2]], lengths: [8, 8] }], /not declared ragged/);
});

test('ragged rows have shapes of their own, within the signature\'s', () => {
  const specs: readonly TensorSpec[] = [{ name: 'x', dtype: 'float32', shape: [-1, 2], ragged: true }];
  const part = { ...PART, shape: [-1, 2], shapes: [[2, 2], [0, 2]], lengths: [16, 0] };
  const { x } = read([part], PAYLOAD, specs);
  assert.deepEqual(x?.shape, [2, -1, 2]);
  assert.deepEqual(x.rowShapes, [[2, 2], [0, 2]]);
  refuses([{ ...part, shapes: [[2, 2], [0, 3]] }], /row 1 has shape \[0, 3\]/, specs);
});

test('rows of dtype bytes are cut into their elements', () => {
  const rows = [joinElements(['a', 'b']), joinElements(['', 'cd'])];
  const payload = Buffer.concat(rows);
  const part: TensorPart = { name: 'x', dtype: 'bytes', shape: [2], bytes: payload.length, lengths: rows.map(({ length }) => length) };
  const { x } = read([part], payload, 'none');
  assert.deepEqual((x?.data as Buffer[] | undefined)?.map(String), ['a', 'b', '', 'cd']);
  refuses([{ ...part, shape: [3] }], /row 0: its 10 bytes do not hold 3 elements/, [{ name: 'x', dtype: 'bytes', shape: [-1] }], payload);
});

test('fits', () => {
  assert.ok(fits([3, 2], [-1, 2]));
  assert.ok(!fits([3], [-1, 2]));
  assert.ok(!fits([3, 3], [-1, 2]));
});
