import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Batcher } from '../../../../frontend/batching/batcher.ts';
import { FixedController } from '../../../../frontend/batching/controllers/fixed.ts';
import { LearnedLatency } from '../../../../frontend/batching/latency/learned-latency.ts';
import { Gather } from '../../../../frontend/dispatch/gather.ts';
import { ModelMeters } from '../../../../frontend/dispatch/model-meters.ts';
import { ModelQueue } from '../../../../frontend/dispatch/model-queue.ts';
import { outputReader } from '../../../../frontend/domain/output.ts';
import { SlabArena } from '../../../../frontend/runtime/slab-arena.ts';
import { FakeReplica } from '../../../support/fake-replica.ts';
import { makeQuery } from '../../../support/queries.ts';
import { RecordingMeter } from '../../../support/recording-meter.ts';
import { Road } from '../../../support/road.ts';
import { makeApp, makeModel } from '../../../support/specs.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

function submit(road: Road, slot: number, values: readonly number[] = [1]): void {
  road.predict.submit(makeQuery(road.slabs, { slot, values, arrivedAtMicros: road.clock.now() }));
}

test('what arrives in one turn of the loop shares a batch', () => {
  const road = new Road([makeModel()], [makeApp()]);
  const replica = road.replica('m@1');
  for (let slot = 0; slot < 5; slot++) submit(road, slot);
  assert.equal(replica.sent.length, 0);
  road.clock.settle();
  assert.deepEqual(replica.sent.map((sent) => sent.batch.rows), [5]);
});

test('no batch leaves without a credit; several credits are used; equals take turns', () => {
  const road = new Road([makeModel({ batching: { controller: 'fixed', maxBatch: 1, maxQueueRows: 100 } })], [makeApp()]);
  const one = road.replica('m@1', 'one');
  const two = road.replica('m@1', 'two');
  one.credits = 2;
  for (let slot = 0; slot < 5; slot++) submit(road, slot);
  road.clock.settle();
  assert.deepEqual([one.sent.length, two.sent.length], [2, 1]);
  two.answer();
  road.clock.settle();
  assert.equal(two.sent.length, 1);
  for (const replica of [one, one, two]) replica.answer();
  road.clock.settle();
  for (const replica of [one, two]) if (replica.sent.length > 0) replica.answer();
  assert.equal(road.answers.length, 5);
});

test('a container that leaves rows out fails those rows alone', () => {
  const road = new Road([makeModel()], [makeApp({ onMiss: 'error' })]);
  const replica = road.replica('m@1');
  for (let slot = 0; slot < 2; slot++) submit(road, slot);
  road.clock.settle();
  replica.answer([1]);
  road.clock.settle();
  replica.answer([0]);
  const codes = road.answers.map((answer) => (answer.ok ? 'ok' : answer.failure.code));
  assert.deepEqual(codes, ['ok', 'row_failed']);
});

test('a batch that the container refuses is taken apart until the bad row is alone', () => {
  const road = new Road([makeModel()], [makeApp({ onMiss: 'error' })]);
  const replica = road.replica('m@1');
  for (let slot = 0; slot < 4; slot++) submit(road, slot, [slot]);
  road.clock.settle();
  for (let turn = 0; turn < 10 && road.answers.length < 4; turn++) {
    const sent = replica.sent[0];
    if (sent?.batch.slices.some((slice) => slice.query.slot === 2) === true) replica.refuse('cannot do 2');
    else replica.answer();
    road.clock.settle();
  }
  const bySlot = road.answers.toSorted((a, b) => a.slot - b.slot).map((answer) => (answer.ok ? 'ok' : answer.failure.code));
  assert.deepEqual(bySlot, ['ok', 'ok', 'row_failed', 'ok']);
  assert.equal(road.meter.value('tradewind_batch_repeats_total', { model: 'm', version: '1', cause: 'bisect' }), 4);
});

test('a full queue refuses at once', () => {
  const road = new Road([makeModel({ batching: { controller: 'fixed', maxBatch: 1, maxQueueRows: 2 } })], [makeApp()]);
  const replica = road.replica('m@1');
  replica.credits = 0;
  for (let slot = 0; slot < 3; slot++) submit(road, slot);
  road.clock.settle();
  assert.ok(road.answers[0]?.ok && road.answers[0].slot === 2 && road.answers[0].reason === 'queue_full');
});

test('where others wait, their batch leaves before the answers of the last one are given, and before those who are let go are told', () => {
  const road = new Road([makeModel({ batching: { controller: 'fixed', maxBatch: 2, maxQueueRows: 100 } })], [makeApp()]);
  const replica = road.replica('m@1');
  const order: string[] = [];
  const infer = replica.infer.bind(replica);
  replica.infer = (batch, sink) => {
    order.push(`batch of ${batch.slices.map(({ query }) => query.slot).join(' and ')}`);
    return infer(batch, sink);
  };
  const push = road.answers.push.bind(road.answers);
  road.answers.push = (...answers) => {
    for (const answer of answers) order.push(`${answer.slot} ${answer.ok ? answer.source : answer.failure.code}`);
    return push(...answers);
  };
  for (let slot = 0; slot < 2; slot++) submit(road, slot);
  road.clock.settle();
  road.clock.advance(10_000);
  road.predict.submit(makeQuery(road.slabs, { slot: 2, arrivedAtMicros: road.clock.now(), sloMicros: 10_800 }));
  for (let slot = 3; slot < 5; slot++) submit(road, slot);
  road.clock.settle();
  road.clock.advance(5_000);
  replica.answer();
  assert.deepEqual(order, ['batch of 0 and 1'], 'the end of a batch answers nobody by itself');
  road.clock.settle();
  assert.deepEqual(order, ['batch of 0 and 1', 'batch of 3 and 4', '2 default', '0 model', '1 model']);
  road.clock.advance(100);
  replica.answer();
  assert.deepEqual(order.slice(5), ['3 model', '4 model'], 'nobody waits: at once');
  assert.equal(road.predict.open, 0);
});

test('a caller who leaves between the end of a batch and the answer is not answered', () => {
  const road = new Road([makeModel({ batching: { controller: 'fixed', maxBatch: 1, maxQueueRows: 100 } })], [makeApp()]);
  const replica = road.replica('m@1');
  for (let slot = 0; slot < 2; slot++) submit(road, slot);
  road.clock.settle();
  replica.answer();
  road.predict.cancel(0);
  road.clock.settle();
  replica.answer();
  assert.deepEqual(road.answers.map(({ slot }) => slot), [1]);
  assert.deepEqual([road.predict.open, road.slabs.usedSlabs], [0, 0]);
});

test('a closed queue sends nothing, and what waited is missed', () => {
  const road = new Road([makeModel()], [makeApp()]);
  const replica = road.replica('m@1');
  replica.credits = 0;
  submit(road, 0);
  road.directory.queue('m@1')?.close();
  assert.ok(road.answers[0]?.ok && road.answers[0].reason === 'no_replica');
  replica.credits = 1;
  road.directory.pull('m@1');
  road.clock.settle();
  assert.equal(replica.sent.length, 0);
});

test('a replica is given up when its batch is overdue, but time in which the process stood still is not its', () => {
  const road = new Road([makeModel()], [makeApp()]);
  const replica = road.replica('m@1');
  submit(road, 0);
  road.clock.advance(10_000);
  replica.answer();
  submit(road, 1);
  road.clock.advance(100_000);
  for (const micros of [1_200_000, 60_000_000]) road.clock.stall(micros);
  assert.deepEqual(road.hung, []);
  road.clock.advance(400_000);
  assert.deepEqual(road.hung, []);
  road.clock.advance(500_000);
  assert.deepEqual(road.hung, ['r1']);
});

for (const cache of [undefined, {}]) {
  test(`a row that hangs replicas is found out, though its callers were answered and its memory was given back long before; nobody else is taken for it${cache === undefined ? '' : ', nor with a cache'}`, () => {
    const road = new Road([makeModel(cache === undefined ? {} : { cache })], [makeApp()]);
    const first = road.replica('m@1', 'r0');
    submit(road, 0);
    road.clock.advance(10_000);
    first.answer();
    road.directory.gone('m@1', first);
    let slot = 1;
    for (const life of [1, 2, 3]) {
      const replica = road.replica('m@1', `r${life}`);
      submit(road, slot++, [13]);
      road.clock.advance(150_000);
      submit(road, slot++, [14]);
      road.clock.advance(200_000);
      assert.equal(road.answers.length, slot, 'all are answered while it hangs');
      assert.equal(replica.sent.length, 1);
      road.clock.advance(10_000_000);
      road.directory.gone('m@1', replica);
      replica.die();
      assert.equal(road.hung.length, life);
    }
    const last = road.replica('m@1', 'last');
    submit(road, slot++, [13]);
    road.clock.settle();
    const answer = road.answers.at(-1);
    assert.deepEqual([last.sent.length, answer?.ok === true && answer.reason], [0, 'poison']);
    submit(road, slot++, [14]);
    road.clock.settle();
    last.answer();
    road.clock.settle();
    const innocent = road.answers.at(-1);
    assert.ok(innocent?.ok && innocent.source === 'model');
  });
}

/** A queue of its own: of its law, and of what its batcher says, the test knows. */
function alone(more: { readonly nextExpiry?: () => number } = {}) {
  const clock = new VirtualClock();
  const slabs = new SlabArena();
  const latency = new LearnedLatency();
  const batcher = new Batcher<Gather>({ latency, controller: new FixedController({ maxBatch: 8 }), maxQueueRows: 100, hash: () => 0 });
  Object.assign(batcher, more);
  const hung: string[] = [];
  const queue = new ModelQueue({ key: 'm@1', spec: makeModel(), clock, batcher, meters: new ModelMeters(new RecordingMeter(), 'm', 1), onHung: ({ id }) => hung.push(id) });
  const replica = new FakeReplica('r1');
  queue.attach(replica);
  const ask = (): void => {
    const query = makeQuery(slabs, { values: [1], arrivedAtMicros: clock.now() });
    queue.submit(new Gather(query, query.deadlineAtMicros, { read: outputReader({ kind: 'value' }, 'value', slabs), onDone: () => undefined }));
    clock.settle();
  };
  return { clock, latency, queue, replica, hung, ask };
}

test('nothing is known of a replica that is gone, also where it answered what it had after that', () => {
  const { clock, latency, queue, replica, ask } = alone();
  for (const leaves of [false, true]) {
    ask();
    if (leaves) queue.detach(replica);
    clock.advance(1_000);
    replica.answer();
    assert.equal(latency.lawOf('r1') === latency.law, leaves);
  }
});

test('rows that were given up in a turn make nobody late: a replica that hangs then is found out all the same', () => {
  // As the batcher has it where rows were given up after it was asked for those that are to expire, which asks this too.
  let asked = 0;
  const { clock, hung, ask } = alone({ nextExpiry: () => (++asked === 2 ? -Infinity : Infinity) });
  ask();
  clock.advance(60_000_000);
  assert.deepEqual(hung, ['r1']);
});

test('what the process stood still teaches nothing of a replica, whether its answer or the clock comes first', () => {
  for (const answerFirst of [false, true]) {
    const { clock, latency, replica, hung, ask } = alone();
    for (let batch = 0; batch < 20; batch++) {
      ask();
      clock.advance(10_000);
      replica.answer();
    }
    // One batch that is far off would be let be.
    replica.credits = 4;
    for (let batch = 0; batch < 4; batch++) ask();
    const answer = (): void => { while (replica.sent.length > 0) replica.answer(); };
    if (answerFirst) clock.wakeAt(clock.now() + 1, answer);
    clock.stall(17_000_000);
    answer();
    const mean = latency.lawOf('r1').meanMicros(1);
    assert.ok(mean > 9_000 && mean < 11_000, `${mean} µs`);
    // One that hangs after it is given up within seconds.
    ask();
    clock.advance(5_000_000);
    assert.deepEqual(hung, ['r1']);
  }
});
