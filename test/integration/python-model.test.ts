import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { BrokerProcess, isRunning, until } from '../support/broker-process.ts';
import { pythonWithKit } from '../support/python-kit.ts';
import { fencedBlocks } from '../support/readme-blocks.ts';
import { requirePart } from '../support/requirements.ts';

const run = promisify(execFile);

const FUNCTION = `
import numpy as np
from tradewind import RowError, model

@model(inputs={"x": ("float32", [3])}, outputs={"mean": "float32"}, warm_up=[1])
def predict(x):
    if (x < 0).any():
        return [RowError("below zero", "bad_input") if (row < 0).any() else row.mean() for row in x]
    return x.mean(axis=1)
`;
const CLASS = `
import json

class Words:
    inputs = {"text": "bytes"}
    outputs = {"word": "bytes"}

    def load(self, path, options):
        self.words = {key.encode(): word for key, word in options["words"].items()}

    async def predict(self, text):
        return [self.words.get(one, "?") for one in text]
`;

const STUCK = `
import ctypes
from tradewind import model

@model(inputs={"x": ("float32", [1])}, outputs={"y": "float32"})
def predict(x):
    ctypes.PyDLL(None).usleep(600_000_000)
    return x[:, 0]
`;

/** Saves a classifier of two flowers as its framework does; prints what it answers to two rows. */
const TRAIN = `
import json, sys
import joblib, numpy as np
from sklearn.linear_model import LogisticRegression

x = np.array([[0, 0], [1, 1], [0, 1], [5, 5], [6, 5], [5, 6]], np.float32)
joblib.dump(LogisticRegression().fit(x, [0, 0, 0, 1, 1, 1]), sys.argv[1])
print(json.dumps(joblib.load(sys.argv[1]).predict_proba(x[[0, 3]]).tolist()))
`;

describe('models in Python, named in the configuration', { skip: requirePart('python3') }, () => {
  let python = '';
  before(async () => {
    python = await pythonWithKit();
  });

  test('a function and a class are answered from, in batches, and a row that fails does not harm the others', async (t) => {
    const broker = await (await BrokerProcess.start(t, {
      files: { 'mean.py': FUNCTION, 'code/words.py': CLASS },
      yaml: `
models:
  - { name: mean, version: 1, container: python, path: mean.py, options: { python: "${python}" }, output: { kind: value }, replicas: 2 }
  - { name: words, version: 1, container: python, path: code, options: { entry: "words:Words", words: { a: eins, b: zwei }, python: "${python}" }, output: { kind: raw } }
apps:
  - { name: means, arms: [mean], slo_ms: 5000 }
  - { name: words, arms: [words], slo_ms: 5000 }
`,
    })).ready();
    const ask = async (app: string, body: object) => (await broker.predict(app, body)).json as { output?: unknown; outputs?: unknown[]; rows?: { source: string; reason?: string }[]; source: string };
    assert.equal((await ask('means', { input: [1, 2, 6] })).output, 3);
    assert.deepEqual((await ask('means', { inputs: Array.from({ length: 300 }, (_, i) => [i, i, i]) })).outputs, Array.from({ length: 300 }, (_, i) => i));
    const words = await ask('words', { inputs: ['b', 'a', 'c'] });
    assert.match(JSON.stringify(words.outputs), /zwei.*eins.*\?/);
    const mixed = await broker.predict('means', { inputs: [[1, 1, 1], [-1, 0, 0]] });
    assert.match(JSON.stringify(mixed.json), /below zero|bad_input|model_error/);
    assert.equal((await broker.stop()).code, 0);
  });

  test('a broker that is killed while native code holds the interpreter takes its containers with it', async (t) => {
    const broker = await (await BrokerProcess.start(t, {
      files: { 'stuck.py': STUCK },
      yaml: `
models: [{ name: stuck, version: 1, container: python, path: stuck.py, options: { python: "${python}" }, output: { kind: value }, replicas: 2 }]
apps: [{ name: stuck, arms: [stuck], slo_ms: 100, on_miss: error }]
`,
    })).ready();
    const pids = await until('both replicas', async () => {
      const ready = (await broker.replicas()).flatMap(({ pid, state }) => (state === 'ready' && pid !== undefined ? [pid] : []));
      return ready.length === 2 && ready;
    });
    for (let call = 0; call < 2; call++) assert.equal((await broker.predict('stuck', { input: [call] })).status, 504);
    assert.ok(pids.every(isRunning));
    process.kill(broker.pid, 'SIGKILL');
    await until('nobody left', () => !pids.some(isRunning));
  });

  test('a model of scikit-learn is served by its loader as it was saved', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'sklearn-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'flowers.joblib');
    const trained = await run(python, ['-c', TRAIN, file]).catch(() => undefined);
    if (trained === undefined) return t.skip('the interpreter has no scikit-learn');
    const broker = await (await BrokerProcess.start(t, {
      yaml: `
models: [{ name: flowers, version: 1, container: python, path: "${file}", options: { loader: sklearn, python: "${python}" }, output: { kind: probabilities, class_names: [rose, tulip] } }]
apps: [{ name: flowers, arms: [flowers], slo_ms: 5000 }]
`,
    })).ready();
    const expected = JSON.parse(trained.stdout) as number[][];
    for (const [i, [input, name]] of ([[[0, 0], 'rose'], [[5, 5], 'tulip']] as const).entries()) {
      const { output, confidence } = (await broker.predict('flowers', { input })).json as { output?: unknown; confidence?: number };
      assert.equal(output, name);
      assert.ok(Math.abs((confidence ?? 0) - Math.max(...(expected[i] ?? []))) < 1e-5);
    }
  });

  test('the example of the containers\' page is served as it stands there', async (t) => {
    const [yaml = ''] = fencedBlocks('model-containers/README.md', 'yaml').filter((block) => block.includes('container: python'));
    const code = fencedBlocks('model-containers/README.md', 'python').find((block) => block.includes('@model')) ?? '';
    const entry = /  - (\{ name: mean,.*\})\n/.exec(yaml)?.[1] ?? '';
    const broker = await (await BrokerProcess.start(t, {
      env: { PATH: python.includes('/') ? `${dirname(python)}:${process.env['PATH'] ?? ''}` : process.env['PATH'] ?? '' },
      files: { 'mean.py': code },
      yaml: `models: [${entry}]\napps: [{ name: means, arms: [mean], slo_ms: 5000 }]\n`,
    })).ready();
    assert.equal((await broker.predict('means', { input: Array.from({ length: 64 }, (_, i) => i) })).json.output, 31.5);
  });
});
