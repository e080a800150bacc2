import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Binding } from '../../../../model-containers/tensorflow/binding.ts';
import { chooseRuntime } from '../../../../model-containers/tensorflow/choose-runtime.ts';
import { readSavedModel } from '../../../../model-containers/tensorflow/saved-model.ts';
import { FakeBinding } from '../../../support/fake-binding.ts';
import { SAVED_MODEL } from '../../../support/tensorflow.ts';

const FITS = readSavedModel(SAVED_MODEL, 'exact');
const WIDE = readSavedModel(SAVED_MODEL, 'wide');
const binding = new FakeBinding();
const opening = (...there: string[]) => (runtime: string): Binding | string => (there.includes(runtime) ? binding : `${runtime} is missing`);

test('the GPU binding first, then the CPU\'s, then Python; why not the ones before is remembered', () => {
  assert.deepEqual(chooseRuntime(FITS, undefined, opening('tfjs-node-gpu', 'tfjs-node')), { runtime: 'tfjs-node-gpu', binding, because: [] });
  assert.deepEqual(chooseRuntime(FITS, undefined, opening('tfjs-node')), { runtime: 'tfjs-node', binding, because: ['tfjs-node-gpu is missing'] });
  assert.deepEqual(chooseRuntime(FITS, undefined, opening()), { runtime: 'python', because: ['tfjs-node-gpu is missing', 'tfjs-node is missing'] });
});

test('a signature that the bindings cannot carry goes to Python without opening one', () => {
  const { runtime, because } = chooseRuntime(WIDE, undefined, assert.fail);
  assert.equal(runtime, 'python');
  assert.match(because.join(), /input x is float64/);
});

test('a runtime that is asked for is taken, or the start fails', () => {
  assert.deepEqual(chooseRuntime(FITS, 'tfjs-node', opening('tfjs-node-gpu', 'tfjs-node')), { runtime: 'tfjs-node', binding, because: [] });
  assert.deepEqual(chooseRuntime(FITS, 'python', assert.fail), { runtime: 'python', because: ['option runtime asks for it'] });
  assert.throws(() => chooseRuntime(FITS, 'tfjs-node-gpu', opening('tfjs-node')), /tfjs-node-gpu is missing/);
  assert.throws(() => chooseRuntime(WIDE, 'tfjs-node', opening('tfjs-node')), /input x is float64/);
});
