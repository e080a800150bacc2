import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { getPriority } from 'node:os';
import { test } from 'node:test';
import { preferGenerators } from '../../../../bench/load/prefer-generators.ts';

test('what is started is favoured, and nothing is once that is given back', () => {
  const before = getPriority();
  const said: string[] = [];
  const giveBack = preferGenerators((line) => said.push(line));
  const preferred = getPriority();
  const child = Number(execFileSync(process.execPath, ['-p', 'os.getPriority()'], { encoding: 'utf8' }));
  giveBack();
  preferGenerators((line) => said.push(`again: ${line}`))();
  // Either it was raised, or it was said that it was not.
  assert.deepEqual(said, preferred < before ? [] : ['the system gives the generator no priority']);
  assert.equal(child, preferred);
  assert.equal(getPriority(), before);
});
