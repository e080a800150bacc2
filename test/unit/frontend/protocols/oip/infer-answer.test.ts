import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from '../../../../../frontend/domain/answer.ts';
import { inferAnswer, unknownOutput } from '../../../../../frontend/protocols/oip/infer-answer.ts';
import { servedModel } from '../../../../support/tfs-world.ts';

const served = servedModel('app', [], { kind: 'label', tensors: [{ name: 'label', dtype: 'int64', shape: [] }] }, { kind: 'app', version: 1 });
const answer: Extract<Answer, { ok: true }> = { slot: 1, latencyMicros: 1, ok: true, source: 'model', model: 'm', version: 7, rows: [{ source: 'model', output: { kind: 'label', label: 3 } }] };

test('an app has its own version, unless its namesake answered; a model that which answered', () => {
  const version = (of: typeof served): unknown => {
    const inferred = inferAnswer(answer, of, []);
    return 'code' in inferred ? inferred : inferred.version;
  };
  assert.deepEqual([version(served), version({ ...served, name: 'm' }), version({ ...served, kind: 'model' })], ['1', '7', '7']);
});

test('outputs that are wanted come in the model\'s order, classes in place of scores', () => {
  const wanted = (...outputs: Parameters<typeof inferAnswer>[2]): unknown => {
    const inferred = inferAnswer(answer, served, outputs);
    return 'code' in inferred ? inferred.code : inferred.outputs.map(({ name, dtype }) => `${name} ${dtype}`);
  };
  assert.deepEqual(wanted(), ['label int64']);
  assert.deepEqual(wanted({ name: 'label', classes: 1 }), ['label bytes']);
  assert.deepEqual(wanted({ name: 'other' }), []);
  assert.equal(unknownOutput(served, [{ name: 'label' }, { name: 'other' }])?.message, "unexpected inference output 'other' for model 'app'");
  assert.equal(unknownOutput(served, [{ name: 'label' }]), undefined);
  assert.equal(unknownOutput({ ...served, outputs: undefined }, [{ name: 'other' }]), undefined);
});

test('rows that are no tensor together, and words that have no classes, are refused', () => {
  const mixed = inferAnswer({ ...answer, rows: [] }, served, []);
  assert.ok('code' in mixed && mixed.code === 'invalid_output');
  const words = inferAnswer({ ...answer, rows: [{ source: 'model', output: { kind: 'label', label: 'x' } }] }, served, [{ name: 'label', classes: 1 }]);
  assert.ok('code' in words && words.code === 'invalid_field');
});
