import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { random } from '../../bench/load/random.ts';
import { MAX_SHARED_BATCH_BYTES } from '../../frontend/rpc/shared-memory.ts';
import { batchOf, infer, queryOf } from '../support/batches.ts';
import { SEED, seeded } from '../support/random.ts';
import { noSharedMemory } from '../support/shared-memory.ts';
import { Supervised, rogueSpec } from '../support/supervised.ts';

const FEATURES = 784;
const LIVES = 3;

/** Files of this process that are in memory and have no name any more. */
function sharedFiles(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return /^\/dev\/shm\/tradewind-.*\(deleted\)$/.test(readlinkSync(`/proc/self/fd/${fd}`));
    } catch {
      return false;
    }
  }).length;
}

function rowsOf(count: number, first: number): readonly Buffer[] {
  return Array.from({ length: count }, (_, row) => Buffer.from(new Float32Array(FEATURES).fill(first + row).buffer));
}

test(seeded('batches of all sizes come back as they went, several at a time, through the lives of a container that is killed'), { skip: noSharedMemory }, async () => {
  const next = random(SEED);
  const world = await Supervised.open();
  world.apply(rogueSpec({}, { container: { kind: 'builtin', name: 'synthetic' }, options: { echo: true, max_in_flight: 4 }, output: { kind: 'raw' }, input: [{ name: 'x', dtype: 'float32', shape: [FEATURES] }] }));
  const largest = Math.ceil(MAX_SHARED_BATCH_BYTES / (FEATURES * 4)) + 100;
  for (let life = 0; life < LIVES; life++) {
    const link = await world.link();
    assert.equal(sharedFiles(), 1);
    let first = life * 1e6;
    for (let round = 0; round < 6; round++) {
      const sent = Array.from({ length: 4 }, () => rowsOf(1 + Math.floor(next() ** 4 * largest), (first += 2000)));
      const outcomes = await Promise.all(sent.map((rows) => infer(link, batchOf(queryOf([{ name: 'x', dtype: 'float32', shape: [FEATURES], rows }])))));
      for (const [i, { rows: answered, end }] of outcomes.entries()) {
        assert.ok(end.kind === 'done' && end.error === undefined, JSON.stringify(end));
        const rows = sent[i] ?? [];
        assert.ok(answered.size === rows.length && rows.every((row, at) => answered.get(at)?.['x']?.equals(row) === true), `life ${life}, round ${round}: a batch of ${rows.length} rows`);
      }
    }
    if (life === LIVES - 1) break;
    const lost = infer(link, batchOf(queryOf([{ name: 'x', dtype: 'float32', shape: [FEATURES], rows: rowsOf(500, 0) }])));
    process.kill(world.status.replicas[0]?.pid ?? 0, 'SIGKILL');
    await lost;
    await world.until(() => world.gone.length === life + 1);
  }
  assert.deepEqual(await world.close(), []);
  assert.equal(sharedFiles(), 0);
});
