import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PredictionCache } from '../../../../frontend/cache/prediction-cache.ts';
import type { Looked } from '../../../../frontend/dispatch/cache-meters.ts';
import { Gather } from '../../../../frontend/dispatch/gather.ts';
import type { Twin, TwinRow } from '../../../../frontend/dispatch/twin.ts';
import { Twins } from '../../../../frontend/dispatch/twins.ts';
import type { Answer } from '../../../../frontend/domain/answer.ts';
import { outputReader } from '../../../../frontend/domain/output.ts';
import { SlabArena } from '../../../../frontend/runtime/slab-arena.ts';
import { partOf, type FakeReplica } from '../../../support/fake-replica.ts';
import { makeQuery } from '../../../support/queries.ts';
import { RecordingMeter } from '../../../support/recording-meter.ts';
import { Road } from '../../../support/road.ts';
import { makeApp, makeModel } from '../../../support/specs.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

const SLO_MICROS = 100_000;

/** A road to a model with a cache; `ask` takes the next slot. */
class Town {
  readonly road: Road;
  readonly replica: FakeReplica;
  #slots = 0;

  constructor(more: { maxBatch?: number; maxQueueRows?: number; ttlMs?: number } = {}) {
    const batching = { controller: 'fixed' as const, maxBatch: more.maxBatch ?? 8, maxQueueRows: more.maxQueueRows ?? 1000 };
    const cache = more.ttlMs === undefined ? {} : { ttlMs: more.ttlMs };
    this.road = new Road([makeModel({ batching, cache })], [makeApp(), makeApp({ name: 'b', output: 'raw' }), makeApp({ name: 'e', onMiss: 'error' })]);
    this.replica = this.road.replica('m@1');
  }

  ask(values: readonly number[], more: { app?: string; sloMicros?: number } = {}): number {
    const slot = this.#slots++;
    this.road.predict.submit(makeQuery(this.road.slabs, { slot, values, arrivedAtMicros: this.road.clock.now(), sloMicros: SLO_MICROS, ...more }));
    return slot;
  }
  /** The replica answers what it was sent, until nothing is left. */
  serve(): void {
    this.road.clock.settle();
    while (this.replica.sent.length > 0) {
      this.replica.answer();
      this.road.clock.settle();
    }
  }
  answer(slot: number): Extract<Answer, { ok: true }> {
    const answer = this.road.answers.find((one) => one.slot === slot);
    assert.ok(answer?.ok, `slot ${slot}: ${JSON.stringify(answer)}`);
    return answer;
  }
  values(slot: number): unknown[] {
    return this.answer(slot).rows.map(({ output }) => (output.kind === 'value' ? output.value : output.kind === 'json' ? output.json : output.kind));
  }
  cached(slot: number): boolean[] {
    return this.answer(slot).rows.map((row) => row.cached === true);
  }
  sentRows(): number {
    return this.replica.sent.reduce((rows, { batch }) => rows + batch.rows, 0);
  }
  counted(outcome: Looked): number {
    return this.road.meter.value('tradewind_cache_rows_total', { model: 'm', version: '1', outcome });
  }
}

test('an input that was answered is answered again at once, and says so', () => {
  const town = new Town();
  const first = town.ask([3]);
  town.serve();
  const second = town.ask([3]);
  assert.deepEqual([town.values(first), town.cached(first), town.values(second), town.cached(second)], [[3], [false], [3], [true]]);
  assert.equal(town.answer(second).source, 'model');
  assert.ok(town.answer(second).decisionId !== undefined && town.answer(second).decisionId !== town.answer(first).decisionId);
  town.road.clock.settle();
  assert.equal(town.replica.sent.length, 0);
  assert.deepEqual([town.counted('hit'), town.counted('join'), town.counted('miss')], [1, 0, 1]);
});

test('equal inputs that wait or compute are asked once, and each caller gets the answer', () => {
  const town = new Town();
  const waiting = [town.ask([3]), town.ask([3])];
  town.road.clock.settle();
  assert.equal(town.sentRows(), 1);
  const computing = town.ask([3]);
  town.serve();
  for (const slot of [...waiting, computing]) assert.deepEqual([town.values(slot), town.cached(slot)], [[3], [false]]);
  assert.equal(town.counted('join'), 2);
});

test('of many rows each is looked up for itself, what is missing is queued in runs, and the answer is in order', () => {
  const town = new Town();
  town.ask([2]);
  town.serve();
  const slot = town.ask([1, 2, 3, 4, 1]);
  town.road.clock.settle();
  assert.deepEqual(town.replica.sent[0]?.batch.slices.map(({ first, count }) => [first, count]), [[0, 1], [2, 2]]);
  town.serve();
  assert.deepEqual([town.values(slot), town.cached(slot)], [[1, 2, 3, 4, 1], [false, true, false, false, false]]);
});

test('apps that read the outputs differently do not share answers; tensors are each answer\'s own', () => {
  const town = new Town();
  town.ask([3]);
  town.serve();
  const slots = [town.ask([3], { app: 'b' }), town.ask([3], { app: 'b' })];
  town.serve();
  slots.push(town.ask([3], { app: 'b' }));
  assert.deepEqual(slots.map((slot) => town.cached(slot)[0]), [false, false, true]);
  for (const slot of slots) {
    const output = town.answer(slot).rows[0]?.output;
    const tensor = output?.kind === 'tensors' ? output.tensors[0] : undefined;
    assert.ok(tensor);
    assert.equal(new DataView(tensor.slab.bytes.buffer, tensor.slab.bytes.byteOffset).getFloat32(tensor.offset, true), 3);
    town.road.slabs.release(tensor.slab);
  }
  assert.equal(town.road.slabs.usedSlabs, 0);
});

test('a caller that leaves leaves alone; with the last one the row is taken back', () => {
  const town = new Town();
  town.replica.credits = 0;
  const [first, second] = [town.ask([3]), town.ask([3])];
  town.road.predict.cancel(first);
  town.replica.credits = 1;
  town.serve();
  assert.deepEqual(town.values(second), [3]);
  assert.equal(town.road.answers.length, 1);
  town.replica.credits = 0;
  town.road.predict.cancel(town.ask([4]));
  assert.equal(town.road.directory.queue('m@1')?.queuedRows, 0);
  assert.deepEqual([town.road.cache.pending, town.road.slabs.usedSlabs], [0, 0]);
});

test('when some rows of a run have failed and the caller leaves, the others are taken back too', () => {
  const town = new Town({ maxBatch: 1 });
  const slot = town.ask([1, 2, 3]);
  town.road.clock.settle();
  town.replica.refuse('broken');
  town.replica.credits = 0;
  town.road.clock.settle();
  const sent = town.replica.sent.length;
  const queue = town.road.directory.queue('m@1');
  assert.equal(queue?.queuedRows, 2 - sent);
  town.road.predict.cancel(slot);
  assert.equal(queue.queuedRows, 0);
  if (sent > 0) town.replica.answer();
  assert.deepEqual([town.road.cache.pending, town.road.slabs.usedSlabs], [0, 0]);
});

test('a caller whose time is over is answered alone: the others wait on until their own deadline', () => {
  const town = new Town();
  town.replica.credits = 0;
  const hasty = town.ask([3], { sloMicros: 10_000 });
  const patient = town.ask([3], { sloMicros: 90_000 });
  town.road.clock.advance(11_000);
  assert.deepEqual([town.values(hasty), town.answer(hasty).reason], [[-1], 'expired_in_queue']);
  town.replica.credits = 1;
  town.road.directory.pull('m@1');
  town.serve();
  assert.deepEqual([town.values(patient), town.cached(patient)], [[3], [false]]);
});

test('an earlier deadline that joins moves the row up; when it is over, the row keeps its place by the next', () => {
  const town = new Town({ maxBatch: 1 });
  town.replica.credits = 0;
  const other = town.ask([1], { sloMicros: 50_000 });
  const patient = town.ask([3], { sloMicros: 90_000 });
  const hasty = town.ask([3], { sloMicros: 20_000 });
  assert.equal(town.road.directory.queue('m@1')?.queuedRows, 2);
  town.replica.credits = 1;
  town.road.directory.pull('m@1');
  town.road.clock.settle();
  town.replica.answer();
  town.road.clock.settle();
  assert.deepEqual([town.values(hasty), town.values(patient)], [[3], [3]]);
  assert.equal(town.road.answers.some(({ slot }) => slot === other), false);
  town.serve();
  assert.deepEqual(town.values(other), [1]);
});

test('a run of rows is not moved up for one of them: who is in more of a hurry asks for himself', () => {
  const town = new Town();
  town.replica.credits = 0;
  const run = town.ask([1, 2, 3], { sloMicros: 90_000 });
  const hasty = town.ask([2], { sloMicros: 20_000 });
  assert.equal(town.road.directory.queue('m@1')?.queuedRows, 4);
  town.replica.credits = 1;
  town.road.directory.pull('m@1');
  town.serve();
  assert.deepEqual([town.values(run), town.values(hasty)], [[1, 2, 3], [2]]);
});

test('a row that fails fails for all who wait, once each, and is asked again next time', () => {
  const town = new Town();
  const slots = [town.ask([3], { app: 'e' }), town.ask([3], { app: 'e' })];
  for (let turn = 0; turn < 3; turn++) {
    town.road.clock.settle();
    if (town.replica.sent.length > 0) town.replica.refuse('broken');
  }
  assert.deepEqual(town.road.answers.map((answer) => [answer.slot, !answer.ok && answer.failure.code]), slots.map((slot) => [slot, 'row_failed']));
  const again = town.ask([3], { app: 'e' });
  town.serve();
  assert.deepEqual([town.values(again), town.cached(again)], [[3], [false]]);
});

test('a death poisons nothing: the row is asked again, for all who wait', () => {
  const town = new Town();
  const slots = [town.ask([3]), town.ask([3])];
  town.road.clock.settle();
  town.road.directory.gone('m@1', town.replica);
  town.replica.die();
  const next = town.road.replica('m@1', 'next');
  town.road.clock.settle();
  slots.push(town.ask([3]));
  next.answer();
  assert.deepEqual(slots.map((slot) => town.values(slot)), [[3], [3], [3]]);
});

test('an answer that the output kind does not allow is nobody\'s, and is not kept', () => {
  const town = new Town();
  const slots = [town.ask([Number.NaN]), town.ask([Number.NaN])];
  town.serve();
  assert.deepEqual(slots.map((slot) => town.answer(slot).reason), ['invalid_output', 'invalid_output']);
  assert.deepEqual([town.road.cache.entries, town.road.cache.pending], [0, 0]);
});

test('a late answer is kept all the same: the next caller has it', () => {
  const town = new Town();
  const late = town.ask([3], { sloMicros: 10_000 });
  town.road.clock.settle();
  town.road.clock.advance(11_000);
  assert.equal(town.answer(late).reason, 'deadline_exceeded');
  town.serve();
  assert.equal(town.road.answers.length, 1);
  const next = town.ask([3]);
  assert.deepEqual([town.values(next), town.cached(next)], [[3], [true]]);
});

test('a full queue refuses the rows that are missing, not those that are kept', () => {
  const town = new Town({ maxQueueRows: 1 });
  town.ask([1]);
  town.serve();
  town.replica.credits = 0;
  town.ask([2]);
  const slot = town.ask([1, 5]);
  town.road.clock.settle();
  assert.deepEqual([town.values(slot), town.answer(slot).reason, town.cached(slot)], [[1, -1], 'queue_full', [true, false]]);
});

test('answers lapse after ttl_ms', () => {
  const town = new Town({ ttlMs: 5 });
  town.ask([3]);
  town.serve();
  town.road.clock.advance(4_000);
  assert.deepEqual(town.cached(town.ask([3])), [true]);
  town.road.clock.advance(2_000);
  const later = town.ask([3]);
  town.serve();
  assert.deepEqual(town.cached(later), [false]);
});

test('another definition of the version starts with an empty cache, and what the old one still computes is not kept', () => {
  const town = new Town();
  town.ask([1]);
  town.serve();
  const late = town.ask([3]);
  town.road.clock.settle();
  town.road.replaceModel(makeModel({ cache: {}, options: { new: true } }));
  assert.deepEqual([town.road.cache.entries, town.road.cache.pending], [0, 0]);
  town.serve();
  assert.deepEqual(town.values(late), [3]);
  assert.equal(town.road.cache.entries, 0);
  const again = town.ask([1]);
  town.serve();
  assert.deepEqual(town.cached(again), [false]);
});

test('a model without a cache is asked each time', () => {
  const road = new Road([makeModel()], [makeApp()]);
  const replica = road.replica('m@1');
  for (let slot = 0; slot < 2; slot++) road.predict.submit(makeQuery(road.slabs, { slot, arrivedAtMicros: road.clock.now() }));
  road.clock.settle();
  assert.equal(replica.sent[0]?.batch.rows, 2);
  assert.equal(road.cache.entries + road.cache.pending, 0);
});

test('no more than 1,024 wait for one row: the next asks again', () => {
  const town = new Town();
  town.replica.credits = 0;
  town.ask(new Array<number>(1024).fill(3));
  assert.equal(town.road.directory.queue('m@1')?.queuedRows, 1);
  town.ask([3]);
  assert.equal(town.road.directory.queue('m@1')?.queuedRows, 2);
});

test('a caller that leaves because another was answered is given nothing any more, and no memory is lost', () => {
  const slabs = new SlabArena({ poison: true });
  const clock = new VirtualClock();
  const cache = new PredictionCache<TwinRow>({ maxBytes: 1024 * 1024, slabs, seed: [1, 2] });
  const offered: Twin[] = [];
  const queue = { offer: (twin: Twin) => void offered.push(twin), takeBack: () => 0 };
  const twins = new Twins({ cache, slabs, meter: new RecordingMeter(), spec: makeModel({ cache: {} }), clock, queue });
  const read = outputReader({ kind: 'value' }, 'raw', slabs);
  const done: string[] = [];
  const second: Gather = new Gather(makeQuery(slabs), 100, { read, output: 'raw', onDone: () => done.push('second') });
  const first = new Gather(makeQuery(slabs), 100, { read, output: 'raw', onDone: ({ rows: [row] }) => {
    done.push('first');
    second.abandon();
    for (const place of second.places ?? []) place.leave(second);
    assert.ok(row !== undefined && 'output' in row && row.output.kind === 'tensors');
    for (const { slab } of row.output.tensors) slabs.release(slab);
  } });
  for (const gather of [first, second]) twins.submit(gather, 'raw');
  for (const gather of [first, second]) for (const { slab } of gather.query.columns) slabs.release(slab);
  assert.equal(offered.length, 1);
  offered[0]?.answered(0, partOf([3]), 0);
  assert.deepEqual([done, slabs.usedSlabs, cache.entries], [['first'], 0, 1]);
});
