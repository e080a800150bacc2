import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import { freshLines, logsCommand } from '../../../../frontend/cli/logs.ts';
import { answeringBroker } from '../../../support/answering-broker.ts';
import { commandContext } from '../../../support/command-context.ts';

test('each line is shown once, whether or not it is like another, as far as it is still kept', () => {
  const shown = new Map<string, number>();
  const view = (id: string, output: string[], printed: number) => ({ id, state: 'ready', stateForMs: 0, deaths: 0, output, printed });
  assert.deepEqual(freshLines(view('m@1/1.1', ['tick', 'tick'], 2), shown), ['tick', 'tick']);
  assert.deepEqual(freshLines(view('m@1/1.1', ['tick', 'tick'], 2), shown), []);
  assert.deepEqual(freshLines(view('m@1/1.1', ['tick', 'tick'], 3), shown), ['tick']);
  assert.deepEqual(freshLines(view('m@1/1.1', ['a', 'b'], 90), shown), ['a', 'b']);
  assert.deepEqual(freshLines(view('m@1/1.2', ['anew'], 1), shown), ['anew']);
  assert.ok(logsCommand(commandContext('/')) instanceof Command);
});

test('silence is said, and not where a machine reads or more is waited for', async (t) => {
  const spec = { name: 'm', version: 1, container: 'synthetic' };
  const replicas = [{ id: 'm@1/1.1', state: 'ready', stateForMs: 1, deaths: 0, output: [] as string[] }];
  const { url } = await answeringBroker(t, ({ path }) => ({ body: path?.endsWith('/replicas') === true ? { replicas } : { name: 'm', labels: {}, versions: [{ spec, labels: [], status: { desired: 1, ready: 1, replicas } }] } }));
  const context = commandContext('/');
  const ask = (...words: string[]): Promise<unknown> => logsCommand(context).parseAsync(['m@1', '--url', url, ...words], { from: 'user' });
  await ask();
  await ask('--json');
  assert.deepEqual(context.printed, ['m@1 has printed nothing.']);
  replicas.length = 0;
  await ask();
  assert.equal(context.printed[1], 'm@1 has no replica now.');
});

test('what is followed is followed as long as somebody reads it', async (t) => {
  const spec = { name: 'm', version: 1, container: 'synthetic' };
  const replicas = [{ id: 'm@1/1.1', state: 'ready', stateForMs: 1, deaths: 0, output: ['one'], printed: 1 }];
  const { url } = await answeringBroker(t, ({ path }) => ({ body: path?.endsWith('/replicas') === true ? { replicas } : { name: 'm', labels: {}, versions: [{ spec, labels: [], status: { desired: 1, ready: 1, replicas } }] } }));
  const context = commandContext('/');
  let looks = 0;
  await logsCommand({ ...context, isHeard: () => ++looks < 3 }).parseAsync(['m@1', '--url', url, '-f'], { from: 'user' });
  assert.deepEqual([context.printed, looks], [['m@1/1.1  one'], 3]);
});
