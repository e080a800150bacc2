import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { predictRowCount, predictRows, readPredictRequest } from '../../frontend/grpc/tfs/predict-codec.ts';
import { TfsPredictParser } from '../../frontend/http/tfs/predict-parser.ts';
import { parseTarget } from '../../frontend/http/predict-body/parse-target.ts';
import type { InputColumn } from '../../frontend/domain/query.ts';
import { SlabArena } from '../../frontend/runtime/slab-arena.ts';
import { DTYPE_BYTES, type Dtype } from '../../protos/dtype.ts';
import { tensorflowNumber } from '../../protos/tensorflow-datatype.ts';
import type { TensorSpec } from '../../protos/wire.ts';
import { SEED, seeded } from '../support/random.ts';
import { encode } from '../support/tfs-messages.ts';
import { servedModel } from '../support/tfs-world.ts';

const slabs = new SlabArena({ poison: true });
const parser = new TfsPredictParser();
const UNKNOWN = parseTarget({ inputs: [], slabs, sloMinMs: 1, sloMaxMs: 1000 });

/** Elements as JSON has them, as `TensorProto` has them in its typed field, and as bytes. */
interface Kind {
  readonly field: string;
  readonly element: fc.Arbitrary<{ readonly json: string; readonly value: unknown; readonly bytes: Buffer }>;
}

function integers(field: string, min: bigint, max: bigint, bytes: number): Kind {
  return { field, element: fc.bigInt({ min, max }).map((value) => {
    const element = Buffer.alloc(8);
    element.writeBigUInt64LE(BigInt.asUintN(64, value));
    return { json: String(value), value: String(value), bytes: element.subarray(0, bytes) };
  }) };
}
function floats(field: string, bytes: 4 | 8): Kind {
  const any = bytes === 4 ? fc.float() : fc.double();
  return { field, element: any.map((value) => {
    const element = Buffer.alloc(bytes);
    if (bytes === 4) element.writeFloatLE(value);
    else element.writeDoubleLE(value);
    return { json: Object.is(value, -0) ? '-0.0' : String(value), value, bytes: element };
  }) };
}
const KINDS: Readonly<Partial<Record<Dtype, Kind>>> = {
  float32: floats('floatVal', 4), float64: floats('doubleVal', 8),
  int8: integers('intVal', -128n, 127n, 1), uint8: integers('intVal', 0n, 255n, 1), int16: integers('intVal', -32_768n, 32_767n, 2), uint16: integers('intVal', 0n, 65_535n, 2),
  int32: integers('intVal', -(2n ** 31n), 2n ** 31n - 1n, 4), uint32: integers('uint32Val', 0n, 2n ** 32n - 1n, 4),
  int64: integers('int64Val', -(2n ** 63n), 2n ** 63n - 1n, 8), uint64: integers('uint64Val', 0n, 2n ** 64n - 1n, 8),
  bool: { field: 'boolVal', element: fc.boolean().map((value) => ({ json: String(value), value, bytes: Buffer.of(value ? 1 : 0) })) },
  bytes: { field: 'stringVal', element: fc.tuple(fc.string({ unit: 'grapheme' }), fc.boolean()).map(([text, base64]) => {
    const value = Buffer.from(text);
    const head = Buffer.alloc(4);
    head.writeUInt32LE(value.length);
    return { json: base64 ? `{"b64":"${value.toString('base64')}"}` : JSON.stringify(text), value, bytes: Buffer.concat([head, value]) };
  }) },
};

interface Tensor {
  readonly spec: TensorSpec;
  readonly field: string;
  /** Of each row, its elements. */
  readonly rows: readonly (readonly { readonly json: string; readonly value: unknown; readonly bytes: Buffer }[])[];
}

function tensor(name: string, rows: number): fc.Arbitrary<Tensor> {
  return fc.tuple(fc.constantFrom(...(Object.keys(KINDS) as Dtype[])), fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 })).chain(([dtype, shape]) => {
    const kind = KINDS[dtype] as Kind;
    const elements = shape.reduce((product, extent) => product * extent, 1);
    return fc.array(fc.array(kind.element, { minLength: elements, maxLength: elements }), { minLength: rows, maxLength: rows }).map((drawn) => ({ spec: { name, dtype, shape }, field: kind.field, rows: drawn }));
  });
}

function nested(elements: readonly { readonly json: string }[], shape: readonly number[]): string {
  const [extent, ...inner] = shape;
  if (extent === undefined) return elements[0]?.json ?? '';
  const size = elements.length / extent;
  return `[${Array.from({ length: extent }, (_, i) => nested(elements.slice(i * size, (i + 1) * size), inner)).join(',')}]`;
}

/** What the model would get: bytes of every row of every column. Gives the memory back. */
function shown(columns: readonly InputColumn[], rows: number, batchKey: string): unknown {
  const texts = columns.map(({ name, slab, offset, strideBytes, rowBytes, spans }) => `${name} ${Array.from({ length: rows }, (_, row) => {
    const at = spans?.offsets[row] ?? offset + row * strideBytes;
    return Buffer.from(slab.bytes.subarray(at, at + (spans?.lengths[row] ?? rowBytes))).toString('hex');
  }).join('|')}`);
  for (const { slab } of columns) slabs.release(slab);
  return [batchKey, ...texts];
}

function byJson(specs: readonly TensorSpec[], body: string): unknown {
  parser.reset(parseTarget({ inputs: specs, slabs, sloMinMs: 1, sloMaxMs: 1000, nonFinite: true, exactForms: true }));
  parser.push(Buffer.from(body));
  const result = parser.end();
  parser.reset(UNKNOWN);
  parser.push(Buffer.from(body));
  const counted = parser.end();
  // Who does not know the inputs yet counts the same rows.
  assert.deepEqual(counted.ok && [counted.body.rows, counted.body.rowForm], result.ok && [result.body.rows, result.body.rowForm], body);
  return result.ok && result.body.columns !== undefined ? shown(result.body.columns, result.body.rows, result.body.batchKey) : `${result.ok ? 'only counted' : result.failure.message}: ${body}`;
}

function byGrpc(specs: readonly TensorSpec[], inputs: Record<string, unknown>): unknown {
  const message = encode('PredictRequest', { inputs });
  const request = readPredictRequest(message);
  assert.ok(!('code' in request));
  const read = predictRows(message, request, servedModel('m', specs, undefined), { slabs, maxBytes: 1e6 });
  assert.deepEqual(predictRowCount(request), 'code' in read ? undefined : { rows: read.rows });
  return 'code' in read ? read.message : shown(read.columns, read.rows, read.batchKey);
}

test(seeded('row form, column form, typed values and raw contents give a model the same bytes'), () => {
  const tensors = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 2 })).chain(([rows, count]) => fc.tuple(...Array.from({ length: count }, (_, i) => tensor(['x', 'a "b"'][i] ?? '', rows))));
  fc.assert(fc.property(tensors, (all) => {
    const specs = all.map(({ spec }) => spec);
    const rows = all[0]?.rows.length ?? 0;
    const [only] = all;
    const expected = [
      specs.map(({ name, dtype, shape }) => `${JSON.stringify(name)}:${dtype}[${shape.join(',')}]`).join(';'),
      ...all.map(({ spec, rows: drawn }) => `${spec.name} ${drawn.map((elements) => Buffer.concat(elements.map(({ bytes }) => bytes)).toString('hex')).join('|')}`),
    ];
    const byRow = Array.from({ length: rows }, (_, row) => `{${all.map(({ spec, rows: drawn }) => `${JSON.stringify(spec.name)}:${nested(drawn[row] ?? [], spec.shape)}`).join(',')}}`);
    const columns = all.map(({ spec, rows: drawn }) => `${JSON.stringify(spec.name)}:[${drawn.map((elements) => nested(elements, spec.shape)).join(',')}]`);
    assert.deepEqual(byJson(specs, `{"instances":[${byRow.join(',')}]}`), expected, 'rows');
    assert.deepEqual(byJson(specs, `{"inputs":{${columns.join(',')}}}`), expected, 'columns');
    if (only !== undefined && all.length === 1) {
      const plain = only.rows.map((elements) => nested(elements, only.spec.shape)).join(',');
      assert.deepEqual(byJson(specs, `{"instances":[${plain}]}`), expected, 'plain rows');
      assert.deepEqual(byJson(specs, `{"inputs":[${plain}]}`), expected, 'plain column');
    }
    const proto = (more: (one: Tensor) => Record<string, unknown>): Record<string, unknown> => Object.fromEntries(all.map((one) => [one.spec.name, {
      dtype: tensorflowNumber(one.spec.dtype), tensorShape: { dim: [rows, ...one.spec.shape].map((size) => ({ size })) }, ...more(one),
    }]));
    assert.deepEqual(byGrpc(specs, proto(({ field, rows: drawn }) => ({ [field]: drawn.flat().map(({ value }) => value) }))), expected, 'typed values');
    const raw = ({ spec, rows: drawn }: Tensor): Record<string, unknown> => (DTYPE_BYTES[spec.dtype] > 0 ? { tensorContent: Buffer.concat(drawn.flat().map(({ bytes }) => bytes)) } : { stringVal: drawn.flat().map(({ value }) => value) });
    assert.deepEqual(byGrpc(specs, proto(raw)), expected, 'raw contents');
    assert.equal(slabs.usedSlabs, 0);
  }), { seed: SEED, numRuns: 400 });
});
