import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Work } from '../../../../model-containers/typescript/work.ts';

function workOf(rows: number): { work: Work; told: string[] } {
  const told: string[] = [];
  const keep = (): (() => void) => {
    told.push('kept');
    return () => told.push('released');
  };
  return { work: new Work(7, { rows, budget_us: 1000, inputs: [] }, Buffer.alloc(0), { link: { keep }, memory: undefined }), told };
}

test('rows are wanted until they are cancelled, one by one or all', () => {
  const { work } = workOf(4);
  const { work: other } = workOf(4);
  assert.deepEqual([...work.cancelled], []);
  work.cancel([1, 3]);
  work.cancel([1]);
  assert.deepEqual([...work.cancelled], [1, 3]);
  work.cancelAll();
  assert.deepEqual([...work.cancelled].toSorted((a, b) => a - b), [0, 1, 2, 3]);
  assert.deepEqual([...other.cancelled], [], 'each batch has rows of its own');
});

test('a payload is kept once, however often it is asked for, and released once', () => {
  const { work, told } = workOf(1);
  work.release();
  assert.deepEqual(told, [], 'what was not kept is not released');
  work.keep();
  work.keep();
  work.release();
  work.release();
  assert.deepEqual(told, ['kept', 'released']);
});

test('what lies in shared memory is read from there when it is asked for, and nothing has to be kept', () => {
  const reads: number[][] = [];
  const memory = { read: (at: number, bytes: number) => Buffer.alloc(reads.push([at, bytes])) };
  const inputs = [{ name: 'x', dtype: 'uint8' as const, shape: [3], bytes: 3 }, { name: 'y', dtype: 'uint8' as const, shape: [2], bytes: 2 }];
  const keep = (): never => assert.fail('kept');
  const work = new Work(7, { rows: 1, budget_us: 1, inputs, shared: 4096 }, Buffer.alloc(0), { link: { keep }, memory });
  work.keep();
  assert.deepEqual(reads, []);
  assert.equal(work.read().length, 1);
  assert.deepEqual(reads, [[4096, 10]]);
  work.release();
});
