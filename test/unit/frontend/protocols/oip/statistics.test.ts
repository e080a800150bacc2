import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServedStatistics } from '../../../../../frontend/domain/statistics.ts';
import { modelStatistics } from '../../../../../frontend/protocols/oip/statistics.ts';
import { servedModel, tfsWorld } from '../../../../support/tfs-world.ts';

const NONE = { count: 0, micros: 0 };
const of = (version: number): ServedStatistics => ({
  version, lastAtEpochMs: 5, rows: 10, batches: 2, success: { count: 3, micros: 1.5 }, fail: NONE, queue: NONE, transfer: { count: 3, micros: 4 }, compute: { count: 3, micros: 7 },
  cacheHits: 6, cacheMisses: 4, byRows: [{ rows: 5, compute: { count: 2, micros: 6 } }],
});
const source = { of: (_kind: string, name: string) => (name === 'm' ? [of(1), of(2)] : []) };

test('every version of every name, or of the one that is asked for; times in nanoseconds', () => {
  const served = servedModel('m', [], undefined);
  const { served: directory } = tfsWorld([served, servedModel('n', [], undefined)]);
  const all = modelStatistics(source, directory).model_stats;
  assert.deepEqual(all.map(({ name, version }) => `${name}@${version}`), ['m@1', 'm@2']);
  assert.deepEqual(all[0]?.inference_stats.success, { count: 3, ns: 1500 });
  assert.deepEqual([all[0]?.inference_stats.compute_input.ns, all[0]?.inference_stats.cache_hit.count, all[0]?.batch_stats[0]?.compute_infer], [4000, 6, { count: 2, ns: 6000 }]);
  assert.deepEqual(modelStatistics(source, directory, served).model_stats.length, 2);
  assert.deepEqual(modelStatistics(source, directory, { ...served, version: 2, pin: { model: 'm', version: 2 } }).model_stats.map(({ version }) => version), ['2']);
});
