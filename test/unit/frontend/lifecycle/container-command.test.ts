import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ModelSpec } from '../../../../frontend/domain/model.ts';
import { containerCommand, findOnPath } from '../../../../frontend/lifecycle/container-command.ts';
import { rogueSpec } from '../../../support/supervised.ts';

const folder = mkdtempSync(join(tmpdir(), 'command-'));
test.after(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'tool'), '');
chmodSync(join(folder, 'tool'), 0o755);
writeFileSync(join(folder, 'text'), '');

const host = {
  node: '/opt/node/bin/node', builtins: { onnx: '/app/onnx.ts', synthetic: '/app/synthetic.ts', python: '/app/python', tensorflow: '/app/tensorflow.ts', typescript: '/app/typescript.ts' },
  env: { PATH: `relative:${folder}`, HOME: '/home/me', LANG: 'C', TRADEWIND_ADMIN_TOKEN: 'secret', AWS_KEY: 'secret' },
};
const commandOf = (...command: string[]): ReturnType<typeof containerCommand> =>
  containerCommand(rogueSpec({}, { container: { kind: 'command', command, cwd: folder } }), 'unix:/s', host);
const words = (...command: string[]): unknown => {
  const found = commandOf(...command);
  return typeof found === 'string' ? found : [found.program, ...found.args];
};

test('node is the broker\'s own, and relative paths are taken from the configuration\'s folder', () => {
  assert.deepEqual(words('node', './mine.ts', '--x', '../up', '.'), ['/opt/node/bin/node', join(folder, 'mine.ts'), '--x', join(folder, '../up'), '.']);
  assert.deepEqual(words('./tool'), [join(folder, 'tool')]);
  assert.deepEqual(words('tool'), [join(folder, 'tool')]);
});

test('what is no program that can be run is named', () => {
  for (const name of ['missing', './text', './nothing', folder]) assert.match(String(words(name)), /^there is no program ".*" that can be run$/);
  assert.match(String(words()), /there is no program/);
  assert.equal(findOnPath('text', folder), undefined);
});

test('a container gets a clean environment: what it needs, and no secret', () => {
  const spec: ModelSpec = rogueSpec({}, {
    container: { kind: 'builtin', name: 'onnx' }, path: '/m/model.onnx', options: { threads: 1 }, input: [{ name: 'x', dtype: 'float32', shape: [64] }],
  });
  assert.deepEqual(containerCommand(spec, 'unix:/s', host), {
    program: '/opt/node/bin/node', args: ['/app/onnx.ts'],
    env: {
      PATH: `/opt/node/bin:relative:${folder}`, HOME: '/home/me', LANG: 'C', TRADEWIND_CONNECT: 'unix:/s', TRADEWIND_MODEL: 'rogue', TRADEWIND_VERSION: '1',
      TRADEWIND_OPTIONS: '{"threads":1}', TRADEWIND_PATH: '/m/model.onnx', TRADEWIND_INPUT: '[{"name":"x","dtype":"float32","shape":[64]}]',
      TRADEWIND_OWNED: '1', TRADEWIND_TOKEN_FD: '3',
    },
  });
  assert.equal(containerCommand(rogueSpec({}, { container: { kind: 'dial', addresses: [] } }), '', host), 'a container that is dialled is not started');
});

test('a model in Python: the interpreter from PATH or the configuration\'s folder, and the kit beside the broker', () => {
  const started = (interpreter: string): ReturnType<typeof containerCommand> =>
    containerCommand(rogueSpec({}, { container: { kind: 'python', interpreter, cwd: folder } }), 'unix:/s', host);
  const found = started('tool');
  assert.ok(typeof found !== 'string');
  assert.deepEqual([found.program, ...found.args, found.env['PYTHONPATH']], [join(folder, 'tool'), '-m', 'tradewind.container', '/app/python']);
  assert.deepEqual((started('./tool') as typeof found).program, join(folder, 'tool'));
  assert.equal(started('missing'), 'there is no Python interpreter "missing" that can be run');
});
