import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dtype } from '../../protos/dtype.ts';
import type { TensorSpec } from '../../protos/wire.ts';
import { TestSink, batchOf, infer, pairQuery, pairRow, queryOf, type TestInput } from '../support/batches.ts';
import { Supervised } from '../support/supervised.ts';
import { WIRES } from '../support/wires.ts';

const PAIR: readonly TensorSpec[] = [{ name: 'x', dtype: 'float32', shape: [2] }];

function raw(name: string, dtype: Dtype, array: NodeJS.TypedArray): TestInput {
  const data = Buffer.from(array.buffer);
  const half = data.length / 2;
  return { name, dtype, shape: [2], rows: [data.subarray(0, half), data.subarray(half)] };
}

function texts(...all: readonly string[]): Buffer {
  return Buffer.concat(all.flatMap((text) => {
    const head = Buffer.alloc(4);
    head.writeUInt32LE(Buffer.byteLength(text));
    return [head, Buffer.from(text)];
  }));
}

const EVERYWHERE: readonly TestInput[] = [
  raw('bool', 'bool', Uint8Array.of(1, 0, 0, 1)), raw('int8', 'int8', Int8Array.of(-128, 127, 0, -1)), raw('int16', 'int16', Int16Array.of(-1, 2, 32_767, -32_768)),
  raw('int32', 'int32', Int32Array.of(-1, 2, 2 ** 31 - 1, -(2 ** 31))), raw('int64', 'int64', BigInt64Array.of(-(2n ** 63n), 5n, 2n ** 53n + 1n, 0n)),
  raw('uint8', 'uint8', Uint8Array.of(255, 0, 7, 9)), raw('uint16', 'uint16', Uint16Array.of(65_535, 0, 1, 300)),
  raw('uint32', 'uint32', Uint32Array.of(4_294_967_295, 0, 300, 1)), raw('uint64', 'uint64', BigUint64Array.of(2n ** 64n - 1n, 0n, 300n, 1n)),
  raw('float32', 'float32', Float32Array.of(0.1, 3.4e38, -1e-45, 5)), raw('float64', 'float64', Float64Array.of(0.1, 1e300, -5e-324, 7)),
  { name: 'texts', dtype: 'bytes', shape: [2], rows: [texts('ä', ''), texts('x'.repeat(300), '"\n\0')] },
];
const BINARY_ONLY: readonly TestInput[] = [
  raw('float16', 'float16', Uint16Array.of(0x7e01, 0x0001, 0, 0x3c00)), raw('bfloat16', 'bfloat16', Uint16Array.of(0x7fc1, 0x8000, 0, 0x3f80)),
  raw('not finite', 'float32', Float32Array.of(Number.NaN, Infinity, -0, -Infinity)),
];

function specOf({ name, dtype, shape }: TestInput): TensorSpec {
  return { name, dtype, shape };
}

for (const wire of WIRES) {
  test(`${wire.name}: elements of every dtype come back bit by bit, to the row that they are of, from two queries in one batch`, async (t) => {
    const inputs = wire.json ? EVERYWHERE : [...EVERYWHERE, ...BINARY_ONLY];
    const peer = await wire.open(t, inputs.map(specOf));
    const world = await Supervised.open();
    world.apply(peer.spec);
    const backwards = inputs.map((input) => ({ ...input, rows: input.rows.toReversed() }));
    const { rows, end } = await infer(await world.link(), batchOf(queryOf(inputs), queryOf(backwards)));
    assert.ok(end.kind === 'done' && end.error === undefined, JSON.stringify(end));
    for (const [i, row] of [0, 1, 1, 0].entries()) {
      for (const { name, rows: sent } of inputs) assert.deepEqual(rows.get(i)?.[name], Buffer.from(sent[row] ?? []), `${name}, row ${i}`);
    }
    assert.deepEqual(await world.close(), []);
  });

  test(`${wire.name}: an error in answer to a batch ends that batch, and the replica serves on`, async (t) => {
    const peer = await wire.open(t, PAIR, 'error');
    const world = await Supervised.open();
    world.apply(peer.spec);
    const link = await world.link();
    await peer.misbehave();
    const { end, rows } = await infer(link, batchOf(pairQuery(1, 2)));
    assert.ok(end.kind === 'done' && end.error !== undefined && rows.size === 0);
    assert.match(end.error.message, /no/);
    assert.equal(await world.link(), link);
    assert.deepEqual(world.gone, []);
    assert.deepEqual(await world.close(), []);
  });

  test(`${wire.name}: an answer that is not of the signature ends its batch as bad_output`, async (t) => {
    const peer = await wire.open(t, PAIR, 'wrong_dtype');
    const world = await Supervised.open();
    world.apply(peer.spec);
    const link = await world.link();
    await peer.misbehave();
    const { end, rows } = await infer(link, batchOf(pairQuery(1, 2)));
    assert.ok(end.kind === 'done' && rows.size === 0);
    assert.deepEqual(end.error, { code: 'bad_output', message: 'output "x" of dtype int32; the signature says float32' });
    assert.deepEqual(await world.close(), []);
  });

  test(`${wire.name}: a container that breaks off loses its batch, and another life follows`, async (t) => {
    const peer = await wire.open(t, PAIR, 'crash');
    const world = await Supervised.open();
    world.apply(peer.spec);
    const link = await world.link();
    await peer.misbehave();
    const { end } = await infer(link, batchOf(pairQuery(1, 2)));
    assert.equal(end.kind, 'lost');
    assert.equal(link.credits, 0);
    await peer.behave();
    const next = await world.link();
    assert.notEqual(next, link);
    assert.deepEqual((await infer(next, batchOf(pairQuery(3)))).rows.get(0), { x: Buffer.from(pairRow(3)) });
    assert.deepEqual(await world.close(), []);
  });

  test(`${wire.name}: a replica that is drained answers what it has and takes nothing more`, async (t) => {
    const peer = await wire.open(t, PAIR);
    const world = await Supervised.open();
    world.apply(peer.spec);
    const link = await world.link();
    const sink = new TestSink();
    link.infer(batchOf(pairQuery(1, 2, 3)), sink);
    world.apply();
    assert.equal(link.credits, 0);
    const { end, rows } = await sink.ended;
    assert.deepEqual([end.kind, rows.size], ['done', 3]);
    await world.until(() => world.supervisor.status().length === 0);
    assert.deepEqual(world.gone, ['draining']);
    assert.deepEqual(await world.close(), []);
  });
}
