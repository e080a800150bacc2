import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tellingLine } from '../../../../frontend/lifecycle/telling-line.ts';

test('of what a program said last, the line that names an error tells why it ended', () => {
  const node = ['file.ts:3', "throw new Error('no weights')", '^', '', 'Error: no weights', '    at file.ts:3:7', '', 'Node.js v24.0.0'];
  const python = ['Traceback (most recent call last):', '  File "serve.py", line 1', "ModuleNotFoundError: No module named 'numpy'"];
  assert.deepEqual([node, python, ['starting', 'model.bin: No such file', ''], [' '], []].map(tellingLine), ['Error: no weights', "ModuleNotFoundError: No module named 'numpy'", 'model.bin: No such file', undefined, undefined]);
  assert.equal(tellingLine([`Error: ${'x'.repeat(500)}`])?.length, 200);
});
