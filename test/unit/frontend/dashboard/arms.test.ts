import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelOfArm, objectives, readyReplicas } from '../../../../frontend/dashboard/arms.ts';
import { appFigures, liveState, modelFigures } from '../../../support/dashboard-state.ts';

const { models } = liveState([], [
  modelFigures('m@1', { labels: ['stable'] }), modelFigures('m@2'), modelFigures('m@3', { labels: ['canary'] }),
  modelFigures('n@1'), modelFigures('n@2', { replicas: { starting: 1 } }),
]);

test('an arm means the version that it names, that of its label, the stable one, or the newest ready one', () => {
  assert.deepEqual(['m@2', 'm@canary', 'm', 'n', 'm@9', 'app:x'].map((arm) => modelOfArm(arm, models)?.key), ['m@2', 'm@3', 'm@1', 'n@1', undefined, undefined]);
});

test('a model version is held against the tightest objective of those who ask it', () => {
  const state = liveState([appFigures('a', { arms: ['m', 'n@2'], sloMs: 100 }), appFigures('b', { arms: ['m@1', 'app:a', 'nobody'], sloMs: 50 })], [...models.values()]);
  assert.deepEqual([...objectives(state)], [['m@1', 50], ['m@2', 20], ['m@3', 20], ['n@1', 20], ['n@2', 100]]);
});

test('only ready replicas are ready', () => {
  assert.equal(readyReplicas(modelFigures('m@1', { replicas: { starting: 3, ready: 2 } })), 2);
  assert.equal(readyReplicas(modelFigures('m@1', { replicas: {} })), 0);
});
