import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { onlyDeep } from '../support/deep.ts';
import { PYTHON_KIT } from '../support/python-kit.ts';
import { findPart, requirePart, type Part } from '../support/requirements.ts';

const run = promisify(execFile);

const loaders = (...names: readonly string[]): readonly string[] => names.map((name) => `test_loaders.Loaders.test_${name}`);

/** What the packages of each part of the machine prove, by the tests of model-containers/python. */
const PROOFS: readonly (readonly [Part, readonly string[]])[] = [
  ['frameworks', loaders('scikit_learn', 'scikit_learn_fitted_on_a_frame', 'onnx_runtime', 'xgboost', 'lightgbm', 'cloudpickle')],
  ['frameworks', ['a_function_brings_the_callers_own_modules', 'methods_objects_classes_and_functions_of_libraries_say_their_signature_too', 'what_cannot_travel_is_said'].map((name) => `test_pickling.Pickling.test_${name}`)],
  ['tensorflow', loaders('keras')],
  ['torch', loaders('torch')],
];

for (const [part, tests] of PROOFS) {
  test(`the real packages: ${tests.join(', ')}`, { skip: onlyDeep(requirePart(part)) }, async () => {
    const python = join(dirname(findPart(part) ?? ''), 'python3');
    const names = tests.map((name) => `tests.${name}`);
    const { stderr } = await run(python, ['-m', 'unittest', ...names], { cwd: PYTHON_KIT, env: { ...process.env, PYTHONPATH: PYTHON_KIT, PYTHONDONTWRITEBYTECODE: '1' } });
    assert.match(stderr, new RegExp(`Ran ${tests.length} tests? in [^\\n]+\\n\\nOK\\n$`, 'u'), 'and none was skipped');
  });
}
