import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lockFaults, nameFaults } from './names.ts';
import { readTree } from './tree.ts';

test('paths of a machine, vague names and imports without .ts are found', () => {
  const faulty = (path: string, text: string): number => nameFaults(new Map([[path, text]])).length;
  assert.equal(faulty('README.md', `see ${['', 'work', 'x'].join('/')}`), 1);
  assert.equal(faulty('a.ts', `'${['', 'root', '.cache'].join('/')}'`), 1);
  assert.equal(faulty('frontend/index.ts', ''), 1);
  assert.equal(faulty('frontend/bigName.ts', ''), 1);
  assert.equal(faulty('frontend/x.ts', "import { y } from './y';"), 1);
  assert.equal(faulty('frontend/x.ts', "import { y } from './y.ts'; // net/work/shop"), 0);
  assert.deepEqual(lockFaults('"resolved": "http://mirror.local/x.tgz"'), ['http://mirror.local']);
  assert.deepEqual(lockFaults('"resolved": "https://registry.npmjs.org/x.tgz"'), []);
});

test('names are ours', () => {
  assert.deepEqual(nameFaults(readTree()), []);
});

test('the lock names no host but the public registry', () => {
  assert.deepEqual(lockFaults(readTree().get('package-lock.json') ?? assert.fail('no lock')), []);
});
