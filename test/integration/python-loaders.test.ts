import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { onlyDeep } from '../support/deep.ts';
import { PYTHON_KIT } from '../support/python-kit.ts';
import { findPart, requirePart, type Part } from '../support/requirements.ts';

const run = promisify(execFile);

/** The loaders that the packages of each part of the machine prove, by the tests of model-containers/python. */
const LOADERS: readonly (readonly [Part, readonly string[]])[] = [
  ['frameworks', ['test_scikit_learn', 'test_onnx_runtime', 'test_xgboost', 'test_lightgbm', 'test_cloudpickle']],
  ['tensorflow', ['test_keras']],
  ['torch', ['test_torch']],
];

for (const [part, tests] of LOADERS) {
  test(`loaders serve what the real packages saved: ${tests.join(', ')}`, { skip: onlyDeep(requirePart(part)) }, async () => {
    const python = join(dirname(findPart(part) ?? ''), 'python3');
    const names = tests.map((name) => `tests.test_loaders.Loaders.${name}`);
    const { stderr } = await run(python, ['-m', 'unittest', ...names], { cwd: PYTHON_KIT, env: { ...process.env, PYTHONPATH: PYTHON_KIT, PYTHONDONTWRITEBYTECODE: '1' } });
    assert.match(stderr, new RegExp(`Ran ${tests.length} tests? in [^\\n]+\\n\\nOK\\n$`, 'u'), 'and none was skipped');
  });
}
