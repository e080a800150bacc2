import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Batcher } from '../../frontend/batching/batcher.ts';
import type { Controller } from '../../frontend/batching/controller.ts';
import { AimdController } from '../../frontend/batching/controllers/aimd.ts';
import { LearnedLatency } from '../../frontend/batching/latency/learned-latency.ts';
import { FixedController } from '../../frontend/batching/controllers/fixed.ts';
import type { Batch } from '../../frontend/batching/task.ts';
import { makeTask } from '../support/batch-tasks.ts';
import type { TestTask } from '../support/batch-tasks.ts';
import { SEED, seeded } from '../support/random.ts';

const MS = 1000;
const REPLICA = { id: 'r1', maxBatch: Infinity };

interface Law { readonly perRowMicros: number; readonly perBatchMicros: number; readonly sloMicros: number }

/** Uniform in [0, 1): mulberry32. */
function uniforms(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Answers per second that came in time from one replica under Poisson arrivals of one-row tasks. */
function goodput(law: Law, controller: Controller, perSecond: number, arrivals: number, noise = 0): number {
  const batcher = new Batcher<TestTask>({ latency: new LearnedLatency(), controller, maxQueueRows: 10_000, hash: () => 0 });
  const uniform = uniforms(SEED);
  let now = 0;
  let arrivesAt = 0;
  let running: { batch: Batch<TestTask>; endsAt: number } | undefined;
  let onTime = 0;
  for (let left = arrivals; left > 0 || running !== undefined || batcher.queuedRows > 0; ) {
    now = Math.min(left > 0 ? arrivesAt : Infinity, running?.endsAt ?? Infinity, batcher.nextExpiry());
    batcher.expire(now);
    if (running !== undefined && running.endsAt <= now) {
      for (const { task, count } of running.batch.slices) if (now <= task.deadlineAtMicros) onTime += count;
      batcher.observe({ batch: running.batch, endedAtMicros: now, outcome: 'done', unanswered: [] }, now);
      running = undefined;
    }
    if (left > 0 && arrivesAt <= now) {
      batcher.offer(makeTask({ arrivedAtMicros: now, sloMicros: law.sloMicros }), now, { replicas: 1 });
      arrivesAt = now + Math.ceil((-Math.log(1 - uniform()) * 1e6) / perSecond);
      left--;
    }
    if (running !== undefined) continue;
    const next = batcher.next(now, REPLICA);
    if (next.kind !== 'flush') continue;
    const tookMicros = (law.perBatchMicros + law.perRowMicros * next.batch.rows) * (1 + noise * uniform());
    running = { batch: next.batch, endsAt: now + Math.round(tookMicros) };
  }
  assert.ok(batcher.isIdle);
  return (onTime / now) * 1e6;
}

/** The largest batch that fits twice into the SLO, and what one replica does with such batches. */
function steady(law: Law): { rows: number; perSecond: number } {
  const rows = Math.floor((law.sloMicros / 2 - law.perBatchMicros) / law.perRowMicros);
  return { rows, perSecond: (rows / (law.perBatchMicros + rows * law.perRowMicros)) * 1e6 };
}

const LAWS: readonly Law[] = [
  { perRowMicros: 2 * MS, perBatchMicros: 20 * MS, sloMicros: 60 * MS },
  { perRowMicros: 2 * MS, perBatchMicros: 1 * MS, sloMicros: 20 * MS },
  { perRowMicros: 100, perBatchMicros: 2 * MS, sloMicros: 20 * MS },
];

for (const law of LAWS) {
  const name = `${law.perRowMicros / MS} b + ${law.perBatchMicros / MS} ms, SLO ${law.sloMicros / MS} ms`;
  const { rows, perSecond } = steady(law);

  test(seeded(`${name}: fixed steady batches keep the capacity at 2 and 4 times as much load`), () => {
    for (const load of [2, 4]) {
      const got = goodput(law, new FixedController({ maxBatch: rows }), load * perSecond, 12_000);
      assert.ok(got >= 0.97 * perSecond, `load ${load}: ${got.toFixed(1)}/s of ${perSecond.toFixed(1)}/s`);
    }
  });

  test(seeded(`${name}: at half the capacity nearly all is answered in time`), () => {
    const got = goodput(law, new FixedController({ maxBatch: rows }), perSecond / 2, 6_000);
    // Of 6,000 Poisson arrivals: 5 % fewer than were meant to come are four deviations.
    assert.ok(got >= 0.95 * (perSecond / 2), `${got.toFixed(1)}/s of ${(perSecond / 2).toFixed(1)}/s`);
  });

  test(seeded(`${name}: with service times that vary by a quarter overload costs little`), () => {
    const got = goodput(law, new FixedController({ maxBatch: rows }), 4 * perSecond, 12_000, 0.25);
    assert.ok(got >= 0.8 * perSecond, `${got.toFixed(1)}/s of ${perSecond.toFixed(1)}/s`);
  });

  test(seeded(`${name}: aimd does not collapse either`), () => {
    const at = (load: number) => goodput(law, new AimdController({ maxBatch: 512 }), load * perSecond, 12_000);
    const [two, four] = [at(2), at(4)];
    assert.ok(two >= 0.85 * perSecond && four >= 0.8 * perSecond, `2×: ${two.toFixed(1)}/s, 4×: ${four.toFixed(1)}/s of ${perSecond.toFixed(1)}/s`);
  });
}
