import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A kind of container with a small model of its own, in the words of the configuration file. */
export interface ModelKind {
  readonly name: string;
  /** Why this machine cannot run it; undefined where it can. */
  missing(): string | undefined;
  /** Writes what it needs into the folder, which is the configuration's, and gives the words of its model. */
  make(folder: string): Readonly<Record<string, unknown>>;
  /** One row that it answers. */
  readonly row: readonly number[];
}

const here = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const venv = (name: string): string => here(`.venv/${name}/bin/python3`);
const ROW_4 = Object.freeze([1, 2, 3, 4]);
const INPUT_4 = Object.freeze({ name: 'x', dtype: 'float32', shape: [4] });

const TYPESCRIPT = `export const serving = { inputs: [{ name: 'x', dtype: 'float32', shape: [4] }], outputs: [{ name: 'sum', dtype: 'float32', shape: [] }] };
export const predict = ({ inputs, rows }) => ({ sum: Float32Array.from({ length: rows }, (_, row) => inputs.x.data.subarray(row * 4, row * 4 + 4).reduce((a, b) => a + b)) });
`;
const PYTHON = `from tradewind import model

@model(inputs={"x": ("float32", [4])}, outputs={"sum": "float32"})
def predict(x):
    return x.sum(axis=1)
`;
const SKLEARN = `import joblib, numpy, sys
from sklearn.linear_model import LinearRegression
x = numpy.eye(4, dtype=numpy.float32)
joblib.dump(LinearRegression().fit(x, x.sum(axis=1)), sys.argv[1])
`;
const TORCH = `import sys, torch
torch.jit.script(torch.nn.Linear(4, 1)).save(sys.argv[1])
`;

/** Every kind of container that the broker starts. */
export const MODEL_KINDS: readonly ModelKind[] = Object.freeze<ModelKind[]>([
  { name: 'synthetic', row: ROW_4, missing: () => undefined, make: () => ({ container: 'synthetic', input: INPUT_4, output: { kind: 'value' } }) },
  {
    name: 'onnx', row: Array.from({ length: 64 }, (_, i) => i % 17), missing: () => undefined,
    make: () => ({ container: 'onnx', path: here('deploy/demo/models/digits-logistic/1/model.onnx'), input: { dtype: 'float32', shape: [64] }, output: { name: 'probabilities', kind: 'probabilities' } }),
  },
  { name: 'typescript', row: ROW_4, missing: () => undefined, make: (folder) => written(folder, 'sum.ts', TYPESCRIPT, { container: 'typescript' }) },
  {
    name: 'python', row: ROW_4, missing: () => lacking('python3', 'import numpy, msgpack'),
    make: (folder) => written(folder, 'sum.py', PYTHON, { container: 'python', options: { python: pythonOf() } }),
  },
  {
    name: 'scikit-learn', row: ROW_4, missing: () => notThere(venv('frameworks'), 'model-containers/python/install-frameworks.sh'),
    make: (folder) => trained(venv('frameworks'), SKLEARN, folder, 'line.joblib', { loader: 'sklearn' }),
  },
  {
    name: 'pytorch', row: ROW_4, missing: () => lacking('/usr/bin/python3', 'import torch, msgpack'),
    make: (folder) => trained('/usr/bin/python3', TORCH, folder, 'line.pt', { loader: 'torch' }),
  },
  {
    name: 'tensorflow, Node', row: ROW_4, missing: () => notThere(here('model-containers/tensorflow/.tensorflow/cpu/tfjs_binding.node'), 'model-containers/tensorflow/prepare.sh'),
    make: () => tensorflow({ runtime: 'tfjs-node' }),
  },
  {
    name: 'tensorflow, Python', row: ROW_4, missing: () => notThere(venv('tensorflow'), 'model-containers/tensorflow/prepare.sh --python .venv/tensorflow'),
    make: () => tensorflow({ runtime: 'python', python: venv('tensorflow') }),
  },
  {
    name: 'go', row: ROW_4, missing: () => lacking('go', 'version'),
    make: (folder) => {
      execFileSync('go', ['build', '-o', join(folder, 'container'), '.'], { cwd: here('model-containers/go'), stdio: ['ignore', 2, 2] });
      return { container: { command: ['./container'] }, input: INPUT_4, output: { kind: 'value' } };
    },
  },
]);

function written(folder: string, file: string, text: string, words: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  writeFileSync(join(folder, file), text);
  return { ...words, path: file, input: INPUT_4, output: { kind: 'value' } };
}

/** A model that its own framework made and saved. */
function trained(python: string, program: string, folder: string, file: string, options: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  execFileSync(python, ['-c', program, join(folder, file)], { stdio: ['ignore', 2, 2] });
  return { container: 'python', path: file, options: { ...options, python }, input: INPUT_4, output: { kind: 'raw' } };
}

function tensorflow(options: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { container: 'tensorflow', path: here('test/support/models/saved-model'), options, input: INPUT_4, output: { name: 'probabilities', kind: 'probabilities' } };
}

/** An interpreter with the kit's two packages: the gate's, or the system's. */
function pythonOf(): string {
  const own = here('model-containers/python/.venv/bin/python');
  return existsSync(own) ? own : 'python3';
}

function lacking(program: string, proof: string): string | undefined {
  const command = program === 'python3' ? pythonOf() : program;
  try {
    execFileSync(command, program === 'go' ? [proof] : ['-c', proof], { stdio: 'ignore' });
    return undefined;
  } catch {
    return `${command} cannot ${proof}`;
  }
}

function notThere(file: string, remedy: string): string | undefined {
  return existsSync(file) ? undefined : `it is not prepared: ${remedy}`;
}
