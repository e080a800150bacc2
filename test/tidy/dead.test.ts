import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deadExports, deadFiles } from './dead.ts';
import { readTree } from './tree.ts';

test('a file that nothing reaches is found, though a test imports it; workers and programs are reached', () => {
  const tree = new Map([
    ['package.json', '{ "bin": "frontend/cli/tradewind.ts" }'],
    ['frontend/cli/tradewind.ts', "import '../main.ts';"],
    ['frontend/main.ts', "new Worker(new URL('./storage/thread.ts', import.meta.url)); start('model-containers/onnx/main.ts');"],
    ['frontend/storage/thread.ts', "const clock = new URL(`./watch${extname(import.meta.url)}`, import.meta.url);"],
    ['frontend/storage/watch.ts', '// see ./dead.ts'],
    ['model-containers/onnx/main.ts', ''],
    ['frontend/storage/dead.ts', ''],
    ['test/unit/frontend/storage/dead.test.ts', "import '../../../../frontend/storage/dead.ts';"],
  ]);
  assert.deepEqual(deadFiles(tree), ['frontend/storage/dead.ts']);
});

test('an export that nobody uses is found', () => {
  const tree = new Map([
    ['a.ts', 'export const used = 1;\nexport function unused(): Shape { return {}; }\nexport interface Shape {}\nexport type Lonely = 1;'],
    ['b.ts', "import { used } from './a.ts'; // unused Lonely"],
  ]);
  assert.deepEqual(deadExports(tree), ['a.ts exports unused, which nobody uses', 'a.ts exports Lonely, which nobody uses']);
});

test('no file is dead', () => {
  assert.deepEqual(deadFiles(readTree()), []);
});

test('no export is dead', () => {
  assert.deepEqual(deadExports(readTree()), []);
});
