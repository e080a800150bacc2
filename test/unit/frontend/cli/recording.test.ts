import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordingCommand } from '../../../../frontend/cli/recording.ts';
import { answeringBroker } from '../../../support/answering-broker.ts';
import { commandContext } from '../../../support/command-context.ts';
import { folderWith } from '../../../support/config-files.ts';

test('whom to forget is said in the query, whatever letters the name has, and how much went is told', async (t) => {
  let removed = 1;
  const { url, asked } = await answeringBroker(t, () => ({ body: { app: 'digits', removed } }));
  const context = commandContext(folderWith(t));
  const forget = (...args: string[]): Promise<unknown> => recordingCommand(context).parseAsync(['forget', 'digits', ...args, '--url', url], { from: 'user' });
  await forget('user', 'ann & bob=ü');
  removed = 3;
  await forget('user', 'ann', '--json');
  assert.deepEqual(asked.map(({ method, path }) => `${method} ${path}`), [
    'DELETE /admin/apps/digits/recording?key=user&value=ann%20%26%20bob%3D%C3%BC', 'DELETE /admin/apps/digits/recording?key=user&value=ann',
  ]);
  assert.deepEqual(context.printed, ['1 recorded request is gone.', '{"app":"digits","removed":3}']);
});

test('a name can come from standard input, and stays out of the history of a shell; nobody is forgotten by no name', async (t) => {
  const { url, asked } = await answeringBroker(t, () => ({ body: { removed: 0 } }));
  let typed = 'ann\n';
  const context = { ...commandContext(folderWith(t)), input: async () => typed };
  const forget = (): Promise<unknown> => recordingCommand(context).parseAsync(['forget', 'digits', 'user', '-', '--url', url], { from: 'user' });
  await forget();
  typed = '\n';
  await assert.rejects(forget(), { exitCode: 2, message: 'say a key of the context and its value' });
  assert.deepEqual(asked.map(({ path }) => path), ['/admin/apps/digits/recording?key=user&value=ann']);
});
