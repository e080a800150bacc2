import assert from 'node:assert/strict';
import { test } from 'node:test';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { folderWith } from '../../../../support/config-files.ts';

test('the thread says that it is open, answers by number, and ends when told', async (t) => {
  const worker = new Worker(new URL(import.meta.resolve('../../../../../frontend/storage/sqlite/worker.ts')), { workerData: { folder: folderWith(t) } });
  assert.deepEqual(await once(worker, 'message'), [{ id: 0, value: undefined }]);
  worker.postMessage({ id: 7, call: { kind: 'saveDesired', expectedRevision: 0, revision: 1, state: '{}' } });
  assert.deepEqual(await once(worker, 'message'), [{ id: 7, value: true }]);
  const exit = once(worker, 'exit');
  worker.postMessage({ id: 8, call: { kind: 'close' } });
  assert.deepEqual(await exit, [0]);
});
