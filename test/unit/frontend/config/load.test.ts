import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import { loadConfig, parseConfig } from '../../../../frontend/config/load.ts';
import type { ConfigResult } from '../../../../frontend/config/load.ts';
import { folderWith } from '../../../support/config-files.ts';

function parse(text: string, more: Partial<Parameters<typeof parseConfig>[1]> = {}): ConfigResult {
  return parseConfig(text, { path: '/etc/tw/t.yaml', environment: {}, workingFolder: '/srv', wholeFaults: () => [], ...more });
}

test('a file becomes settings and what is wanted, frozen', () => {
  const read = parse('state_dir: state\nmodels:\n  - { name: m, version: 1, container: synthetic, labels: [stable] }\napps:\n  - { name: a, arms: [m] }\n');
  assert.ok(read.ok);
  const { settings, wanted } = read.config;
  assert.equal(settings.stateDir, '/etc/tw/state');
  assert.deepEqual(Object.keys(wanted.models), ['m@1']);
  assert.equal(wanted.labels['m']?.['stable'], 1);
  assert.ok(Object.isFrozen(settings.limits) && Object.isFrozen(wanted.apps['a']?.arms));
});

test('the environment wins, its paths beginning at the working folder', () => {
  const read = parse('state_dir: state\ndrain_ms: 1', { environment: { TRADEWIND_STATE_DIR: 'here', TRADEWIND_DRAIN_MS: '2' } });
  assert.ok(read.ok);
  assert.equal(read.config.settings.stateDir, '/srv/here');
  assert.equal(read.config.settings.drainMs, 2);
});

test('five mistakes are five lines, in the order of the file', () => {
  const read = parse('lisen: {}\ndrain_ms: -1\nmodels:\n  - { name: m, version: 0, container: synthetic }\napps:\n  - { name: A, arms: [m], slo_ms: fast }\n');
  assert.ok(!read.ok);
  assert.deepEqual(read.faults.map((line) => line.split(' ').slice(0, 2).join(' ')), [
    '/etc/tw/t.yaml:1:1 lisen:', '/etc/tw/t.yaml:2:1 drain_ms:', '/etc/tw/t.yaml:4:16 models[0].version:', '/etc/tw/t.yaml:6:7 apps[0].name:', '/etc/tw/t.yaml:6:27 apps[0].slo_ms:',
  ]);
});

test('a fault of the whole stands at the entry that it names', () => {
  const read = parse('apps:\n  - { name: a, arms: [m] }\n', { wholeFaults: () => [{ path: ['apps', 'a', 'arms', 0], message: 'is not there' }] });
  assert.deepEqual(read, { ok: false, faults: ['/etc/tw/t.yaml:2:23 apps.a.arms[0]: is not there'] });
});

test('a name stands once, and a label points at one version', () => {
  const model = (version: number): string => `  - { name: m, version: ${version}, container: synthetic, labels: [stable] }\n`;
  const twice = parse(`models:\n${model(1)}${model(1)}`);
  assert.match(twice.ok ? '' : twice.faults.join('\n'), /m@1 stands twice/u);
  const labels = parse(`models:\n${model(1)}${model(2)}`);
  assert.match(labels.ok ? '' : labels.faults.join('\n'), /"stable" points at version 1 already/u);
});

test('a file that is not there, a folder, and no map are faults', (t) => {
  const folder = folderWith(t);
  const origin = { environment: {}, workingFolder: '/', wholeFaults: () => [] };
  for (const path of [join(folder, 'none.yaml'), folder]) {
    const read = loadConfig({ path, ...origin });
    assert.ok(!read.ok && read.faults.length === 1 && read.faults[0]?.startsWith(path));
  }
  assert.equal(parse('- 1').ok, false);
  assert.equal(parse('{}').ok, true);
});

test('a file that holds nothing is what a full disk leaves of one, and no configuration', () => {
  for (const text of ['', '\n', '# models: []\n', 'null']) {
    const read = parse(text);
    assert.ok(!read.ok, text);
    assert.match(read.faults.join('\n'), /: is empty \(expected a configuration; \{\} is one that says nothing\)$/u);
  }
});
