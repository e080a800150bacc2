import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptable, changedNames } from '../../../../frontend/control/source-merge.ts';
import { desiredFaults } from '../../../../frontend/control/desired-faults.ts';
import { modelKey, nameRecord, type ModelSpec } from '../../../../frontend/domain/model.ts';
import type { Aspired } from '../../../../frontend/domain/source.ts';
import { desiredOf, makeApp, makeModel } from '../../../support/specs.ts';

const said = (specs: readonly ModelSpec[], rules: Aspired['rules'] = nameRecord([])): Aspired => ({ models: nameRecord(specs.map((spec) => [modelKey(spec.name, spec.version), spec] as const)), rules });
const state = { ...desiredOf([], [makeApp({ name: 'a', arms: ['m'] })]), sources: [{ folder: '/s', pollMs: 1 }] };

test('what can be is taken whole', () => {
  const wanted = said([makeModel(), makeModel({ name: 'n' })]);
  assert.deepEqual(acceptable(state, { folder: '/s', wanted, before: undefined }, desiredFaults), { wanted, refused: [] });
});

test('a model that cannot be stays as it was, and the others are taken', () => {
  const wrong = makeModel({ version: 2, output: { kind: 'label' } });
  const wanted = said([makeModel({ sloMs: 7 }), wrong, makeModel({ name: 'n' })]);
  const before = said([makeModel()]);
  const taken = acceptable(state, { folder: '/s', wanted, before }, desiredFaults);
  assert.deepEqual(Object.keys(taken.wanted.models).toSorted(), ['m@1', 'n@1']);
  assert.equal(taken.wanted.models['m@1']?.sloMs, 1000);
  assert.deepEqual(taken.refused.map(({ model }) => model), ['m']);
  assert.match(taken.refused[0]?.faults[0] ?? '', /m@2 gives label/u);
});

test('names that say other than before, in models and in rules', () => {
  const before = said([makeModel(), makeModel({ version: 2 })], nameRecord([['m', {}]]));
  const after = said([makeModel(), makeModel({ version: 2, sloMs: 1 }), makeModel({ version: 3 })], nameRecord([['m', { transition: 'resource' }]]));
  assert.deepEqual([...changedNames(before, after)], ['m@2', 'm@3', 'm']);
});
