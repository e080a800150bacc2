import assert from 'node:assert/strict';
import { test } from 'node:test';
import { armModels, readArm } from '../../../../frontend/domain/arm.ts';
import { desiredOf, makeModel } from '../../../support/specs.ts';

test('an arm names a model, a version or a label', () => {
  assert.deepEqual(readArm('m'), { model: 'm' });
  assert.deepEqual(readArm('m@3'), { model: 'm', version: 3 });
  assert.deepEqual(readArm('m@stable'), { model: 'm', label: 'stable' });
});

test('a bare arm may come to any version, a pinned one to its own, an unknown one to none', () => {
  const known = desiredOf([makeModel(), makeModel({ version: 2 })], [], { m: { stable: 2 } });
  const versions = (arm: string): number[] => armModels(arm, known).map((spec) => spec.version);
  assert.deepEqual(versions('m'), [1, 2]);
  assert.deepEqual(versions('m@1'), [1]);
  assert.deepEqual(versions('m@stable'), [2]);
  assert.deepEqual([versions('m@3'), versions('m@canary'), versions('x')], [[], [], []]);
});
