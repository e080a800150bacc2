import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import { DesiredStateOwner } from '../../../../frontend/lifecycle/desired-state-owner.ts';
import { applyConfig, mergeFaults, readConfigFile, readConfigText } from '../../../../frontend/lifecycle/desired-file.ts';
import { folderWith } from '../../../support/config-files.ts';
import { MemoryStore } from '../../../support/memory-store.ts';
import { makeApp } from '../../../support/specs.ts';

const SURROUNDINGS = { environment: {}, workingFolder: '/' };
const MODEL = 'models:\n  - { name: m, version: 1, container: synthetic, output: { kind: value } }\n';

async function started(text: string) {
  const read = readConfigText(text, '/t.yaml', SURROUNDINGS);
  assert.ok(read.ok);
  const owner = await DesiredStateOwner.open({ store: new MemoryStore(), isReady: () => true, apply: () => {} });
  await owner.applyFile(read.config.wanted);
  return { owner, running: read.config.settings };
}

test('a file is applied; settings that differ wait for the next start', async () => {
  const { owner, running } = await started(MODEL);
  const read = readConfigText(`${MODEL}  - { name: n, version: 1, container: synthetic }\ndrain_ms: 1\nlisten: { http: 127.0.0.1:1 }\n`, '/t.yaml', SURROUNDINGS);
  const result = await applyConfig({ owner, running, read });
  assert.ok(result.ok);
  assert.deepEqual(result.changed.diff.models.added, ['n@1']);
  assert.deepEqual(result.atNextStart, ['listen.http', 'drain_ms']);
});

test('a file must stand by itself', (t) => {
  const folder = folderWith(t, { 't.yaml': 'apps:\n  - { name: a, arms: [m] }\n' });
  const read = readConfigFile(join(folder, 't.yaml'), SURROUNDINGS);
  assert.ok(!read.ok && read.faults.length === 1);
  assert.match(read.faults[0] ?? '', /t\.yaml:2:23 apps\.a\.arms\[0\]: there is no model "m"/u);
});

test('a file that takes away what admin built on is refused, and says so', async () => {
  const { owner, running } = await started(MODEL);
  await owner.putApp(makeApp());
  const result = await applyConfig({ owner, running, read: readConfigText('{}', '/t.yaml', SURROUNDINGS) });
  assert.ok(!result.ok);
  assert.match(result.faults.join('\n'), /^\/t\.yaml: together with what was added through admin: apps\.a\.arms\[0\]: there is no model "m"/u);
});

test('a file with faults changes nothing', async () => {
  const { owner, running } = await started(MODEL);
  const result = await applyConfig({ owner, running, read: readConfigText('x: 1', '/t.yaml', SURROUNDINGS) });
  assert.ok(!result.ok && result.faults.length === 1);
  assert.equal(owner.current.revision, 1);
});

test('a refusal without details is one line', () => {
  assert.deepEqual(mergeFaults('f', { message: 'm', details: undefined }), ['f: m']);
});
