import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeQuery } from '../../../support/queries.ts';
import { Road } from '../../../support/road.ts';
import { desiredOf, makeApp, makeModel } from '../../../support/specs.ts';

test('a bare name is the stable version, else the newest with a replica, else the newest', () => {
  const models = [makeModel(), makeModel({ version: 2 }), makeModel({ version: 3 })];
  const road = new Road(models, []);
  const bare = (): string | undefined => road.directory.resolve({ model: 'm' })?.key;
  assert.equal(bare(), 'm@3');
  const replica = road.replica('m@2');
  assert.equal(bare(), 'm@2');
  road.directory.gone('m@2', replica);
  assert.equal(bare(), 'm@3');
  road.apply(desiredOf(models, [], { m: { stable: 1 } }));
  assert.equal(bare(), 'm@1');
  assert.equal(road.directory.resolve({ model: 'm', label: 'canary' }), undefined);
  assert.equal(road.directory.resolve({ model: 'm', version: 4 }), undefined);
  assert.equal(road.directory.resolve({ model: 'x' }), undefined);
  for (const label of ['toString', '__proto__']) assert.equal(road.directory.resolve({ model: 'm', label }), undefined);
});

test('a spec that changed gets a new queue with the replicas of the old one', () => {
  const road = new Road([makeModel()], []);
  const replica = road.replica('m@1');
  const old = road.directory.queue('m@1');
  road.apply(desiredOf([makeModel()]));
  assert.equal(road.directory.queue('m@1'), old);
  road.apply(desiredOf([makeModel({ batching: { controller: 'fixed', maxBatch: 3, maxQueueRows: 9 } })]));
  const fresh = road.directory.queue('m@1');
  assert.notEqual(fresh, old);
  assert.deepEqual(fresh?.replicas, [replica]);
  assert.deepEqual([...road.directory.unsettled()], []);
  road.directory.gone('m@1', replica);
  assert.deepEqual(fresh?.replicas, []);
});

test('who waited before a spec changed is served before who came after it, whichever queue hears of a credit', () => {
  const batching = { controller: 'fixed' as const, maxBatch: 1, maxQueueRows: 9 };
  const road = new Road([makeModel({ batching })], [makeApp()]);
  const replica = road.replica('m@1');
  const submit = (slot: number): void => road.predict.submit(makeQuery(road.slabs, { slot, arrivedAtMicros: road.clock.now() }));
  submit(0);
  road.clock.settle();
  submit(1);
  submit(2);
  road.replaceModel(makeModel({ batching: { ...batching, maxQueueRows: 8 } }));
  submit(3);
  const order: (number | undefined)[] = [];
  for (let turn = 0; turn < 3; turn++) {
    replica.credits++;
    road.directory.pull('m@1');
    road.clock.settle();
    order.push(replica.sent.at(-1)?.batch.slices[0]?.query.slot);
  }
  assert.deepEqual(order, [1, 2, 3]);
});

test('who waits for a first replica is served by it, though the spec changed meanwhile', () => {
  const road = new Road([makeModel()], [makeApp({ onMiss: 'wait' })]);
  road.predict.submit(makeQuery(road.slabs, { slot: 0, arrivedAtMicros: road.clock.now() }));
  road.replaceModel(makeModel({ batching: { controller: 'fixed', maxBatch: 3, maxQueueRows: 9 } }));
  const replica = road.replica('m@1');
  assert.deepEqual(replica.sent.map(({ batch }) => batch.slices[0]?.query.slot), [0]);
  replica.answer();
  assert.ok(road.answers[0]?.ok);
  assert.deepEqual([...road.directory.unsettled()], []);
});

test('every change of what could be resolved raises the revision', () => {
  const road = new Road([makeModel()], []);
  const seen = [road.directory.revision];
  const replica = road.replica('m@1');
  seen.push(road.directory.revision);
  road.directory.gone('m@1', replica);
  seen.push(road.directory.revision);
  road.apply(desiredOf([]));
  seen.push(road.directory.revision);
  assert.deepEqual(seen, [...new Set(seen)].toSorted((a, b) => a - b));
  road.directory.ready('m@1', replica);
  assert.equal(road.directory.queue('m@1'), undefined);
});
