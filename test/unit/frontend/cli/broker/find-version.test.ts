import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findVersion, showVersions, versionPath } from '../../../../../frontend/cli/broker/find-version.ts';
import { answeringBroker } from '../../../../support/answering-broker.ts';

const version = (n: number) => ({ spec: { name: 'm', version: n, container: 'synthetic' }, labels: [] });

test('a bare name is its only version, or the stable one; else it must be said', async (t) => {
  let labels: Record<string, number> = {};
  let versions = [version(1)];
  const { calls } = await answeringBroker(t, () => ({ body: { name: 'm', versions, labels } }));
  assert.equal(versionPath(await findVersion(calls, 'm')), '/admin/models/m/versions/1');
  versions = [version(1), version(2)];
  await assert.rejects(findVersion(calls, 'm'), /m has several versions, and none is stable: say one of m@1, m@2/u);
  labels = { stable: 2 };
  assert.equal((await findVersion(calls, 'm')).spec.version, 2);
  assert.equal((await findVersion(calls, 'm@1')).spec.version, 1);
  await assert.rejects(findVersion(calls, 'm@3'), /there is no m@3; there are m@1, m@2/u);
});

test('a model is shown with all of its versions, or with the one that is named', async (t) => {
  const { calls } = await answeringBroker(t, () => ({ body: { name: 'm', versions: [version(1), version(2)], labels: {} } }));
  const shown = async (given: string): Promise<number[]> => (await showVersions(calls, given)).versions.map(({ spec }) => spec.version);
  assert.deepEqual([await shown('m'), await shown('m@2')], [[1, 2], [2]]);
  await assert.rejects(showVersions(calls, 'm@3'), /there is no m@3; there are m@1, m@2/u);
  await assert.rejects(showVersions(calls, 'm@x'), /the version is x/u);
});
