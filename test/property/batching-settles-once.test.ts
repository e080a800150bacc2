import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Batcher } from '../../frontend/batching/batcher.ts';
import type { Controller } from '../../frontend/batching/controller.ts';
import { PlannerController } from '../../frontend/batching/controllers/planner.ts';
import { AimdController } from '../../frontend/batching/controllers/aimd.ts';
import { LearnedLatency } from '../../frontend/batching/latency/learned-latency.ts';
import { FixedController } from '../../frontend/batching/controllers/fixed.ts';
import type { Batch, BatchReport, Settled, Slice } from '../../frontend/batching/task.ts';
import { makeTask } from '../support/batch-tasks.ts';
import type { TestTask } from '../support/batch-tasks.ts';
import { SEED, seeded } from '../support/random.ts';

const REPLICAS = [{ id: 'r1', maxBatch: 5 }, { id: 'r2', maxBatch: Infinity }, { id: 'r3', maxBatch: 16 }] as const;
const MAX_QUEUE_ROWS = 60;
const MAX_LANES = 3;
/** A row of a fresh batch may be in 2 + 2 · (2 · ⌈log2 16⌉ + 2) batches at the very most: its first, a retry after a death, two searches. */
const MOST_SENDINGS = 2 + 2 * 10;

const MAX_ROWS = 16;
const CONTROLLERS: readonly (() => Controller)[] = [
  () => new AimdController({ maxBatch: MAX_ROWS }), () => new FixedController({ maxBatch: MAX_ROWS }), () => new PlannerController({ maxBatch: MAX_ROWS, allowedRows: [4, 16] }), () => new PlannerController({ maxBatch: MAX_ROWS }),
];

type Step =
  | { readonly kind: 'offer'; readonly count: number; readonly slo: number; readonly key: string; readonly content: number; readonly priority: number }
  | { readonly kind: 'cancel' | 'expire' | 'pull'; readonly pick: number }
  | { readonly kind: 'end'; readonly pick: number; readonly outcome: BatchReport<TestTask>['outcome']; readonly answered: number }
  | { readonly kind: 'pass'; readonly micros: number };

const pick = fc.nat(1000);
const steps = fc.array(fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('offer' as const), count: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 30 })), slo: fc.integer({ min: 1, max: 80_000 }), key: fc.constantFrom('a', 'b', 'c', 'd'), content: fc.nat(3), priority: fc.nat(2) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('pull' as const), pick }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('end' as const), pick, outcome: fc.constantFrom('done' as const, 'done' as const, 'error' as const, 'lost' as const, 'hung' as const), answered: fc.nat(100) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('cancel' as const, 'expire' as const), pick }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), micros: fc.oneof(fc.nat(3_000), fc.nat(50_000), fc.constant(20_000_000)) }) },
), { maxLength: 160 });

/** The owner of the tasks, as simply as can be: where each admitted row is, and how often it was sent. */
class Model {
  readonly batcher: Batcher<TestTask>;
  readonly underWay: Batch<TestTask>[] = [];
  readonly #rows = new Map<TestTask, { where: ('queued' | 'sent' | 'settled')[]; sendings: number[] }>();
  readonly #contents = new Map<TestTask['query'], number>();
  now = 1;

  constructor(controller: Controller) {
    this.batcher = new Batcher({ latency: new LearnedLatency(), controller, maxRows: MAX_ROWS, maxQueueRows: MAX_QUEUE_ROWS, maxLanes: MAX_LANES, hash: (query) => this.#contents.get(query) ?? -1 });
  }

  run(step: Step): void {
    switch (step.kind) {
      case 'offer': return this.#offer(step);
      case 'pull': return this.pull(step.pick);
      case 'cancel': return this.#cancel(step.pick);
      case 'expire': return this.expire();
      case 'end': return this.end(step.pick, step.outcome, step.answered);
      case 'pass': this.now += step.micros;
    }
  }

  check(): void {
    let queued = 0;
    for (const { where } of this.#rows.values()) queued += where.filter((place) => place === 'queued').length;
    assert.equal(this.batcher.queuedRows, queued);
    assert.equal(this.batcher.batchesUnderWay, this.underWay.length);
    assert.equal(this.batcher.nextExpiry() === Infinity, queued === 0);
  }

  checkAllSettled(): void {
    for (const { where } of this.#rows.values()) assert.ok(where.every((place) => place === 'settled'));
    assert.ok(this.batcher.isIdle);
    assert.equal(this.batcher.nextExpiry(), Infinity);
  }

  #offer({ count, slo, key, content, priority }: Step & { kind: 'offer' }): void {
    const first = content;
    const task = { ...makeTask({ count, first, arrivedAtMicros: this.now, sloMicros: slo, batchKey: key }), priority };
    this.#contents.set(task.query, content);
    const before = this.batcher.queuedRows;
    const offer = this.batcher.offer(task, this.now, { replicas: REPLICAS.length });
    if (offer.kind === 'refused') return assert.equal(this.batcher.queuedRows, before);
    assert.ok(this.batcher.queuedRows <= Math.max(before, MAX_QUEUE_ROWS));
    this.#rows.set(task, { where: Array.from({ length: count }, () => 'queued'), sendings: Array.from({ length: count }, () => 0) });
    // Whoever had to make room for it settles with the next that expires.
    if (this.batcher.nextExpiry() === -Infinity) this.expire();
  }

  pull(which: number): void {
    const replica = REPLICAS[which % REPLICAS.length] ?? REPLICAS[0];
    const next = this.batcher.next(this.now, replica, { replicas: REPLICAS.length });
    this.#settle(next.settled);
    if (next.kind !== 'flush') return;
    const { batch } = next;
    assert.equal(batch.rows, batch.slices.reduce((sum, slice) => sum + slice.count, 0));
    assert.ok(batch.rows >= 1 && batch.rows <= Math.min(MAX_ROWS, replica.maxBatch));
    assert.equal(new Set(batch.slices.map((slice) => slice.task.query.batchKey)).size, 1);
    assert.equal(batch.deadlineAtMicros, Math.min(...batch.slices.map((slice) => slice.task.deadlineAtMicros)));
    assert.equal(batch.sloMicros, Math.min(...batch.slices.map((slice) => slice.task.query.sloMicros)));
    assert.ok(batch.deadlineAtMicros > this.now && batch.hungAtMicros > this.now);
    for (const slice of batch.slices) {
      this.#move(slice, 'queued', 'sent');
      this.#countSending(slice);
    }
    this.#checkEarliestFirst(batch);
    this.underWay.push(batch);
  }

  /** In a fresh batch deadlines never fall (against what waits: batching-deadline-order). */
  #checkEarliestFirst(batch: Batch<TestTask>): void {
    const isFresh = batch.slices.every(({ task, first }) => this.#rows.get(task)?.sendings[first - task.first] === 1);
    const deadlines = batch.slices.map((slice) => slice.task.deadlineAtMicros);
    if (isFresh) assert.deepEqual(deadlines, deadlines.toSorted((a, b) => a - b));
  }

  #countSending({ task, first, count }: Slice<TestTask>): void {
    const { sendings } = this.#of(task);
    for (let row = first - task.first; row < first - task.first + count; row++) {
      sendings[row] = (sendings[row] ?? 0) + 1;
      assert.ok((sendings[row] ?? 0) <= MOST_SENDINGS, `a row was sent ${sendings[row]} times`);
    }
  }

  end(which: number, outcome: BatchReport<TestTask>['outcome'], answered: number): void {
    if (this.underWay.length === 0) return;
    const [batch] = this.underWay.splice(which % this.underWay.length, 1);
    if (batch === undefined) return;
    const unanswered: Slice<TestTask>[] = [];
    let left = outcome === 'done' && answered > 20 ? batch.rows : answered % batch.rows;
    for (const { task, first, count } of batch.slices) {
      for (let row = first; row < first + count; row++) {
        const slice = { task, first: row, count: 1 };
        // What its owner has cancelled meanwhile is nobody's any more.
        if (this.#of(task).where[row - task.first] !== 'sent') continue;
        if (left-- > 0) this.#move(slice, 'sent', 'settled');
        else unanswered.push(slice);
      }
    }
    for (const slice of unanswered) this.#move(slice, 'sent', 'queued');
    this.#settle(this.batcher.observe({ batch, endedAtMicros: this.now, outcome, unanswered }, this.now));
  }

  expire(): void {
    this.#settle(this.batcher.expire(this.now));
    assert.ok(this.batcher.nextExpiry() > this.now);
  }

  #cancel(which: number): void {
    const tasks = [...this.#rows.keys()];
    const task = tasks[which % Math.max(1, tasks.length)];
    if (task === undefined) return;
    const { where } = this.#of(task);
    assert.equal(this.batcher.cancel(task), where.filter((place) => place === 'queued').length);
    where.fill('settled');
  }

  #settle(settled: readonly Settled<TestTask>[]): void {
    for (const { slice } of settled) this.#move(slice, 'queued', 'settled');
  }

  #move({ task, first, count }: Slice<TestTask>, from: 'queued' | 'sent', to: 'queued' | 'sent' | 'settled'): void {
    assert.ok(count >= 1 && first >= task.first && first + count <= task.first + task.count, 'rows of the task');
    const { where } = this.#of(task);
    for (let row = first - task.first; row < first - task.first + count; row++) {
      assert.equal(where[row], from, `row ${row}: ${from} → ${to}`);
      where[row] = to;
    }
  }

  #of(task: TestTask) {
    const of = this.#rows.get(task);
    assert.ok(of, 'a task that was admitted');
    return of;
  }
}

test(seeded('every admitted row settles exactly once, whatever replicas and callers do'), () => {
  fc.assert(fc.property(steps, fc.constantFrom(...CONTROLLERS), (run, controllerOf) => {
    const model = new Model(controllerOf());
    for (const step of run) {
      model.run(step);
      model.check();
    }
    // Whatever is left: replicas keep dying and erring until nothing is under way, and time takes the rest.
    for (let i = 0; i < 2_000 && !model.batcher.isIdle; i++) {
      model.pull(i);
      model.end(i, (['lost', 'error', 'hung'] as const)[i % 3] ?? 'lost', 0);
      model.now += 50;
      model.check();
    }
    model.now += 100_000;
    while (model.underWay.length > 0) model.end(0, 'done', 100);
    model.expire();
    model.checkAllSettled();
  }), { seed: SEED, numRuns: 400 });
});

test(seeded('a row that is only ever cursed is given up after a bounded number of calls, with all deadlines far away'), () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 16 }), fc.array(fc.constantFrom('lost' as const, 'error' as const, 'hung' as const), { minLength: 1, maxLength: 7 }), (rows, fates) => {
    const batcher = new Batcher<TestTask>({ latency: new LearnedLatency(), controller: new FixedController({ maxBatch: 16 }), maxQueueRows: 16, hash: (_, row) => row });
    batcher.offer(makeTask({ count: rows, sloMicros: 1e12 }), 0, { replicas: 2 });
    let calls = 0;
    let settled = 0;
    for (let turn = 0; !batcher.isIdle; turn++) {
      assert.ok(turn < 1000);
      const next = batcher.next(turn, { id: `r${turn % 2}`, maxBatch: Infinity }, { replicas: 2 });
      if (next.kind !== 'flush') continue;
      const outcome = fates[calls++ % fates.length] ?? 'lost';
      for (const { slice } of batcher.observe({ batch: next.batch, endedAtMicros: turn, outcome, unanswered: next.batch.slices }, turn)) settled += slice.count;
    }
    assert.equal(settled, rows);
    // One search (2·⌈log2 b⌉ + 2), each call of which may die once and be tried as two halves, and those searched in turn.
    const search = 2 * Math.ceil(Math.log2(rows)) + 2;
    assert.ok(calls <= 1 + 2 + 3 * search, `${calls} calls for ${rows} rows`);
  }), { seed: SEED, numRuns: 500 });
});
