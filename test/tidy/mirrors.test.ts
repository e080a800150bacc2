import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mirrorFaults } from './mirrors.ts';
import { readTree } from './tree.ts';

test('a source without its test, and a test without its source, are found', () => {
  const tree = new Map([
    ['frontend/batching/bare.ts', 'export function f(): void {}'],
    ['frontend/batching/types.ts', '/** const x */\nexport interface X { readonly a: number }'],
    ['frontend/batching/held.ts', 'export const x = 1;'],
    ['test/unit/frontend/batching/held.test.ts', ''],
    ['test/unit/frontend/batching/gone.test.ts', ''],
    ['test/unit/frontend/batching/help.ts', ''],
  ]);
  assert.deepEqual(mirrorFaults(tree), [
    'frontend/batching/bare.ts has no test/unit/frontend/batching/bare.test.ts',
    'test/unit/frontend/batching/gone.test.ts mirrors nothing',
    'test/unit/frontend/batching/help.ts is no test: helpers belong to test/support',
  ]);
});

test('unit tests mirror the tree path for path', () => {
  assert.deepEqual(mirrorFaults(readTree()), []);
});
