import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonGiven, modelGiven, numberGiven, sloMsGiven, weightGiven } from '../../../../../frontend/cli/terminal/given.ts';
import { folderWith } from '../../../../support/config-files.ts';

test('JSON as it stands, of a file, and of standard input', async (t) => {
  const context = { workingFolder: folderWith(t, { 'x.json': '[1]' }), input: async () => '[2]' };
  assert.deepEqual([await jsonGiven('[0]', 'it', context), await jsonGiven('@x.json', 'it', context), await jsonGiven('-', 'it', context)], [[0], [1], [2]]);
  await assert.rejects(jsonGiven('{', 'the input', context), { message: 'the input is not JSON: {', exitCode: 2 });
  await assert.rejects(jsonGiven('@none', 'it', context), { exitCode: 2 });
});

test('numbers within bounds, and models with or without a version', () => {
  assert.equal(numberGiven('3', 'n', [0, 3]), 3);
  assert.equal(sloMsGiven('0.5'), 0.5);
  for (const text of ['', 'abc', '0', '-1', 'Infinity', 'NaN']) assert.throws(() => sloMsGiven(text), { exitCode: 2 }, text);
  for (const text of ['', ' ', '4', '-1', '1.5', 'x', '0x1g']) assert.throws(() => numberGiven(text, 'n', [0, 3]), { exitCode: 2 }, text);
  assert.deepEqual([modelGiven('m'), modelGiven('m@2')], [{ model: 'm', version: undefined }, { model: 'm', version: 2 }]);
  for (const text of ['', '@1', 'm@', 'm@x', 'm@1@2']) assert.throws(() => modelGiven(text), { exitCode: 2 }, text);
});

test('a weight has a name, which may hold what an arm may', () => {
  assert.deepEqual([weightGiven('stable=95', 'L=W'), weightGiven('app:a=0.5', 'L=W')], [['stable', 95], ['app:a', 0.5]]);
  for (const text of ['stable', '=1', 'stable=', 'stable=x', 'stable=-1', 'stable=Infinity']) assert.throws(() => weightGiven(text, 'L=W'), { exitCode: 2, message: `${text} is not L=W` }, text);
});
