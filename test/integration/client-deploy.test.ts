import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createClient } from '../../frontend/client/client.ts';
import { filesOf } from '../../frontend/model-files.ts';
import { BrokerProcess } from '../support/broker-process.ts';

const AFFINE = fileURLToPath(new URL('../support/models/affine.onnx', import.meta.url));
const SUMS = `import { width } from './width.ts';
export const serving = { inputs: [{ name: 'x', dtype: 'float32', shape: [width] }], outputs: [{ name: 'sum', dtype: 'float32', shape: [] }] };
export function predict({ inputs, rows }) {
  return { sum: Float32Array.from({ length: rows }, (_, row) => inputs.x.data.subarray(row * width, (row + 1) * width).reduce((a, b) => a + b, 0)) };
}
`;
const YAML = `
admin: { allow_code: true, deploy_root: deployed }
models: [{ name: m, version: 1, container: synthetic, output: { kind: value }, input: { dtype: float32, shape: [2] } }]
apps: [{ name: m, arms: [m], slo_ms: 20000 }]
`;

test('a function, a file and a folder are uploaded and served; what does not run is said', async (t) => {
  const broker = await (await BrokerProcess.start(t, { yaml: YAML, files: { 'deployed/.keep': '', 'sums/main.ts': SUMS, 'sums/width.ts': 'export const width: number = 2;' } })).ready();
  const client = createClient({ url: broker.url, sloMs: 20_000 });
  const value = { output: { kind: 'value' } };
  const ask = async (version: number, input: readonly number[]): Promise<unknown> => (await client.predict('m', { input, version })).output;

  const tensors = { inputs: [{ name: 'x', dtype: 'float32', shape: [2] }], outputs: [{ name: 'product', dtype: 'float32', shape: [] }] };
  await client.deploy('m', 2, ({ inputs, rows }: { inputs: { x: { data: Float32Array } }; rows: number }) => ({ product: Float32Array.from({ length: rows }, (_, row) => (inputs.x.data[2 * row] ?? 0) * (inputs.x.data[2 * row + 1] ?? 0)) }), { ...tensors, label: 'stable', model: value });
  assert.equal(await ask(2, [6, 7]), 42);

  await client.deploy('m', 3, await filesOf(join(broker.folder, 'sums')), { file: 'main.ts', model: value });
  assert.equal(await ask(3, [6, 7]), 13);
  await client.deploy('affine', 1, await filesOf(AFFINE), { model: { output: { name: 'y', kind: 'raw' } } });
  assert.equal((await broker.replicas('affine@1'))[0]?.state, 'ready');

  await assert.rejects(client.deploy('m', 4, { 'broken.mjs': 'throw new Error("as written")' }, { model: value }), (error: Error) => /not become ready: exited with code 1[^]*as written/u.test(error.message));
  assert.deepEqual(readdirSync(join(broker.folder, 'deployed/.uploads')), []);
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
});
