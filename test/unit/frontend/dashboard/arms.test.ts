import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelOfArm, readyReplicas } from '../../../../frontend/dashboard/arms.ts';
import { liveState, modelFigures } from '../../../support/dashboard-state.ts';

const { models } = liveState([], [
  modelFigures('m@1', { labels: ['stable'] }), modelFigures('m@2'), modelFigures('m@3', { labels: ['canary'] }),
  modelFigures('n@1'), modelFigures('n@2', { replicas: { starting: 1 } }),
]);

test('an arm means the version that it names, that of its label, the stable one, or the newest ready one', () => {
  assert.deepEqual(['m@2', 'm@canary', 'm', 'n', 'm@9', 'app:x'].map((arm) => modelOfArm(arm, models)?.key), ['m@2', 'm@3', 'm@1', 'n@1', undefined, undefined]);
});

test('only ready replicas are ready', () => {
  assert.equal(readyReplicas(modelFigures('m@1', { replicas: { starting: 3, ready: 2 } })), 2);
  assert.equal(readyReplicas(modelFigures('m@1', { replicas: {} })), 0);
});
