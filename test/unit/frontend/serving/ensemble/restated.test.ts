import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnswerRow } from '../../../../../frontend/domain/answer.ts';
import { SlabArena } from '../../../../../frontend/runtime/slab-arena.ts';
import { restated } from '../../../../../frontend/serving/ensemble/restated.ts';
import { scoresOf } from '../../../../../frontend/serving/ensemble/scores.ts';
import { near } from '../../../../support/selection.ts';

const slabs = new SlabArena({ poison: true });

function scores(...values: number[]): AnswerRow {
  const { slab, offset } = slabs.allocate(values.length * 8);
  const tensor = { name: 'p', dtype: 'float64' as const, shape: [values.length], slab, offset, lengthBytes: values.length * 8 };
  scoresOf(tensor)?.set(values);
  return { source: 'model', output: { kind: 'tensors', tensors: [tensor] } };
}

test('scores become a label, with the probability of it, and give their memory back', () => {
  const row = restated(scores(0.1, 0.7, 0.2), { from: 'probabilities', to: 'label', classNames: ['a', 'b', 'c'], slabs });
  assert.deepEqual(row, { source: 'model', output: { kind: 'label', label: 'b' }, confidence: 0.7 });
  assert.deepEqual(restated(scores(0.1, 0.9), { from: 'probabilities', to: 'label', classNames: undefined, slabs }).output, { kind: 'label', label: 1 });
  const logits = restated(scores(0, Math.log(3)), { from: 'logits', to: 'label', classNames: undefined, slabs });
  near(logits.confidence, 0.75, 1e-12);
  assert.equal(slabs.usedSlabs, 0);
});

test('logits become probabilities where they lie', () => {
  const before = scores(Math.log(1), Math.log(3));
  const row = restated(before, { from: 'logits', to: 'probabilities', classNames: undefined, slabs });
  assert.ok(row.output.kind === 'tensors' && row.output.tensors[0] !== undefined);
  const [first = NaN, second = NaN] = scoresOf(row.output.tensors[0]) ?? [];
  near(first, 0.25, 1e-12);
  near(second, 0.75, 1e-12);
  near(row.confidence, 0.75, 1e-12);
  slabs.release(row.output.tensors[0].slab);
  assert.equal(slabs.usedSlabs, 0);
});

test('what has the form already stays what it is', () => {
  const label: AnswerRow = { source: 'ensemble', output: { kind: 'label', label: 'x' }, confidence: 0.5 };
  assert.equal(restated(label, { from: 'label', to: 'label', classNames: undefined, slabs }), label);
});
