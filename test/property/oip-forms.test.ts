import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { inferUnary } from '../../frontend/grpc/oip/infer.ts';
import { ProtoWriter } from '../../protos/protobuf.ts';
import { BodyWorld } from '../support/infer-bodies.ts';
import { rawOutputs, servedModel, tfsWorld } from '../support/tfs-world.ts';
import { unaryCall } from '../support/unary-call-double.ts';
import { readInferRequest } from '../../protos/oip-infer.ts';
import { OIP_DATATYPE } from '../../protos/oip-datatype.ts';
import type { Dtype } from '../../protos/dtype.ts';

const seed = Number(process.env['TRADEWIND_SEED'] ?? 1);

interface Kind {
  readonly dtype: Dtype;
  readonly value: fc.Arbitrary<unknown>;
  readonly raw: (values: readonly unknown[]) => Buffer;
}
const bytesOf = (array: { readonly buffer: ArrayBufferLike }): Buffer => Buffer.from(new Uint8Array(array.buffer));
const KINDS: readonly Kind[] = [
  { dtype: 'bool', value: fc.boolean(), raw: (values) => Buffer.from(values.map(Number)) },
  { dtype: 'int8', value: fc.integer({ min: -128, max: 127 }), raw: (values) => bytesOf(Int8Array.from(values as number[])) },
  { dtype: 'uint16', value: fc.integer({ min: 0, max: 65_535 }), raw: (values) => bytesOf(Uint16Array.from(values as number[])) },
  { dtype: 'int32', value: fc.integer(), raw: (values) => bytesOf(Int32Array.from(values as number[])) },
  { dtype: 'int64', value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), raw: (values) => bytesOf(BigInt64Array.from(values as bigint[])) },
  { dtype: 'uint64', value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), raw: (values) => bytesOf(BigUint64Array.from(values as bigint[])) },
  { dtype: 'float32', value: fc.float({ noNaN: true, noDefaultInfinity: true }), raw: (values) => bytesOf(Float32Array.from(values as number[])) },
  { dtype: 'float64', value: fc.double({ noNaN: true, noDefaultInfinity: true }), raw: (values) => bytesOf(Float64Array.from(values as number[])) },
  { dtype: 'bytes', value: fc.string({ unit: 'binary' }), raw: (values) => Buffer.concat((values as string[]).flatMap((value) => {
    const head = Buffer.alloc(4);
    head.writeUInt32LE(Buffer.byteLength(value));
    return [head, Buffer.from(value)];
  })) },
];

function json(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  return Object.is(value, -0) ? '-0' : JSON.stringify(value);
}

const request = fc.constantFrom(...KINDS).chain((kind) => fc.tuple(fc.constant(kind), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 })).chain(([of, rows, width]) => (
  fc.tuple(fc.constant(of), fc.constant(rows), fc.constant(width), fc.array(kind.value, { minLength: rows * width, maxLength: rows * width }))
)));

test(`JSON flat and nested, binary and gRPC raw say the same rows (seed ${seed})`, () => {
  fc.assert(fc.property(request, ([{ dtype, raw: rawOf }, rows, width, values]) => {
    const spec = { name: 'x', dtype, shape: [width] };
    const world = new BodyWorld([spec]);
    const raw = rawOf(values);
    const head = { name: 'x', shape: [rows, width], datatype: OIP_DATATYPE[dtype] };
    const text = (data: string): string => `{"inputs":[{"name":"x","shape":[${rows},${width}],"datatype":"${head.datatype}","data":${data}}]}`;
    const flat = world.read(text(`[${values.map(json).join(',')}]`)).inputs;
    const nested = world.read(text(`[${Array.from({ length: rows }, (_, row) => `[${values.slice(row * width, (row + 1) * width).map(json).join(',')}]`).join(',')}]`)).inputs;
    const prefix = JSON.stringify({ inputs: [{ ...head, parameters: { binary_data_size: raw.length } }] });
    const binary = world.read(Buffer.concat([Buffer.from(prefix), raw]), { jsonBytes: Buffer.byteLength(prefix) }).inputs;
    assert.ok(flat !== undefined);
    assert.deepEqual(nested, flat);
    assert.deepEqual(binary, flat);
    // Who does not know the inputs yet counts the same rows.
    assert.deepEqual([counted(text(`[${values.map(json).join(',')}]`)), counted(Buffer.concat([Buffer.from(prefix), raw]), { jsonBytes: Buffer.byteLength(prefix) })], [rows, rows]);
    assert.deepEqual(grpcRows(spec, rows, raw), flat[0]?.rows.join(''));
  }), { seed, numRuns: 300 });
});

function counted(...body: Parameters<BodyWorld['read']>): number | string | undefined {
  const world = new BodyWorld(undefined);
  const { body: read, failure } = world.read(...body);
  assert.equal(world.slabs.usedSlabs, 0);
  return read?.input.rows ?? failure?.message;
}

/** What the echoing model behind the gRPC door answers. */
function grpcRows(spec: { name: string; dtype: Dtype; shape: readonly number[] }, rows: number, raw: Buffer): string {
  const world = tfsWorld([servedModel('m', [spec], rawOutputs('raw', spec))]);
  const input = new ProtoWriter().text(1, 'x').text(2, OIP_DATATYPE[spec.dtype]).packed(3, [rows, ...spec.shape]);
  const { call, outcome } = unaryCall(new ProtoWriter().text(1, 'm').nested(5, input.bytes).nested(7, raw).bytes);
  inferUnary(world, call);
  assert.equal(world.slabs.usedSlabs, 0);
  // Raw contents stand in field 6 of an answer; in a request 7 is theirs.
  const answer = outcome.answer ?? Buffer.alloc(0);
  return answer.subarray(answer.length - raw.length).toString('hex');
}

test(`any change to a request is read or refused, and leaves nothing (seed ${seed})`, () => {
  const [known, unknown] = [new BodyWorld([{ name: 'x', dtype: 'float32', shape: [2] }, { name: 's', dtype: 'bytes', shape: [] }]), new BodyWorld(undefined)];
  const whole = Buffer.from('{"id":"1","inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1.5,2]},{"name":"s","shape":[1],"datatype":"BYTES","data":["a"]}],"outputs":[{"name":"y"}]}');
  const head = Buffer.from('{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}},{"name":"s","shape":[1],"datatype":"BYTES","parameters":{"binary_data_size":5}}]}');
  const binary = Buffer.concat([head, Buffer.from(Float32Array.of(1, 2).buffer), Buffer.from([1, 0, 0, 0, 65])]);
  const edits = fc.array(fc.tuple(fc.nat(400), fc.constantFrom(...'{ } [ ] " , : 0 1 2 3 4 5 6 7 8 9 - . e E n N t \\ \u0000 é'.split(' '), ' ')), { minLength: 1, maxLength: 4 });
  fc.assert(fc.property(fc.boolean(), edits, fc.array(fc.nat(300), { maxLength: 3 }), (isBinary, changes, cuts) => {
    const body = Buffer.from(isBinary ? binary : whole);
    for (const [at, text] of changes) body.write(text, at % body.length);
    const how = { cuts: cuts.filter((cut) => cut < body.length).toSorted((a, b) => a - b), ...(isBinary ? { jsonBytes: head.length } : {}) };
    const [read, counted] = [known.read(body, how), unknown.read(body, how)];
    assert.deepEqual([known.slabs.usedSlabs, unknown.slabs.usedSlabs], [0, 0]);
    // Who does not know the inputs yet refuses nothing that would be right once they are known.
    if (read.body !== undefined) assert.equal(counted.body?.input.rows, read.body.input.rows);
  }), { seed, numRuns: Number(process.env['TRADEWIND_FUZZ_RUNS'] ?? 20_000) });
});

test(`any bytes are an inference request or none, and the call is answered (seed ${seed})`, () => {
  const spec = { name: 'x', dtype: 'float32' as const, shape: [2] };
  const worlds = [tfsWorld([servedModel('m', [spec], rawOutputs('raw', spec))]), tfsWorld([servedModel('m', undefined, undefined)])];
  const input = new ProtoWriter().text(1, 'x').text(2, 'FP32').packed(3, [1, 2]);
  const good = Buffer.from(new ProtoWriter().text(1, 'm').nested(5, input.bytes).nested(7, Buffer.alloc(8)).bytes);
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), (changes) => {
    const message = Buffer.from(good);
    for (const [at, byte] of changes) message[at] = byte;
    for (const world of worlds) {
      const { call, outcome } = unaryCall(message);
      try {
        inferUnary(world, call);
        assert.ok(outcome.answer !== undefined || outcome.code !== undefined);
      } catch (error) {
        assert.equal((error as Error).name, 'WireError', String(error));
      }
      assert.deepEqual([world.slabs.usedSlabs, world.calls.open], [0, 0]);
    }
    readInferRequest(good);
  }), { seed, numRuns: Number(process.env['TRADEWIND_FUZZ_RUNS'] ?? 20_000) });
});
