import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { describe, Stacks } from '../../../../model-containers/typescript/failure.ts';
import { PredictError } from '../../../../model-containers/typescript/predict.ts';
import { folderWith } from '../../../support/config-files.ts';

test('an error is said with its kind and the author\'s own line', async (t) => {
  const folder = folderWith(t, {
    'price.ts': '\nexport const predict = (): unknown => (undefined as never as { y: { z: 1 } }).y.z;',
    'wrong.ts': 'export const x = 1;\nexport function predict( {\n  return 1\n}\n',
    'lacks.ts': 'import { nothing } from \'./price.ts\';\nexport const predict = nothing;',
  });
  const thrownBy = async (file: string): Promise<unknown> => {
    try {
      return ((await import(join(folder, file))) as { predict: () => unknown }).predict();
    } catch (error) {
      return error;
    }
  };
  assert.match(describe(await thrownBy('price.ts')), /^TypeError: Cannot read properties of undefined \(reading 'y'\) \(price\.ts:2\)$/u);
  assert.match(describe(await thrownBy('wrong.ts')), /^SyntaxError: .* \(wrong\.ts:\d\)$/u);
  assert.match(describe(await thrownBy('lacks.ts')), /^SyntaxError: .*'nothing' \(lacks\.ts:1\)$/u);
});

test('what says no line is given the file, and what says nothing its kind', () => {
  const bare = (error: Error): Error => Object.assign(error, { stack: '' });
  assert.equal(describe(bare(new SyntaxError('Unexpected number')), 'm.mjs'), 'SyntaxError: Unexpected number (m.mjs)');
  assert.equal(describe(bare(new Error('no weights'))), 'no weights');
  assert.equal(describe(bare(new Error(''))), 'Error');
  assert.equal(describe(bare(new RangeError(''))), 'RangeError');
  assert.equal(describe('text'), 'text');
  assert.equal(describe(undefined), 'undefined');
  assert.equal(describe(new PredictError('bad_input', 'too old')), 'too old');
});

test('a stack is printed once for each place, and not for what the author meant to say', () => {
  const printed: string[] = [];
  const stacks = new Stacks((text) => printed.push(text));
  const fail = (): Error => new Error('no');
  for (const thrown of [fail(), fail(), new Error('elsewhere'), new PredictError('bad_input', 'too old'), 'text', undefined]) stacks.tell(thrown);
  assert.equal(printed.length, 2);
  assert.match(printed.join(''), /^Error: no\n {4}at fail/u);
  for (let i = 0; i < 100; i++) stacks.tell(Object.assign(new Error(`place ${i}`), { stack: `Error\n    at /tmp/x.ts:${i}:1` }));
  assert.equal(printed.length, 32);
});

test('an error that says too much is cut, and its place still said', () => {
  for (const message of ['x'.repeat(1_000_000), 'line\n'.repeat(100_000)]) {
    const error = new Error(message);
    let told = '';
    new Stacks((text) => void (told += text)).tell(error);
    assert.ok(told.length < 50_000 && told.split('\n').length <= 42, `${told.length} characters`);
    assert.match(told, /failure\.test\.ts/);
    assert.match(describe(error), /^.{1,1600}\(failure\.test\.ts:\d+\)$/su);
  }
});

test('what was thrown need not be an error, nor say what it is', () => {
  const odd = Object.assign(new Error('odd'), { message: Object.create(null) as string, stack: [1] as unknown as string });
  const told: string[] = [];
  for (const thrown of [Object.create(null), odd, Symbol('s'), undefined]) new Stacks((text) => void told.push(text)).tell(thrown);
  assert.deepEqual([describe(Object.create(null)), describe(odd), describe(undefined), told], ['something that is no text', 'something that is no text', 'undefined', []]);
});
