import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CorePath } from '../../../../bench/core/core-path.ts';
import { STAGES } from '../../../../bench/core/stage-times.ts';

test('with room for all, all that ended is on time, in full batches of many apps', () => {
  const run = new CorePath({ rule: 'aimd', load: 0.5, seed: 1 }).run(20_000);
  assert.ok(run.queries >= 20_000);
  assert.ok(run.onTimeShare > 0.99, `${run.onTimeShare} on time`);
  assert.ok(run.meanBatchRows > 16, `batches of ${run.meanBatchRows}`);
});

test('at twice what the replicas can do about half is on time, and nothing is left undone', () => {
  const path = new CorePath({ rule: 'aimd', load: 2, seed: 1 });
  path.run(50_000);
  const { onTimeShare } = path.run(50_000);
  assert.ok(onTimeShare > 0.4 && onTimeShare < 0.6, `${onTimeShare} on time`);
});

test('the stages are parts of the whole', () => {
  const { stageMicrosPerQuery, cpuMicrosPerQuery } = new CorePath({ rule: 'fixed', load: 0.5, seed: 1 }).run(20_000);
  let sum = 0;
  for (const stage of STAGES) {
    assert.ok(stageMicrosPerQuery[stage] > 0, stage);
    sum += stageMicrosPerQuery[stage];
  }
  assert.ok(sum <= cpuMicrosPerQuery);
});
