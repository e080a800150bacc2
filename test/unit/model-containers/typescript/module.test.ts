import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadModule } from '../../../../model-containers/typescript/module.ts';
import { folderWith } from '../../../support/config-files.ts';

test('a module is served by what it exports', async (t) => {
  const folder = folderWith(t, {
    'named.ts': 'export const serving = { maxBatch: 7 };\nexport function predict(batch: { rows: number }): object { return { y: [batch.rows] }; }',
    'default.mjs': 'export default () => ({});',
  });
  const { predict, serving } = await loadModule(join(folder, 'named.ts'));
  assert.deepEqual([serving, predict({ rows: 2 } as never)], [{ maxBatch: 7 }, { y: [2] }]);
  assert.deepEqual((await loadModule(join(folder, 'default.mjs'))).serving, {});
});

test('what it lacks is said', async (t) => {
  const folder = folderWith(t, { 'empty.ts': 'export const x = 1;', 'wrong.ts': 'export const serving = 7; export default () => ({});' });
  await assert.rejects(loadModule(join(folder, 'empty.ts')), /exports no function predict/);
  await assert.rejects(loadModule(join(folder, 'wrong.ts')), /serving that is no object/);
  await assert.rejects(loadModule(join(folder, 'nowhere.ts')), /Cannot find module/);
});
