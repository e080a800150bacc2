import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OipContainer } from '../../../../../frontend/domain/model.ts';
import { ExternalRuntime } from '../../../../../frontend/lifecycle/runtimes/external.ts';
import { RecordingWatcher } from '../../../../support/replica-watcher.ts';
import { rogueSpec } from '../../../../support/supervised.ts';

test('a life is one dialling, and killing it closes the connection only', () => {
  const told: unknown[] = [];
  const watcher = new RecordingWatcher();
  const close = (why: string): void => void told.push(why);
  const runtime = new ExternalRuntime({
    frames: { dial: (address, expected, told_) => (told.push([address, expected, told_ === watcher]), { close }) },
    oip: { dial: (address, container, expected, told_) => (told.push([address, container.model, expected, told_ === watcher]), { close }) },
  });
  const input = [{ name: 'x', dtype: 'float32' as const, shape: [2] }];
  const run = runtime.start({ id: 'rogue@1/1.1', key: 'rogue@1', spec: rogueSpec({}, { input }), address: 'unix:/a' }, watcher);
  run.kill('enough');
  const container: OipContainer = { kind: 'oip', addresses: ['grpc://127.0.0.1:1'], model: 'theirs', maxInFlight: 1, unbatched: false };
  runtime.start({ id: 'rogue@1/2.1', key: 'rogue@1', spec: rogueSpec({}, { container }), address: 'grpc://127.0.0.1:1' }, watcher);
  assert.deepEqual(told, [
    ['unix:/a', { id: 'rogue@1/1.1', model: 'rogue', version: 1, input }, true], 'enough',
    ['grpc://127.0.0.1:1', 'theirs', { id: 'rogue@1/2.1', model: 'rogue', version: 1 }, true],
  ]);
  assert.deepEqual([run.pid(), run.output()], [undefined, []]);
});
