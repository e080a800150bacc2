import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { check } from '../../../../frontend/config/check.ts';
import { filesOfConfig } from '../../../../frontend/config/named-files.ts';
import { MODEL, type RawModel } from '../../../../frontend/config/options.ts';
import { plain } from '../../../../frontend/config/schema.ts';
import { readWarmUp, writeWarmUp } from '../../../../frontend/config/warm-up-words.ts';
import type { Fault } from '../../../../frontend/domain/fault.ts';
import { folderWith } from '../../../support/config-files.ts';

function read(folder: string, warmUp: object): { warmUp: ReturnType<typeof readWarmUp>['warmUp']; faults: readonly Fault[] } {
  const faults: Fault[] = [];
  const raw = check(plain(MODEL), { name: 'm', version: 1, container: 'synthetic', batching: { max_batch: 64 }, warm_up: warmUp }, [], faults) as RawModel;
  return { ...{ warmUp: undefined }, ...readWarmUp(raw, { at: [], files: filesOfConfig(folder), faults }), faults };
}

test('what is as it is unless said leaves no trace; the rest comes back as it was said', (t) => {
  const folder = folderWith(t, { 'w.jsonl': '' });
  assert.deepEqual(read(folder, {}), { warmUp: undefined, faults: [] });
  const { warmUp } = read(folder, { requests: 'w.jsonl', sizes: [1, 64], repeat: 3 });
  assert.deepEqual(warmUp, { requests: join(folder, 'w.jsonl'), sizes: [1, 64], repeat: 3, timeoutMs: 60_000 });
  assert.deepEqual(read(folder, writeWarmUp(warmUp)).warmUp, warmUp);
  assert.equal(read(folder, writeWarmUp()).warmUp, undefined);
});

test('a file that is not there and sizes beyond a batch are faults', (t) => {
  const { faults } = read(folderWith(t), { requests: 'none', sizes: [65] });
  assert.deepEqual(faults.map(({ path }) => path.join('.')), ['warm_up.requests', 'warm_up.sizes']);
});
