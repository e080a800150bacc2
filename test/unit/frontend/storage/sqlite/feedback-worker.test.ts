import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { ByteRing } from '../../../../../frontend/storage/sqlite/byte-ring.ts';
import { packCall } from '../../../../../frontend/storage/sqlite/feedback-call.ts';
import { folderWith } from '../../../../support/config-files.ts';
import { firstClaim, storedApp } from '../../../../support/feedback-stores.ts';

test('woken once, it carries out all that lies in the ring and answers it together; it ends when told', async (t) => {
  const ring = new ByteRing({ capacityBytes: 65_536 });
  const worker = new Worker(new URL(import.meta.resolve('../../../../../frontend/storage/sqlite/feedback-worker.ts')), { workerData: { folder: folderWith(t), memory: ring.memory } });
  assert.deepEqual(await once(worker, 'message'), [[{ id: 0, value: undefined }]]);
  const commit = firstClaim(1, [{ cell: 'n', add: 1n }]);
  ring.write(packCall(1, { kind: 'serve', apps: [storedApp()] }));
  ring.write(packCall(2, { kind: 'commit', app: 'a', commits: [commit] }));
  ring.write(packCall(3, { kind: 'commit', app: 'a', commits: [commit] }));
  worker.postMessage('wake');
  const [[served, applied, conflict]] = (await once(worker, 'message')) as [[{ value: unknown }, { value: unknown }, { value: { kind: string }[] }]];
  assert.deepEqual([served.value, applied.value, conflict.value[0]?.kind], [[['a', []]], undefined, 'conflict']);
  const exit = once(worker, 'exit');
  worker.postMessage('close');
  assert.deepEqual(await exit, [0]);
});
