import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TensorSpec } from '../../../../protos/wire.ts';
import type { ModelSpec, Signature } from '../../../../frontend/domain/model.ts';
import { judgeSignature, sameSignature } from '../../../../frontend/lifecycle/judge-hello.ts';
import { rogueSpec } from '../../../support/supervised.ts';

const x: TensorSpec = { name: 'x', dtype: 'float32', shape: [64] };
const scores: TensorSpec = { name: 'p', dtype: 'float32', shape: [10] };
const label: TensorSpec = { name: 'label', dtype: 'int64', shape: [] };
const sign = (...outputs: TensorSpec[]): Signature => ({ inputs: [x], outputs });
const judge = (signature: Signature, output: ModelSpec['output'], input?: readonly TensorSpec[]): string | undefined =>
  judgeSignature(signature, rogueSpec({}, { output, ...(input && { input }) }), undefined)?.message;

test('outputs that can be what the configuration says are taken', () => {
  assert.equal(judge(sign(scores), { kind: 'probabilities' }), undefined);
  assert.equal(judge(sign(label, scores), { name: 'p', kind: 'logits', classNames: '0123456789'.split('') }), undefined);
  assert.equal(judge(sign(label), { kind: 'label' }), undefined);
  assert.equal(judge(sign({ name: 't', dtype: 'bytes', shape: [1] }), { kind: 'label' }), undefined);
  assert.equal(judge(sign({ ...scores, shape: [-1] }), { kind: 'value' }), undefined);
  assert.equal(judge(sign(label, scores), { kind: 'raw' }), undefined);
  assert.equal(judge(sign(), { name: 'any', kind: 'value' }), undefined);
});

test('outputs that cannot be are refused in words', () => {
  assert.match(judge(sign(label), { kind: 'probabilities' }) ?? '', /cannot be probabilities: a row of float32 or float64/);
  assert.match(judge(sign({ ...scores, shape: [] }), { kind: 'logits' }) ?? '', /cannot be logits/);
  assert.match(judge(sign(scores), { kind: 'probabilities', classNames: ['a', 'b'] }) ?? '', /there are 2 class names/);
  assert.match(judge(sign(scores), { kind: 'value' }) ?? '', /one number a row/);
  assert.match(judge(sign({ ...label, dtype: 'float16' }), { kind: 'label' }) ?? '', /one number or text a row/);
  assert.match(judge(sign(label, scores), { kind: 'label' }) ?? '', /several outputs \(label, p\)/);
  assert.match(judge(sign(label), { name: 'p', kind: 'raw' }) ?? '', /no output "p"; it has label/);
});

test('inputs must fit what the configuration declares; a single one may go by any name', () => {
  const declared = (...input: TensorSpec[]): string | undefined => judge(sign(scores), { kind: 'raw' }, input);
  assert.equal(declared({ name: 'other', dtype: 'float32', shape: [64] }), undefined);
  assert.equal(declared({ name: 'x', dtype: 'float32', shape: [-1] }), undefined);
  assert.match(declared({ ...x, dtype: 'float64' }) ?? '', /not what the configuration declares/);
  assert.match(declared({ ...x, shape: [8, 8] }) ?? '', /not what the configuration declares/);
  assert.match(declared(x, { ...x, name: 'y' }) ?? '', /it has 1 inputs; the configuration declares 2/);
});

test('siblings have one signature, to the last extent', () => {
  assert.equal(sameSignature(sign(scores), sign({ ...scores })), true);
  for (const other of [{ ...scores, name: 'q' }, { ...scores, dtype: 'float64' as const }, { ...scores, shape: [11] }, { ...scores, ragged: true }]) {
    assert.equal(sameSignature(sign(scores), sign(other)), false);
  }
  assert.equal(judgeSignature(sign(scores), rogueSpec(), sign(label))?.code, 'signature_mismatch');
});
