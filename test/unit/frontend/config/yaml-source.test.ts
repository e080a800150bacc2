import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseYaml } from '../../../../frontend/config/yaml-source.ts';

const TEXT = 'apps:\n  - { name: digits, arms: [a, b] }\nmodels:\n  - name: m\n    version: 2\n    path: x\n';

test('a path leads to its line and column, by position and by name', () => {
  const source = parseYaml(TEXT);
  assert.deepEqual(source.faults, []);
  assert.deepEqual(source.locate(['apps', 0, 'arms', 1]), { line: 2, column: 31 });
  assert.deepEqual(source.locate(['apps', 'digits', 'arms']), { line: 2, column: 21 });
  assert.deepEqual(source.locate(['models', 'm@2', 'path']), { line: 6, column: 5 });
});

test('what is not there is shown at what is around it', () => {
  assert.deepEqual(parseYaml(TEXT).locate(['models', 0, 'nothing', 'below']), { line: 4, column: 5 });
  assert.deepEqual(parseYaml('').locate(['x']), { line: 1, column: 1 });
});

test('duplicate keys, broken text, further documents and unknown tags are faults with their place', () => {
  assert.deepEqual(parseYaml('a: 1\na: 2').faults.map(({ line, column }) => [line, column]), [[2, 1]]);
  for (const text of ['a: [', '---\na: 1\n---\nb: 2', 'a: !thing 1']) assert.ok(parseYaml(text).faults.length > 0, text);
});

test('aliases work, and a bomb of them is refused', () => {
  assert.deepEqual(parseYaml('a: &x [1]\nb: *x').value, { a: [1], b: [1] });
  const lines = ['l0: &l0 [x,x,x,x,x,x,x,x,x]'];
  for (let i = 1; i < 9; i++) lines.push(`l${i}: &l${i} [${Array(9).fill(`*l${i - 1}`).join(',')}]`);
  assert.equal(parseYaml(lines.join('\n')).faults.length, 1);
});
