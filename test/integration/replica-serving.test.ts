import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dtype } from '../../protos/dtype.ts';
import { DTYPES, DTYPE_BYTES } from '../../protos/dtype.ts';
import { batchOf, infer, pairQuery, pairRow, queryOf } from '../support/batches.ts';
import { Supervised, rogueSpec } from '../support/supervised.ts';

test('a replica becomes ready, shows what it is, answers batches and leaves nothing behind', async () => {
  const world = await Supervised.open();
  world.apply(rogueSpec({ credits: 2, print: ['\u001b[31mred\u001b[0m\n', 'without an end'] }));
  const link = await world.link();
  assert.equal(link.credits, 2);
  assert.equal(link.maxBatch, 1024);
  assert.equal(world.supervisor.isReady('rogue@1'), true);
  const both = await Promise.all([infer(link, batchOf(pairQuery(1, 2), pairQuery(3))), infer(link, batchOf(pairQuery(9)))]);
  assert.deepEqual(both[0].rows, new Map([1, 2, 3].map((value, row) => [row, { x: Buffer.from(pairRow(value)) }])));
  assert.deepEqual(both[1].end, { kind: 'done', computeMicros: 7 });
  assert.equal(link.credits, 2);
  const [replica] = world.status.replicas;
  assert.equal(replica?.state, 'ready');
  assert.equal(typeof replica?.pid, 'number');
  assert.equal(replica?.facts?.kit, 'rogue 1');
  assert.deepEqual(replica?.facts?.about, { framework: 'none', threads: 1 });
  assert.equal(replica?.output[0], 'red');
  assert.ok(world.logged.some(({ fields, message }) => message === 'red' && fields['model'] === 'rogue' && fields['replica'] === link.id));
  assert.deepEqual(await world.close(), []);
  assert.deepEqual(world.gone, ['draining']);
});

const element = (dtype: Dtype, i: number): Uint8Array => Uint8Array.from({ length: 3 * DTYPE_BYTES[dtype] }, (_, at) => (dtype === 'bool' ? at % 2 : (at * 7 + i) % 251));
const word = (...words: string[]): Uint8Array => Buffer.concat(words.flatMap((one) => {
  const bytes = Buffer.from(one);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return [length, bytes];
}));

test('every dtype comes back as it went, several inputs at a time, strided, spanned and ragged', async () => {
  const fixed = DTYPES.filter((dtype) => dtype !== 'bytes');
  const signature = [
    ...fixed.map((dtype) => ({ name: dtype, dtype, shape: [3] })),
    { name: 'text', dtype: 'bytes' as const, shape: [2] },
    { name: 'steps', dtype: 'float32' as const, shape: [-1, 2], ragged: true },
  ];
  const world = await Supervised.open();
  world.apply(rogueSpec({ signature }));
  const link = await world.link();
  const query = (seed: number): ReturnType<typeof queryOf> => queryOf([
    ...fixed.map((dtype) => ({ name: dtype, dtype, shape: [3], rows: [element(dtype, seed), element(dtype, seed + 1)] })),
    { name: 'text', dtype: 'bytes', shape: [2], rows: [word('', 'grüße'), word('a', `b${seed}`)] },
    { name: 'steps', dtype: 'float32', shape: [-1, 2], rows: [pairRow(1), Buffer.concat([pairRow(2), pairRow(seed)])], shapes: [[1, 2], [2, 2]] },
  ]);
  const { rows, end } = await infer(link, batchOf(query(0), query(5)));
  assert.deepEqual(end, { kind: 'done', computeMicros: 7 });
  assert.equal(rows.size, 4);
  for (const dtype of fixed) assert.deepEqual([0, 1, 2, 3].map((row) => rows.get(row)?.[dtype]), [0, 1, 5, 6].map((i) => Buffer.from(element(dtype, i))));
  assert.deepEqual(rows.get(3)?.['text'], Buffer.from(word('a', 'b5')));
  assert.deepEqual(rows.get(3)?.['steps'], Buffer.concat([pairRow(2), pairRow(5)]));
  assert.deepEqual(rows.get(2)?.['steps'], Buffer.from(pairRow(1)));
  assert.deepEqual(await world.close(), []);
});
