import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BrokerProcess } from '../support/broker-process.ts';
import { makeAuthority } from '../support/certificates.ts';
import { folderWith } from '../support/config-files.ts';
import { fencedBlocks, readmeContainer, readmePolicy } from '../support/readme-blocks.ts';
import { tradewind } from '../support/tradewind-command.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A user's project that has this checkout as its dependency. */
function project(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = folderWith(t, files);
  mkdirSync(join(folder, 'node_modules/@types'), { recursive: true });
  symlinkSync(ROOT, join(folder, 'node_modules/tradewind'));
  symlinkSync(join(ROOT, 'node_modules/@types/node'), join(folder, 'node_modules/@types/node'));
  return folder;
}

const configurations = fencedBlocks('README.md', 'yaml');

test('the README shows a configuration', () => assert.ok(configurations.length > 0));

for (const [i, yaml] of configurations.entries()) {
  test(`configuration ${i + 1} of the README is right as it stands`, async (t) => {
    const cwd = folderWith(t, { 'tradewind.yaml': yaml, 'my-container.ts': '', 'my-policy.ts': readmePolicy() });
    for (const [, path = ''] of yaml.matchAll(/path: (\S+\.onnx)/gu)) {
      mkdirSync(join(cwd, path, '..'), { recursive: true });
      copyFileSync(join(ROOT, 'deploy/demo/models/digits-mlp/1/model.onnx'), join(cwd, path));
    }
    const authority = yaml.includes('.pem') ? makeAuthority(t) : undefined;
    const issued = authority?.issue('door');
    for (const [, word = '', path = ''] of yaml.matchAll(/(cert|key|ca): (\S+\.pem)/gu)) {
      mkdirSync(join(cwd, path, '..'), { recursive: true });
      copyFileSync((word === 'ca' ? authority?.certFile : word === 'key' ? issued?.keyFile : issued?.certFile) ?? '', join(cwd, path));
    }
    // What a check only looks for: the conformance tests run the like of it.
    for (const [, path = ''] of yaml.matchAll(/(?:path: |python: |command: \[\.\/)(\S+(?:\.py|\.joblib|\.pt|\.ts|\/python)|net|sums)\b/gu)) {
      mkdirSync(join(cwd, path, '..'), { recursive: true });
      writeFileSync(join(cwd, path), '', { mode: 0o755 });
    }
    const { code, out, err } = await tradewind(['check', 'tradewind.yaml'], { cwd }).ended;
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /^tradewind\.yaml is right: (?:[1-9]|0 model versions, [1-9])/u);
  });
}

test("the README's container serves as it stands there, started by `command`", async (t) => {
  const folder = project(t, { 'my-container.ts': readmeContainer() });
  const yaml = `
models:
  - { name: mine, version: 1, container: { command: [node, ./my-container.ts] }, input: { dtype: float32, shape: [64] }, output: { kind: value } }
apps:
  - { name: mine, arms: [mine], slo_ms: 30000 }
`;
  const broker = await (await BrokerProcess.start(t, { folder, yaml })).ready();
  const rows = Array.from({ length: 10 }, (_, row) => Array.from({ length: 64 }, (_, i) => row * 64 + i));
  const { json } = await broker.predict('mine', { inputs: rows });
  assert.deepEqual([json.source, json.outputs], ['model', rows.map((row) => row.reduce((sum, value) => sum + value, 0))]);
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
});

const client = fencedBlocks('README.md', 'ts').find((text) => text.includes("from 'tradewind/client'")) ?? '';

test("the README's client predicts and gives feedback as it stands there", async (t) => {
  const yaml = `
models: [{ name: digits-logistic, version: 1, container: onnx, path: ${join(ROOT, 'deploy/demo/models/digits-logistic/1/model.onnx')}, output: { name: probabilities, kind: probabilities } }]
apps: [{ name: digits, arms: [digits-logistic], on_miss: wait }]
`;
  const broker = await (await BrokerProcess.start(t, { yaml })).ready();
  const run = promisify(execFile)(process.execPath, ['client.ts'], { cwd: project(t, { 'client.ts': client, 'package.json': '{ "type": "module" }' }), env: { ...process.env, TRADEWIND_URL: broker.url } });
  const { stdout, stderr } = await run;
  assert.equal(stderr, '');
  assert.match(stdout, /^\d model digits-logistic\n$/u);
  assert.equal(await broker.metric('tradewind_feedback_total', { verdict: 'accepted' }), 1);
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
});

for (const [document, text] of [['README.md', client], ['README.md', readmeContainer()], ['model-containers/README.md', fencedBlocks('model-containers/README.md', 'ts').join('\n')]] as const) {
  test(`the TypeScript of ${document} passes a strict type check`, (t) => {
    const folder = project(t, { 'my-container.ts': text });
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    const { stdout } = spawnSync(join(ROOT, 'node_modules/.bin/tsc'), ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--types', 'node', '--allowImportingTsExtensions', '--ignoreConfig', 'my-container.ts'], { cwd: folder, encoding: 'utf8' });
    assert.equal(stdout, '');
  });
}

test('the exports that the README names are those of the package', () => {
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { exports: Record<string, string> };
  for (const name of ['README.md', 'model-containers/README.md'].flatMap((document) => fencedBlocks(document, 'ts')).flatMap((text) => [...text.matchAll(/from 'tradewind(\/\w+)?'/gu)])) assert.ok(`.${name[1] ?? ''}` in exports, name[0]);
});
