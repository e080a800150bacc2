import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startForeign } from '../../bench/foreign/foreign-server.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { folderWith } from '../support/config-files.ts';
import { onlyDeep } from '../support/deep.ts';
import { pythonWithKit } from '../support/python-kit.ts';
import { findPart, requirePart, type Part } from '../support/requirements.ts';
import { requireBinding } from '../support/tensorflow.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const PYTHONS = { sklearn: 'frameworks', torch: 'torch', keras: 'tensorflow' } as const satisfies Record<string, Part>;

interface Block { readonly language: string; readonly text: string }

/** The fenced blocks under one heading of the third rank. */
function blocksOf(heading: string): readonly Block[] {
  const section = README.split(/^### /mu).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  return [...section.split(/^## /mu)[0]?.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gmu) ?? []].map(([, language = '', text = '']) => ({ language, text }));
}

/** The interpreter of the packages that a program imports. */
function pythonFor(text: string): string {
  const part = Object.entries(PYTHONS).find(([imported]) => text.includes(imported))?.[1];
  return part === undefined ? 'python3' : join(dirname(findPart(part) ?? ''), 'python3');
}

/** Does what a reader would do: writes the files, runs the programs, starts the broker on the configuration. */
async function follow(t: TestContext, heading: string, edit: (yaml: string) => string = (yaml) => yaml): Promise<BrokerProcess> {
  const folder = folderWith(t, {});
  symlinkSync(join(ROOT, 'model-containers'), join(folder, 'model-containers'));
  let yaml = '';
  for (const { language, text } of blocksOf(heading)) {
    const file = /^(?:#|\/\/) (\S+\.(?:py|ts))\n/u.exec(text)?.[1];
    if (file !== undefined) writeFileSync(join(folder, file), text);
    else if (language === 'python') {
      const python = pythonFor(text);
      execFileSync(python, ['-c', text], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
      mkdirSync(join(folder, 'venv'), { recursive: true });
      // A folder of its own stands for the virtual environment that a reader has.
      if (existsSync(join(dirname(python), '../pyvenv.cfg'))) copyFileSync(join(dirname(python), '../pyvenv.cfg'), join(folder, 'venv/pyvenv.cfg'));
      for (const name of ['lib', 'bin']) if (existsSync(join(folder, 'venv/pyvenv.cfg'))) symlinkSync(join(dirname(python), '..', name), join(folder, 'venv', name));
      if (!existsSync(join(folder, 'venv/bin'))) {
        mkdirSync(join(folder, 'venv/bin'));
        symlinkSync(python, join(folder, 'venv/bin/python'));
      }
    } else if (language === 'sh') execFileSync('bash', ['-c', text], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    else if (language === 'yaml') yaml = edit(text);
  }
  for (const [, path = ''] of yaml.matchAll(/path: (\S+\.onnx)/gu)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    copyFileSync(join(ROOT, 'deploy/demo/models/digits-logistic/1/model.onnx'), join(folder, path));
  }
  const kit = await pythonWithKit();
  const path = `${kit.includes('/') ? `${dirname(kit)}:` : ''}${process.env['PATH'] ?? ''}`;
  return (await BrokerProcess.start(t, { folder, yaml, env: { PATH: path } })).ready();
}

const KINDS: readonly { readonly heading: string; readonly app: string; readonly row: readonly number[]; readonly skip: string | false; readonly output?: unknown }[] = [
  { heading: 'An ONNX file', app: 'digits', row: Array.from({ length: 64 }, (_, i) => i % 17), skip: false },
  { heading: 'TensorFlow', app: 'net', row: [1, 2, 3, 4], skip: onlyDeep(requirePart('tensorflow') === false ? requireBinding() : requirePart('tensorflow')) },
  { heading: 'PyTorch', app: 'net', row: [1, 2, 3, 4], skip: onlyDeep(requirePart('torch')) },
  { heading: 'scikit-learn', app: 'iris', row: [5.1, 3.5, 1.4, 0.2], skip: onlyDeep(requirePart('frameworks')), output: 0 },
  { heading: 'A function in Python', app: 'mean', row: [1, 2, 3, 6], skip: requirePart('python3'), output: 3 },
  { heading: 'A function in TypeScript', app: 'sum', row: [1, 2, 3, 4], skip: false, output: 10 },
  { heading: 'A program in Go', app: 'sums', row: [1, 2, 3, 4], skip: requirePart('go'), output: 10 },
];

for (const { heading, app, row, skip, output } of KINDS) {
  test(`what README says of "${heading}" works as it stands there`, { skip }, async (t) => {
    const broker = await follow(t, heading);
    const { json } = await broker.predict(app, { input: row, slo_ms: 20_000 });
    assert.equal(json.source, 'model', JSON.stringify(json));
    if (output !== undefined) assert.deepEqual(json.output, output);
    assert.deepEqual(await broker.stop(), { code: 0, signal: null });
  });
}

test('what README says of "A server of somebody else" works as it stands there, with the address of one', { skip: onlyDeep(requirePart('triton')) }, async (t) => {
  const server = await startForeign('triton');
  t.after(() => server.kill9());
  const broker = await follow(t, 'A server of somebody else', (yaml) => yaml.replace('grpc://127.0.0.1:8001', server.grpc));
  const { json } = await broker.predict('theirs', { input: Array.from({ length: 64 }, () => 1), slo_ms: 20_000 });
  assert.equal(json.source, 'model', JSON.stringify(json));
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
});

test('each kind takes at most ten lines', () => {
  for (const heading of [...KINDS.map((kind) => kind.heading), 'A server of somebody else']) {
    const lines = blocksOf(heading).reduce((total, { text }) => total + text.trimEnd().split('\n').length, 0);
    assert.ok(lines > 0 && lines <= 10, `${heading}: ${lines}`);
  }
});
