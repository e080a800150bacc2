import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layerFaults, pureFaults } from './layers.ts';
import { codeOnly, readTree, type Tree } from './tree.ts';

function faultsOf(path: string, text: string): string[] {
  return layerFaults(new Map([[path, text]]));
}

test('an import that points up, sideways or at a stranger is found; one that points down is not', () => {
  assert.equal(faultsOf('frontend/batching/x.ts', "import { y } from '../dispatch/y.ts';").length, 1);
  assert.equal(faultsOf('frontend/rpc/x.ts', "import type { y } from '../storage/y.ts';").length, 1);
  assert.equal(faultsOf('frontend/serving/x.ts', "import { y } from '../rpc/y.ts';").length, 1);
  assert.equal(faultsOf('frontend/rpc/x.ts', "import { y } from '../../model-containers/typescript/y.ts';").length, 1);
  assert.equal(faultsOf('model-containers/onnx/x.ts', "import { y } from '../../frontend/domain/y.ts';").length, 1);
  assert.equal(faultsOf('frontend/http/x.ts', "import { y } from '../../test/support/y.ts';").length, 1);
  assert.equal(faultsOf('frontend/attic/x.ts', '').length, 1);
  assert.deepEqual(faultsOf('frontend/http/x.ts', "import { y } from '../serving/y.ts';\nimport { z } from './z.ts';"), []);
});

test('what a pure folder may not do is found, in code and only there', () => {
  const found = (text: string): number => pureFaults(new Map([['frontend/batching/x.ts', text]]), codeOnly).length;
  for (const text of ["import fs from 'node:fs';", "import { z } from 'zod';", 'const t = Date.now();', 'new Date()', 'Math.random()', 'process.env', 'performance.now()', 'setTimeout(f, 1)', 'queueMicrotask(f)']) {
    assert.equal(found(text), 1, text);
  }
  for (const text of ['// Date.now() is refused', "const word = 'process.env';", 'batch.process(1)', '/** performance */', "import { x } from './y.ts';", 'const r = /[\'"] Date/;']) {
    assert.equal(found(text), 0, text);
  }
  const elsewhere: Tree = new Map([['frontend/runtime/x.ts', 'performance.now()']]);
  assert.deepEqual(pureFaults(elsewhere, codeOnly), []);
});

test('imports point down', () => {
  assert.deepEqual(layerFaults(readTree()), []);
});

test('pure folders are pure', () => {
  assert.deepEqual(pureFaults(readTree(), codeOnly), []);
});
