import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cycles, fileGraph, folderGraph } from './graph.ts';
import { readTree, type Tree } from './tree.ts';

const KNOT: Tree = new Map([
  ['a/one.ts', "import type { Two } from '../b/two.ts';"],
  ['b/two.ts', "import {\n  one,\n} from '../c/three.ts';"],
  ['c/three.ts', "export const later = () => import('../a/one.ts');"],
  ['d/four.ts', "import '../a/one.ts';"],
]);

test('a circle is found, through types and late imports too', () => {
  assert.deepEqual(cycles(fileGraph(KNOT)), [['a/one.ts', 'b/two.ts', 'c/three.ts']]);
});

test('a circle between folders is found where no file is in one', () => {
  const tree: Tree = new Map([['a/one.ts', "import '../b/two.ts';"], ['b/two.ts', ''], ['b/three.ts', "import '../a/four.ts';"], ['a/four.ts', '']]);
  assert.deepEqual(cycles(fileGraph(tree)), []);
  assert.deepEqual(cycles(folderGraph(fileGraph(tree))), [['a', 'b']]);
});

test('no circle between files', () => {
  assert.deepEqual(cycles(fileGraph(readTree())), []);
});

test('no circle between folders', () => {
  assert.deepEqual(cycles(folderGraph(fileGraph(readTree()))), []);
});
