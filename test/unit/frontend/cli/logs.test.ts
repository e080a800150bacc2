import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import { freshLines, logsCommand } from '../../../../frontend/cli/logs.ts';
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
