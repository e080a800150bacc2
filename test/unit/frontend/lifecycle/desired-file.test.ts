import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DesiredStateOwner } from '../../../../frontend/lifecycle/desired-state-owner.ts';
import { applyConfig, mergeFaults, readConfigFile, readConfigText } from '../../../../frontend/lifecycle/desired-file.ts';
import { folderWith } from '../../../support/config-files.ts';
import { MemoryStore } from '../../../support/memory-store.ts';
import { makeApp } from '../../../support/specs.ts';

const SURROUNDINGS = { environment: {}, workingFolder: '/' };
const MODEL = 'models:\n  - { name: m, version: 1, container: synthetic, output: { kind: value } }\n';

async function started(text: string, path = '/t.yaml') {
  const read = readConfigText(text, path, SURROUNDINGS);
  assert.ok(read.ok);
  const owner = await DesiredStateOwner.open({ store: new MemoryStore(), policies: read.config.policies, isReady: () => true, apply: () => {} });
  await owner.applyFile(read.config.wanted);
  return { owner, running: read.config };
}

test('a file is applied; settings that differ wait for the next start', async () => {
  const { owner, running } = await started(MODEL);
  const read = readConfigText(`${MODEL}  - { name: n, version: 1, container: synthetic }\ndrain_ms: 1\nlisten: { http: 127.0.0.1:1 }\n`, '/t.yaml', SURROUNDINGS);
  const result = await applyConfig({ owner, running, read });
  assert.ok(result.ok);
  assert.deepEqual(result.changed.diff.models.added, ['n@1']);
  assert.deepEqual(result.atNextStart, ['listen.http', 'drain_ms']);
});

const POLICY = `export const policy = { summary: 'The first arm.', options: {}, make: () => ({
  name: 'mine', contextual: false, contribution: () => [], view: () => 0, estimates: () => [],
  plan: (_view, arms) => ({ actions: arms.map((arm) => ({ ask: [arm] })), pmf: arms.map((_, i) => Number(i === 0)) }),
}) };`;

test('a policy module that was written anew, and one that the file has gained, wait for the next start, and are named', async (t) => {
  const folder = folderWith(t, { 'mine.mjs': POLICY, 'other.mjs': POLICY });
  const path = join(folder, 't.yaml');
  const app = (policy: string): string => `${MODEL}apps: [{ name: a, arms: [m], policy: ${policy} }]\n`;
  const mine = `policies: [{ name: mine, module: ./mine.mjs }]\n${app('mine')}`;
  const { owner, running } = await started(mine, path);
  const apply = (text: string) => applyConfig({ owner, running, read: readConfigText(text, path, SURROUNDINGS) });
  const same = await apply(mine);
  assert.deepEqual(same.ok && same.atNextStart, []);
  writeFileSync(join(folder, 'mine.mjs'), POLICY.replace('i === 0', 'i === 1'));
  const edited = await apply(mine);
  assert.deepEqual(edited.ok && edited.atNextStart, ['policies.mine']);
  const gained = await apply(`policies: [{ name: mine, module: ./mine.mjs }, { name: other, module: ./other.mjs }]\n${app('other')}`);
  assert.ok(!gained.ok);
  assert.match(gained.faults[0] ?? '', /apps\.a\.policy: "other" is no policy/u);
  assert.ok(gained.faults.includes(`${path}: policies.other differs from what the broker runs with: it counts from the next start.`), gained.faults.join('\n'));
  const gone = await apply(app('static'));
  assert.deepEqual(gone.ok && gone.atNextStart, ['policies.mine']);
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
