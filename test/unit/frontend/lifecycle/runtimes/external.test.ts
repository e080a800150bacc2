import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExternalRuntime } from '../../../../../frontend/lifecycle/runtimes/external.ts';
import { RecordingWatcher } from '../../../../support/replica-watcher.ts';
import { rogueSpec } from '../../../../support/supervised.ts';

test('a life is one dialling, and killing it closes the connection only', () => {
  const told: unknown[] = [];
  const watcher = new RecordingWatcher();
  const runtime = new ExternalRuntime({
    dial: (address, expected, told_) => {
      told.push([address, expected, told_ === watcher]);
      return { close: (why) => void told.push(why) };
    },
  });
  const input = [{ name: 'x', dtype: 'float32' as const, shape: [2] }];
  const run = runtime.start({ id: 'rogue@1/1.1', key: 'rogue@1', spec: rogueSpec({}, { input }), address: 'unix:/a' }, watcher);
  run.kill('enough');
  assert.deepEqual(told, [['unix:/a', { id: 'rogue@1/1.1', model: 'rogue', version: 1, input }, true], 'enough']);
  assert.deepEqual([run.pid, run.output()], [undefined, []]);
});
