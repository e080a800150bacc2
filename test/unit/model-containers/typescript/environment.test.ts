import assert from 'node:assert/strict';
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readEnvironment } from '../../../../model-containers/typescript/environment.ts';

const ENV = { TRADEWIND_CONNECT: 'unix:/run/b.sock', TRADEWIND_MODEL: 'm', TRADEWIND_VERSION: '4' };

test('variables, all of them', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'token-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'token'), 'secret\n');
  const read = readEnvironment({
    ...ENV, TRADEWIND_PATH: '/models/m.onnx', TRADEWIND_OPTIONS: '{"threads":2}', TRADEWIND_OWNED: '1',
    TRADEWIND_INPUT: '[{"name":"x","dtype":"float32","shape":[64]}]', TRADEWIND_TOKEN_FD: String(openSync(join(folder, 'token'), 'r')),
  }, []);
  assert.deepEqual(read, {
    connect: [{ kind: 'unix', path: '/run/b.sock' }], listen: undefined, model: 'm', version: 4, path: '/models/m.onnx', options: { threads: 2 },
    inputs: [{ name: 'x', dtype: 'float32', shape: [64] }], owned: true, token: 'secret',
  });
});

test('flags win; several brokers', () => {
  const read = readEnvironment(ENV, ['--connect', 'tcp://a:1,unix:/b', '--connect', 'tcp://c:2', '--model', 'other', '--version', '9', '--options', '{"a":1}']);
  assert.deepEqual(read.connect, [{ kind: 'tcp', host: 'a', port: 1 }, { kind: 'unix', path: '/b' }, { kind: 'tcp', host: 'c', port: 2 }]);
  assert.deepEqual([read.model, read.version, read.options, read.owned, read.token], ['other', 9, { a: 1 }, false, undefined]);
});

test('every fault at once', () => {
  assert.throws(() => readEnvironment({ TRADEWIND_VERSION: '0', TRADEWIND_OPTIONS: '[]', TRADEWIND_INPUT: '[{"name":"x"}]', TRADEWIND_TOKEN_FD: '987' }, ['--colour', 'red']), (error: Error) => {
    assert.equal(error.name, 'StartError');
    const lines = error.message.split('\n');
    for (const part of ['--colour', 'TRADEWIND_CONNECT', 'TRADEWIND_MODEL', 'TRADEWIND_VERSION', 'TRADEWIND_OPTIONS', 'TRADEWIND_INPUT[0].dtype', 'TRADEWIND_TOKEN_FD']) {
      assert.ok(lines.some((line) => line.includes(part)), `${part} in ${error.message}`);
    }
    assert.equal(lines.length, 7);
    return true;
  });
});
