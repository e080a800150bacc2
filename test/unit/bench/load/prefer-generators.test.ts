import assert from 'node:assert/strict';
import { getPriority } from 'node:os';
import { test } from 'node:test';
import { preferGenerators } from '../../../../bench/load/prefer-generators.ts';

test('the priority is back where it was once it is given back', () => {
  const before = getPriority();
  const said: string[] = [];
  const giveBack = preferGenerators((line) => said.push(line));
  // Either it was raised, or it was said that it was not.
  assert.equal(said.length === 0, getPriority() < before);
  giveBack();
  assert.equal(getPriority(), before);
});
