import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BrokerProcess } from '../support/broker-process.ts';
import { readmeContainer } from '../support/readme-blocks.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SLO_MS = 30_000;

const folder = mkdtempSync(join(tmpdir(), 'tw-packed-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Packs, and installs the tarball into a project of somebody else's, with the dependencies of this checkout. */
function install(): string {
  const tarball = execFileSync(process.execPath, ['deploy/pack.ts', '--dist', join(folder, 'dist'), '--out', folder], { cwd: ROOT, encoding: 'utf8' }).trim();
  execFileSync('tar', ['-xzf', tarball, '-C', folder]);
  const modules = join(folder, 'project', 'node_modules');
  mkdirSync(modules, { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules'))) if (!name.startsWith('.')) symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  renameSync(join(folder, 'package'), join(modules, 'tradewind'));
  return join(folder, 'project');
}

const project = install();
const command = join(project, 'node_modules/tradewind/frontend/cli/tradewind.js');

test('the package holds what it exports and runs, and nothing that has to be stripped', () => {
  const files = readdirSync(join(project, 'node_modules/tradewind'), { recursive: true }).map(String);
  assert.deepEqual(files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts')), []);
  for (const file of ['package.json', 'README.md', 'LICENSE', 'model-containers/README.md', 'frontend/main.js', 'frontend/main.d.ts', 'model-containers/typescript/serve.d.ts', 'selection-policies/policy.d.ts', 'model-containers/python/tradewind/container/serve.py', 'bench/load/child.js', 'bench/load/listed-source.js']) assert.ok(files.includes(file), file);
  const { status, stdout } = spawnSync(process.execPath, ['-e', `Promise.all(['tradewind', 'tradewind/container', 'tradewind/client', 'tradewind/policy'].map((name) => import(name))).then(([main, container, client]) => console.log(typeof main.startBroker, typeof container.serve, typeof client.createClient))`], { cwd: project, encoding: 'utf8' });
  assert.deepEqual([status, stdout], [0, 'function function function\n']);
});

test("a user's own container in TypeScript is checked against the package's types", () => {
  const source = `
import { openContainer, PredictError, serve, type Batch, type Outputs, type Tensor } from 'tradewind/container';
import type { Policy } from 'tradewind/policy';
import { startBroker, type Broker } from 'tradewind';

export const start: (given: Parameters<typeof startBroker>[0]) => Promise<Broker> = startBroker;
export type Views = Policy<unknown>;
const predict = ({ inputs, rows }: Batch): Outputs => {
  const input: Tensor | undefined = inputs['input'];
  if (input?.dtype !== 'float32') throw new PredictError('bad_input', 'float32 is wanted');
  const numbers: Float32Array = input.data;
  return { first: numbers.slice(0, rows) };
};
export const container = openContainer;
void serve({ outputs: [{ name: 'first', dtype: 'float32', shape: [] }] }, predict);
`;
  writeFileSync(join(project, 'typed.ts'), source);
  writeFileSync(join(project, 'wrong.ts'), source.replace('const numbers: Float32Array', 'const numbers: string'));
  const check = (file: string): string => spawnSync(join(ROOT, 'node_modules/.bin/tsc'), ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--types', 'node', '--ignoreConfig', file], { cwd: project, encoding: 'utf8' }).stdout;
  assert.equal(check('typed.ts'), '');
  assert.match(check('wrong.ts'), /^wrong\.ts\(11,9\): error TS2322/u);
});

test('installed from the tarball, the command serves an ONNX model, a synthetic one and one of the user', async (t) => {
  const yaml = `
models:
  - { name: digits, version: 1, container: onnx, path: ${join(ROOT, 'deploy/demo/models/digits-logistic/1/model.onnx')}, output: { name: probabilities, kind: probabilities } }
  - { name: sums, version: 1, container: synthetic, output: { kind: value } }
  - { name: mine, version: 1, container: { command: [node, ./my-container.ts] }, input: { dtype: float32, shape: [4] }, output: { kind: value } }
apps:
${['digits', 'sums', 'mine'].map((name) => `  - { name: ${name}, arms: [${name}], slo_ms: ${SLO_MS} }\n`).join('')}`;
  const broker = await (await BrokerProcess.start(t, { folder: project, yaml, files: { 'my-container.ts': readmeContainer() }, command })).ready();
  const answers = await Promise.all([['digits', Array.from({ length: 64 }, () => 0)], ['sums', [1, 2, 3]], ['mine', [1, 2, 3, 4]]].map(([app, input]) => broker.predict(String(app), { input })));
  assert.deepEqual(answers.map(({ json }) => [json.source, json.model]), [['model', 'digits'], ['model', 'sums'], ['model', 'mine']]);
  assert.deepEqual(answers.slice(1).map(({ json }) => json.output), [6, 10]);
  const [page, script] = await Promise.all(['', '/main.js'].map((path) => fetch(`${broker.url}/dashboard${path}`)));
  assert.match(await page?.text() ?? '', /src="\/dashboard\/main\.js"/u);
  assert.deepEqual([script?.status, script?.headers.get('content-type')], [200, 'text/javascript; charset=utf-8']);
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
  assert.deepEqual(broker.log.filter(({ level }) => level > 30), []);
});

test('the other commands run from the package too', () => {
  writeFileSync(join(project, 'right.yaml'), '{}\n');
  const run = (...args: string[]): readonly [number | null, string] => {
    const { status, stdout, stderr } = spawnSync(command, args, { cwd: project, encoding: 'utf8', env: { ...process.env, PATH: `${join(process.execPath, '..')}:${process.env['PATH']}` } });
    return [status, stdout + stderr];
  };
  assert.deepEqual(run('check', 'right.yaml'), [0, 'right.yaml is right: 0 model versions, 0 apps.\n']);
  const [code, said] = run('container-test', '--only', 'hello,drain', '--', 'node', 'node_modules/tradewind/model-containers/synthetic/main.js');
  assert.deepEqual([code, said.split('\n').at(-2)], [0, '2 passed, 0 failed, 0 not applicable']);
  assert.match(run('apply', 'right.yaml')[1], /^tradewind: no broker runs with state_dir /u);
});
