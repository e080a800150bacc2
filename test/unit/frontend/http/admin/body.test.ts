import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import { readAppBody, readBody, readModelBody, readSteering } from '../../../../../frontend/http/admin/body.ts';
import type { AdminReading } from '../../../../../frontend/http/admin/body.ts';
import { REPLICAS_BODY } from '../../../../../frontend/http/admin/table.ts';
import { BrokerError } from '../../../../../frontend/domain/errors.ts';
import { folderWith } from '../../../../support/config-files.ts';
import { desiredOf, makeModel } from '../../../../support/specs.ts';

function reading(admin: AdminReading['settings']['admin'] = { allowCode: false, maxUploadMb: 1 }): AdminReading {
  return { settings: { admin, dial: { allow: ['127.0.0.1'] } }, current: desiredOf([makeModel()]) };
}
function refusal(run: () => unknown): string {
  try {
    run();
    return 'taken';
  } catch (thrown) {
    assert.ok(thrown instanceof BrokerError, String(thrown));
    return `${thrown.code} ${(thrown.details as readonly { path: string }[] | undefined ?? []).map(({ path }) => path).join()}`.trim();
  }
}
const NAMED = { name: 'n', version: 1 };

test('bodies have the words of the file, the names coming from the path', () => {
  assert.equal(readModelBody({ container: 'synthetic', slo_ms: 5 }, NAMED, reading()).sloMs, 5);
  assert.equal(readAppBody({ arms: ['m'] }, { name: 'a' }, reading()).output, 'value');
  assert.deepEqual(readBody(REPLICAS_BODY, { replicas: 3 }), { replicas: 3 });
});

test('every fault of a body is told', () => {
  assert.equal(refusal(() => readModelBody({ container: 'onx', slo: 5 }, NAMED, reading())), 'invalid_config container,slo');
  assert.equal(refusal(() => readModelBody({ name: 'other', container: 'synthetic' }, NAMED, reading())), 'invalid_config name');
  assert.equal(refusal(() => readModelBody({ container: 'synthetic', labels: ['stable'] }, NAMED, reading())), 'invalid_config labels');
  assert.equal(refusal(() => readModelBody([], NAMED, reading())), 'invalid_config');
  assert.equal(refusal(() => readBody(REPLICAS_BODY, { replicas: -1 })), 'invalid_config replicas');
  assert.equal(refusal(() => readAppBody({ arms: ['m', 'n'], shadow: ['x'] }, { name: 'a' }, reading())), 'invalid_config shadow');
});

test('hands on an app are held to numbers and arms, one by one', () => {
  assert.deepEqual(readSteering({ floors: { m: 0.2 }, caps: { n: 1 }, parents: { n: 'm@1' } }), { floors: { m: 0.2 }, caps: { n: 1 }, parents: { n: 'm@1' } });
  for (const [body, path] of [
    [{ floors: { m: -1 } }, 'floors.m'], [{ floors: { m: 'x' } }, 'floors.m'], [{ caps: { m: 0.5, n: null } }, 'caps.n'], [{ caps: { n: 2 } }, 'caps.n'], [{ parents: { n: 7 } }, 'parents.n'], [{ floors: 1 }, 'floors'],
  ] as const) assert.equal(refusal(() => readSteering(body)), `invalid_config ${path}`);
});

test('commands and files need leave, and lie below the root', (t) => {
  const folder = folderWith(t, { 'root/m.onnx': 'x', 'root/run.ts': 'x', 'out.onnx': 'x' });
  const root = join(folder, 'root');
  const onnx = { container: 'onnx', path: 'm.onnx' };
  const command = { container: { command: ['node', './run.ts'] } };
  const named = { container: 'synthetic', output: { kind: 'label', class_names: '/etc/passwd' } };
  for (const body of [onnx, command, named, { container: { dial: ['unix:/x'] } }]) assert.equal(refusal(() => readModelBody(body, NAMED, reading({ allowCode: false, maxUploadMb: 1, deployRoot: root }))), 'code_not_allowed');
  const allowed = reading({ allowCode: true, maxUploadMb: 1, deployRoot: root });
  assert.equal(readModelBody(onnx, NAMED, allowed).path, join(root, 'm.onnx'));
  assert.deepEqual(readModelBody(command, NAMED, allowed).container, { kind: 'command', command: ['node', './run.ts'], cwd: root });
  assert.equal(refusal(() => readModelBody({ ...onnx, path: '../out.onnx' }, NAMED, allowed)), 'invalid_config path');
  assert.equal(refusal(() => readModelBody(named, NAMED, allowed)), 'invalid_config output.class_names');
  assert.equal(refusal(() => readModelBody({ container: { command: ['sh', '-c', 'x'] } }, NAMED, allowed)), 'invalid_config container.command[0]');
});
