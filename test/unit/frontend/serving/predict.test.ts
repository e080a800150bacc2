import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from '../../../../frontend/domain/answer.ts';
import { makeQuery } from '../../../support/queries.ts';
import { Road } from '../../../support/road.ts';
import { makeApp, makeModel } from '../../../support/specs.ts';

function query(road: Road, more: Parameters<typeof makeQuery>[1] = {}): ReturnType<typeof makeQuery> {
  return makeQuery(road.slabs, { arrivedAtMicros: road.clock.now(), ...more });
}

function outputs(answer: Answer | undefined): unknown[] {
  assert.ok(answer?.ok, JSON.stringify(answer));
  return answer.rows.map((row) => (row.output.kind === 'value' ? row.output.value : row.output.kind === 'json' ? row.output.json : row.output));
}

/** Nothing is left behind: no query, no slab, no queued row. */
function assertClean(road: Road): void {
  assert.equal(road.predict.open, 0);
  assert.equal(road.slabs.usedSlabs, 0);
  for (const queue of road.directory.queues()) assert.equal(queue.queuedRows, 0);
}

test('a query is answered by the model, with a receipt of what was decided', () => {
  const road = new Road([makeModel()], [makeApp({ contextKey: 'user' })]);
  const replica = road.replica('m@1');
  road.predict.submit(query(road, { slot: 4, values: [41], context: { user: 'ann' } }));
  road.clock.settle();
  road.clock.advance(700);
  replica.answer();
  const [answer] = road.answers;
  assert.deepEqual(outputs(answer), [41]);
  assert.ok(answer?.ok && answer.slot === 4 && answer.model === 'm' && answer.version === 1 && answer.source === 'model' && answer.latencyMicros === 700);
  const receipt = road.receipts.open(answer.decisionId ?? '');
  assert.ok(receipt && receipt.propensity === 1 && receipt.action === 0 && !receipt.pinned && receipt.rows === 1 && receipt.context.some((byte) => byte !== 0));
  assert.equal(road.meter.value('tradewind_requests_total', { app: 'a', source: 'model', reason: '' }), 1);
  assert.equal(road.meter.value('tradewind_slo_total', { app: 'a', outcome: 'on_time' }), 1);
  assertClean(road);
});

test('many rows are split over batches and joined in order', () => {
  const road = new Road([makeModel({ batching: { controller: 'fixed', maxBatch: 2, maxQueueRows: 100 } })], [makeApp()]);
  const replica = road.replica('m@1');
  road.predict.submit(query(road, { values: [1, 2, 3, 4, 5] }));
  for (let i = 0; i < 3; i++) {
    road.clock.settle();
    replica.answer();
  }
  assert.deepEqual(outputs(road.answers[0]), [1, 2, 3, 4, 5]);
  assertClean(road);
});

test('at the deadline the default is given, on time, and a late answer changes nothing', () => {
  const road = new Road([makeModel()], [makeApp({ sloMs: 20 })]);
  const replica = road.replica('m@1');
  road.predict.submit(query(road, { sloMicros: 20_000 }));
  road.clock.settle();
  road.clock.advance(20_000);
  assert.deepEqual(outputs(road.answers[0]), [-1]);
  const [answer] = road.answers;
  assert.ok(answer?.ok && answer.reason === 'deadline_exceeded' && answer.source === 'default' && answer.latencyMicros <= 20_000);
  replica.answer();
  assert.equal(road.answers.length, 1);
  assertClean(road);
});

test('what is still queued at the deadline says so', () => {
  const road = new Road([makeModel()], [makeApp()]);
  const replica = road.replica('m@1');
  replica.credits = 0;
  road.predict.submit(query(road, { sloMicros: 20_000 }));
  road.clock.settle();
  road.clock.advance(20_000);
  assert.ok(road.answers[0]?.ok && road.answers[0].reason === 'expired_in_queue');
  assertClean(road);
});

test('on_miss error answers with the error, on_miss wait waits for a replica', () => {
  const road = new Road([makeModel()], [makeApp({ onMiss: 'error' }), makeApp({ name: 'w', onMiss: 'wait' })]);
  road.predict.submit(query(road, { slot: 1 }));
  assert.ok(road.answers[0]?.ok === false && road.answers[0].failure.code === 'no_replica' && road.answers[0].decisionId !== undefined);
  road.predict.submit(query(road, { slot: 2, app: 'w', values: [3] }));
  road.clock.settle();
  road.clock.advance(500_000);
  assert.equal(road.answers.length, 1);
  const replica = road.replica('m@1');
  road.clock.settle();
  replica.answer();
  assert.deepEqual(outputs(road.answers[1]), [3]);
  assertClean(road);
});

test('rows that miss get the default, the others the answer of the model', () => {
  const journal = { keep: true, required: false, maxAgeMs: 1e9, maxBytes: 1e9 };
  const road = new Road([makeModel()], [makeApp({ journal }), makeApp({ name: 'e', onMiss: 'error', journal })]);
  const replica = road.replica('m@1');
  for (const app of ['a', 'e']) {
    road.predict.submit(query(road, { app, slot: road.answers.length, values: [1, 2, 3] }));
    road.clock.settle();
    replica.sent.at(-1)?.sink.rowFailed(1, { code: 'bad_input', message: 'blank' });
    replica.answer();
  }
  const [answer, failed] = road.answers;
  assert.deepEqual(outputs(answer), [1, -1, 3]);
  // Receipt and record say whom no reward is for: one row; where the answer was an error, all of them.
  const said = road.answers.map(({ decisionId }) => road.receipts.open(decisionId ?? ''));
  assert.deepEqual(said.map((receipt) => [receipt?.partly, receipt?.defaulted]), [[true, undefined], [undefined, true]]);
  assert.deepEqual(road.decisions.map(({ mode, defaults }) => [mode, defaults]), [['policy', [1]], ['default', undefined]]);
  assert.ok(failed?.ok === false && failed.failure.code === 'row_failed');
  assert.ok(answer?.ok && answer.source === 'default' && answer.reason === 'row_failed' && answer.model === 'm');
  assert.deepEqual(answer.rows.map((row) => row.source), ['model', 'default', 'model']);
  assertClean(road);
});

test('a caller that goes away takes its query back and hears nothing more', () => {
  const road = new Road([makeModel({ batching: { controller: 'fixed', maxBatch: 1, maxQueueRows: 100 } })], [makeApp()]);
  const replica = road.replica('m@1');
  road.predict.submit(query(road, { slot: 1, values: [1] }));
  road.clock.settle();
  road.predict.submit(query(road, { slot: 2, values: [2] }));
  road.clock.settle();
  road.predict.cancel(1);
  road.predict.cancel(2);
  road.predict.cancel(99);
  assert.deepEqual(replica.sent[0]?.cancelled, [0]);
  replica.answer();
  road.clock.settle();
  assert.equal(replica.sent.length, 0);
  assert.equal(road.answers.length, 0);
  assertClean(road);
});

test('a replica that dies loses no answer: its rows go to another, or get the default with the reason', () => {
  const road = new Road([makeModel()], [makeApp()]);
  const first = road.replica('m@1', 'r1');
  road.predict.submit(query(road, { values: [8] }));
  road.clock.settle();
  const second = road.replica('m@1', 'r2');
  road.directory.gone('m@1', first);
  first.die();
  road.clock.settle();
  second.answer();
  assert.deepEqual(outputs(road.answers[0]), [8]);

  road.predict.submit(query(road, { values: [9], slot: 1 }));
  road.clock.settle();
  road.directory.gone('m@1', second);
  second.die();
  const third = road.replica('m@1', 'r3');
  road.directory.gone('m@1', third);
  third.die();
  road.clock.settle();
  road.clock.advance(200_000);
  assert.ok(road.answers[1]?.ok && road.answers[1].source === 'default' && road.answers[1].reason === 'replica_failed');
  assertClean(road);
});

test('a replica that hangs is reported once, and its rows are asked elsewhere', () => {
  const road = new Road([makeModel()], [makeApp({ sloMs: 60_000 })]);
  const stuck = road.replica('m@1', 'stuck');
  road.predict.submit(query(road, { values: [5], sloMicros: 60_000_000 }));
  road.clock.settle();
  road.clock.advance(31_000_000);
  assert.deepEqual(road.hung, ['stuck']);
  const fresh = road.replica('m@1', 'fresh');
  road.directory.gone('m@1', stuck);
  stuck.die('hung');
  road.clock.settle();
  fresh.answer();
  assert.deepEqual(outputs(road.answers[0]), [5]);
  assertClean(road);
});

test('the caller may choose the version; what is not there is refused', () => {
  const road = new Road([makeModel(), makeModel({ version: 2 })], [makeApp()], { labels: { m: { stable: 1, canary: 2 } } });
  const one = road.replica('m@1', 'one');
  const two = road.replica('m@2', 'two');
  road.predict.submit(query(road, { slot: 0 }));
  road.predict.submit(query(road, { slot: 1, pin: { version: 2 } }));
  road.predict.submit(query(road, { slot: 2, pin: { model: 'm', version: 'canary' } }));
  road.clock.settle();
  one.answer();
  two.answer();
  assert.deepEqual(road.answers.map((answer) => (answer.ok ? answer.version : 0)).toSorted((a = 0, b = 0) => a - b), [1, 2, 2]);
  const pinnedAnswer = road.answers.find((answer) => answer.slot === 1);
  assert.equal(road.receipts.open(pinnedAnswer?.decisionId ?? '')?.pinned, true);
  road.predict.submit(query(road, { slot: 3, pin: { version: 9 } }));
  road.predict.submit(query(road, { slot: 4, pin: { model: 'other' } }));
  road.predict.submit(query(road, { slot: 5, app: 'nope' }));
  assert.deepEqual(road.answers.slice(3).map((answer) => !answer.ok && answer.failure.code), ['unknown_version', 'unknown_model', 'unknown_app']);
  assertClean(road);
});

test('a caller that asks is told how the choice came about', () => {
  const road = new Road([makeModel(), makeModel({ name: 'n' })], [makeApp({ arms: ['m', 'n'] })]);
  const replica = road.replica('n@1');
  road.predict.submit(query(road, { explain: true }));
  road.clock.settle();
  replica.answer();
  const [answer] = road.answers;
  assert.deepEqual(answer?.ok && answer.explanation, {
    policy: 'static', mode: 'policy', chosen: 'n', propensity: 1, probabilities: [0, 1], view: 0,
    arms: [{ arm: 'm', version: 1, replicas: 0, queued_rows: 0 }, { arm: 'n', version: 1, replicas: 1, queued_rows: 0 }],
  });
  road.directory.gone('n@1', replica);
  road.predict.submit(query(road, { slot: 1, explain: true }));
  assert.equal(road.answers[1]?.ok && road.answers[1].explanation?.['mode'], 'none');
  assertClean(road);
});

test('beyond its bounds, and when it drains, the broker says so', () => {
  const road = new Road([makeModel()], [makeApp()], { maxOpen: 1 });
  const replica = road.replica('m@1');
  road.predict.submit(query(road, { slot: 0 }));
  road.predict.submit(query(road, { slot: 1 }));
  road.predict.drain();
  road.predict.submit(query(road, { slot: 2 }));
  road.clock.settle();
  replica.answer();
  const reasons = road.answers.map((answer) => [answer.slot, answer.ok && answer.reason]);
  assert.deepEqual(reasons, [[1, 'overloaded'], [2, 'draining'], [0, undefined]]);
  road.predict.submitUnparsed({ slot: 7, app: 'a', arrivedAtMicros: road.clock.now(), rows: 1, reason: 'no_replica' });
  assert.ok(road.answers[3]?.ok && road.answers[3].reason === 'no_replica');
  assertClean(road);
});

test('a body that could not be parsed yet comes to a default for each row, and to a receipt that says so', () => {
  const road = new Road([makeModel()], [makeApp()]);
  road.predict.submitUnparsed({ slot: 0, app: 'a', arrivedAtMicros: road.clock.now(), rows: 3, reason: 'no_replica' });
  road.predict.submitUnparsed({ slot: 1, app: 'nobody', arrivedAtMicros: road.clock.now(), rows: 1, reason: 'no_replica' });
  const [answer, unknown] = road.answers;
  assert.ok(answer?.ok && answer.source === 'default' && answer.rows.length === 3);
  const receipt = road.receipts.open(answer.decisionId ?? '');
  assert.deepEqual([receipt?.rows, receipt?.defaulted, receipt?.pinned], [3, true, false]);
  assert.ok(unknown?.ok === false && unknown.failure.code === 'unknown_app' && unknown.decisionId === undefined);
  assertClean(road);
});

test('an apply in the middle of traffic leaves what is under way alone', () => {
  const road = new Road([makeModel()], [makeApp()]);
  const replica = road.replica('m@1');
  road.predict.submit(query(road, { values: [4] }));
  road.clock.settle();
  road.apply({ ...nothingWanted(), revision: 2 });
  assert.deepEqual([...road.directory.unsettled()], ['m@1']);
  replica.answer();
  assert.deepEqual(outputs(road.answers[0]), [4]);
  assert.deepEqual([...road.directory.unsettled()], []);
  assert.equal(road.slabs.usedSlabs, 0);
});

function nothingWanted(): Parameters<Road['apply']>[0] {
  return { revision: 0, models: {}, labels: {}, apps: {}, fromFile: { models: [], labels: [], apps: [] } };
}
