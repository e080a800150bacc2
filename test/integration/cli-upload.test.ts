import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BrokerProcess } from '../support/broker-process.ts';
import { Commands } from '../support/commands.ts';

const YAML = `
admin: { allow_code: true, deploy_root: deployed }
models: [{ name: m, version: 1, container: synthetic, output: { kind: value }, input: { dtype: float32, shape: [2] } }]
apps: [{ name: m, arms: [m], slo_ms: 20000 }]
`;
const SUMS = `import { width } from './width.ts';
export const serving = { inputs: [{ name: 'x', dtype: 'float32', shape: [width] }], outputs: [{ name: 'sum', dtype: 'float32', shape: [] }] };
export const predict = ({ inputs, rows }) => ({ sum: Float32Array.from({ length: rows }, (_, row) => inputs.x.data[row * width] + inputs.x.data[row * width + 1]) });
`;

test('deploy with --url sends the folder or the file that --path names here', async (t) => {
  const broker = await (await BrokerProcess.start(t, { yaml: YAML, files: { 'deployed/.keep': '', 'sums/main.ts': SUMS, 'sums/width.ts': 'export const width = 2;', 'one.ts': SUMS.replace("import { width } from './width.ts';", 'const width = 2;') } })).ready();
  const commands = new Commands(broker);
  const deploy = ['--url', broker.url, '--container', 'typescript', '--output', 'value', '--wait-ms', '60000'];
  for (const [version, path, ...more] of [['m@2', 'one.ts'], ['m@3', 'sums', '--file', 'main.ts']] as const) {
    await commands.said('deploy', version, ...deploy, '--path', path, ...more);
    const [model = '', number = ''] = version.split('@');
    const said = await commands.said('predict', 'm', '[6, 7]', '--url', broker.url, '--model-version', number);
    assert.match(said, /13/u, `${model} ${path}`);
  }
  assert.ok(existsSync(join(broker.folder, 'deployed')));
  await commands.refused(1, /nothing.ts/u, 'deploy', 'm@4', ...deploy, '--path', 'nothing.ts');
  await commands.refused(2, /--file is of a folder/u, 'deploy', 'm@4', '--container', 'typescript', '--file', 'one.ts');
  await commands.refused(2, /--dry-run sends no files/u, 'deploy', 'm@4', ...deploy, '--path', 'one.ts', '--dry-run');
});
