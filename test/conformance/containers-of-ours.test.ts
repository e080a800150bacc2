import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PYTHON_KIT, pythonWithKit } from '../support/python-kit.ts';
import { requirePart } from '../support/requirements.ts';
import { tradewind } from '../support/tradewind-command.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SYNTHETIC = ['node', 'model-containers/synthetic/main.ts'];

/** All that does not apply to it, where no check failed. */
async function notApplicable(words: readonly string[], command: readonly string[]): Promise<readonly string[]> {
  const { code, out, err } = await tradewind(['container-test', '--json', ...words, '--', ...command], { cwd: ROOT }).ended;
  const { checks } = JSON.parse(out) as { checks: readonly { check: string; verdict: string }[] };
  assert.deepEqual(checks.filter(({ verdict }) => verdict === 'failed'), []);
  assert.deepEqual([code, err], [0, '']);
  return checks.filter(({ verdict }) => verdict === 'not_applicable').map(({ check }) => check);
}

test('the synthetic container keeps the contract: as an echo of every dtype, silence of the broker included', async () => {
  assert.deepEqual(await notApplicable(['--echo', '--options', '{"echo":true}'], SYNTHETIC), ['row-errors']);
});

test('and as one with a bound, several credits and rows that fail', async () => {
  assert.deepEqual(await notApplicable(['--skip', 'silence', '--options', '{"row_error":13,"max_in_flight":3,"max_batch":200}', '--failing-row', '13'], SYNTHETIC), ['ragged', 'wanted']);
});

test('the ONNX container keeps it with a model of the demo', async () => {
  assert.deepEqual(await notApplicable(['--skip', 'silence', '--path', 'deploy/demo/models/digits-mlp/1/model.onnx'], ['node', 'model-containers/onnx/main.ts']), ['ragged', 'row-errors']);
});

test('the container in Go keeps it', { skip: requirePart('go') }, async (t: TestContext) => {
  const folder = await mkdtemp(join(tmpdir(), 'go-container-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const program = join(folder, 'container');
  await promisify(execFile)('go', ['build', '-o', program, '.'], { cwd: join(ROOT, 'model-containers/go') });
  assert.deepEqual(await notApplicable(['--skip', 'silence'], [program]), ['ragged', 'wanted', 'row-errors', 'shared-memory']);
  assert.deepEqual(await notApplicable(['--skip', 'silence', '--echo', '--options', '{"echo":true}'], [program]), ['row-errors', 'shared-memory']);
});

test('a container of the Python kit keeps it', { skip: requirePart('python3') }, async () => {
  const program = ['env', `PYTHONPATH=${PYTHON_KIT}`, 'PYTHONDONTWRITEBYTECODE=1', await pythonWithKit(), 'test/support/containers/doubler.py'];
  assert.deepEqual(await notApplicable(['--skip', 'silence'], program), ['ragged', 'wanted', 'row-errors']);
});

test('in words: a line a check, what was expected and what came; the exit code says whether all is well', async () => {
  const right = await tradewind(['container-test', '--only', 'hello,ragged', '--', ...SYNTHETIC], { cwd: ROOT }).ended;
  assert.deepEqual([right.code, right.err], [0, '']);
  assert.deepEqual(right.out.split('\n'), [
    'passed          hello: says hello first: its model, version, token and signature',
    'not applicable  ragged: no input of its signature is ragged',
    '1 passed, 0 failed, 1 not applicable', '',
  ]);
  const wrong = await tradewind(['container-test', '--only', 'hello', '--options', '{"exit_at_start":true}', '--', ...SYNTHETIC], { cwd: ROOT }).ended;
  assert.equal(wrong.code, 1);
  assert.match(wrong.out, /^FAILED {10}hello: .*\n {4}expected a connection\n {4}came {5}the process ended with code 1/u);
  assert.match(wrong.err, /does not keep the contract/u);
});
