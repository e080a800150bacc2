import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutputValue } from '../../../../../frontend/domain/answer.ts';
import { SlabArena } from '../../../../../frontend/runtime/slab-arena.ts';
import { combineRow, type Vote } from '../../../../../frontend/serving/ensemble/ensemble-row.ts';
import { scoresOf } from '../../../../../frontend/serving/ensemble/scores.ts';

const slabs = new SlabArena();
const label = (of: string | undefined, weight = 1): Vote => ({ answer: of === undefined ? undefined : { kind: 'label', label: of }, weight });
const value = (of: number, weight = 1): Vote => ({ answer: { kind: 'value', value: of }, weight });

function scores(...of: readonly number[]): OutputValue {
  const { slab, offset } = slabs.allocate(of.length * 4);
  new Float32Array(slab.bytes.buffer, slab.bytes.byteOffset + offset, of.length).set(of);
  return { kind: 'tensors', tensors: [{ name: 'p', dtype: 'float32', shape: [of.length], slab, offset, lengthBytes: of.length * 4 }] };
}

test('labels are voted on: by weight, or one arm one vote; who is missing counts against a majority', () => {
  const votes = [label('cat', 0.75), label('dog', 0.125), label('dog', 0.125)];
  assert.deepEqual(combineRow('vote', votes, slabs), { output: { kind: 'label', label: 'cat' }, confidence: 0.75 });
  assert.deepEqual(combineRow('majority', [...votes, label(undefined)], slabs), { output: { kind: 'label', label: 'dog' }, confidence: 0.5 });
});

test('where only arms without weight answered they share the vote', () => {
  assert.deepEqual(combineRow('vote', [label(undefined, 1), label('a', 0), label('a', 0)], slabs)?.output, { kind: 'label', label: 'a' });
});

test('values come to their mean or median', () => {
  const votes = [value(1, 0.5), value(2, 0.25), value(9, 0.25)];
  const at = (combine: 'mean' | 'median'): unknown => combineRow(combine, votes, slabs)?.output;
  assert.deepEqual([at('mean'), at('median')], [{ kind: 'value', value: 3.25 }, { kind: 'value', value: 2 }]);
});

test('scores come to their mean, in memory of their own', () => {
  const votes = [{ answer: scores(0.5, 0.5), weight: 1 }, { answer: scores(0, 1), weight: 1 }, { answer: scores(1, 1, 1), weight: 1 }];
  const combined = combineRow('mean', votes, slabs);
  assert.ok(combined?.output.kind === 'tensors');
  const [tensor] = combined.output.tensors;
  assert.ok(tensor !== undefined);
  for (const { answer } of votes) assert.ok(answer.kind === 'tensors' && answer.tensors[0]?.offset !== tensor.offset);
  assert.deepEqual([...scoresOf(tensor) ?? []], [0.25, 0.75]);
});

test('nobody answered: nothing', () => {
  assert.equal(combineRow('vote', [label(undefined)], slabs), undefined);
});
