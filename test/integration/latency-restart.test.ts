import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Batcher } from '../../frontend/batching/batcher.ts';
import { PlannerController } from '../../frontend/batching/controllers/planner.ts';
import type { LearnedLatency } from '../../frontend/batching/latency/learned-latency.ts';
import { LatencyKeeper } from '../../frontend/dispatch/latency-keeper.ts';
import type { Log } from '../../frontend/domain/log.ts';
import { openSqliteStore } from '../../frontend/storage/sqlite/store.ts';
import { makeTask } from '../support/batch-tasks.ts';
import type { TestTask } from '../support/batch-tasks.ts';
import { folderWith } from '../support/config-files.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const MS = 1000;
const QUIET: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const law = (rows: number) => 2 * MS + 100 * rows;

/** One run of a broker on the folder, as far as it learns: keeper and real store, opened and closed. */
async function run<T>(folder: string, work: (keeper: LatencyKeeper) => T): Promise<T> {
  const store = await openSqliteStore(folder);
  const keeper = await LatencyKeeper.open({ store, clock: new VirtualClock(), log: QUIET });
  const result = work(keeper);
  await keeper.close();
  await store.close();
  return result;
}

/** Sizes of the batches that are formed while 200 rows always wait, each in time if it is not too large. */
function sizes(latency: LearnedLatency, batches: number): number[] {
  const batcher = new Batcher<TestTask>({ controller: new PlannerController({ maxBatch: 512 }), latency, maxQueueRows: 1000, hash: (_, row) => row });
  const formed: number[] = [];
  let now = 0;
  for (let i = 0; i < batches; i++) {
    batcher.offer(makeTask({ count: 200 - batcher.queuedRows, arrivedAtMicros: now, sloMicros: 20 * MS }), now, { replicas: 1 });
    const next = batcher.next(now, { id: 'r', maxBatch: Infinity });
    assert.ok(next.kind === 'flush', `batch ${i}: ${next.kind}`);
    formed.push(next.batch.rows);
    now += law(next.batch.rows);
    batcher.observe({ batch: next.batch, endedAtMicros: now, outcome: 'done', unanswered: [] }, now);
  }
  return formed;
}

test('after a restart the first batch is as large as what was learned allows; so is that of a new version', async (t) => {
  const folder = folderWith(t);
  const [first = 0, ...later] = await run(folder, (keeper) => sizes(keeper.begin({ name: 'm', version: 1 }), 60));
  assert.equal(first, 1);
  assert.ok(Math.max(...later) > 50, `grew to ${Math.max(...later)}`);
  const [again = 0] = await run(folder, (keeper) => sizes(keeper.begin({ name: 'm', version: 1 }), 2));
  assert.ok(again > 50, `${again} after the restart`);
  const [next = 0] = await run(folder, (keeper) => sizes(keeper.begin({ name: 'm', version: 2 }), 2));
  assert.ok(next > 50, `${next} of the next version`);
  const [other] = await run(folder, (keeper) => sizes(keeper.begin({ name: 'other', version: 1 }), 1));
  assert.equal(other, 1);
});
