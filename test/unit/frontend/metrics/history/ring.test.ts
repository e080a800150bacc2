import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ring } from '../../../../../frontend/metrics/history/ring.ts';

const NOTHING = new Map<string, number>();

function column(ring: Ring, name: string): number[] {
  return [...(ring.read().columns.get(name) ?? [])];
}

test('keeps the last steps, oldest first', () => {
  const ring = new Ring({ stepMs: 1_000, length: 3 });
  for (let step = 5; step <= 9; step++) ring.put(step, new Map([['answers', step]]), NOTHING);
  assert.deepEqual(column(ring, 'answers'), [7, 8, 9]);
  assert.equal(ring.read().fromMs, 7_000);
  assert.equal(ring.sum('answers'), 24);
  assert.equal(ring.sum('nobody'), 0);
});

test('of a step that is missing nothing is known, also where an old one lay in its place', () => {
  const ring = new Ring({ stepMs: 1_000, length: 4 });
  for (let step = 1; step <= 4; step++) ring.put(step, new Map([['answers', 1]]), NOTHING);
  ring.put(6, new Map([['answers', 2]]), NOTHING);
  assert.deepEqual(column(ring, 'answers'), [1, 1, Number.NaN, 2]);
  assert.equal(ring.sum('answers'), 4);
  ring.put(100, new Map([['answers', 3]]), NOTHING);
  assert.deepEqual(column(ring, 'answers'), [3]);
});

test('what a step does not name is 0 where it is counted, unknown where it is measured', () => {
  const ring = new Ring({ stepMs: 1_000, length: 4 });
  ring.put(1, NOTHING, NOTHING);
  ring.put(2, new Map([['late', 1]]), new Map([['answer.p99', 5]]));
  ring.put(3, NOTHING, NOTHING);
  assert.deepEqual(column(ring, 'late'), [0, 1, 0]);
  assert.deepEqual(column(ring, 'answer.p99'), [Number.NaN, 5, Number.NaN]);
});

test('columns are bounded, and steps only rise', () => {
  const ring = new Ring({ stepMs: 1_000, length: 2 });
  ring.put(1, new Map(Array.from({ length: 500 }, (_, i) => [`reason ${i}`, 1])), NOTHING);
  assert.ok(ring.read().columns.size <= 48);
  assert.throws(() => ring.put(1, NOTHING, NOTHING), /step 1 after step 1/);
});

test('where there is no room for a column, one of which nothing is left makes way: arms come and go for years', () => {
  const ring = new Ring({ stepMs: 1_000, length: 3 });
  for (let step = 1; step <= 200; step++) ring.put(step, new Map([['answers', 1], [`arm:m@${step}`, 1]]), new Map([[`arm:m@${step}.p99`, 5]]));
  assert.ok(ring.read().columns.size <= 48);
  assert.deepEqual(column(ring, 'answers'), [1, 1, 1]);
  for (const [name, last] of [['arm:m@200', [0, 0, 1]], ['arm:m@199.p99', [Number.NaN, 5, Number.NaN]]] as const) assert.deepEqual(column(ring, name), last);
});
