import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppSpec } from '../../../../../frontend/domain/model.ts';
import type { FakeReplica } from '../../../../support/fake-replica.ts';
import { makeQuery } from '../../../../support/queries.ts';
import { Road } from '../../../../support/road.ts';
import { makeApp, makeModel } from '../../../../support/specs.ts';

const NAMES = ['x', 'y', 'z'];

function open(app: Partial<AppSpec>): { road: Road; replicas: readonly FakeReplica[]; ask: (slot?: number) => void; clean: () => void } {
  const road = new Road(NAMES.map((name) => makeModel({ name })), [makeApp({ arms: NAMES, journal: { keep: true, required: false, maxAgeMs: 1e9, maxBytes: 1e9 }, ...app })]);
  const replicas = NAMES.map((name) => road.replica(`${name}@1`));
  return {
    road, replicas,
    ask: (slot = 0) => {
      road.predict.submit(makeQuery(road.slabs, { slot, arrivedAtMicros: road.clock.now(), values: [4] }));
      road.clock.settle();
    },
    clean: () => {
      assert.equal(road.predict.open, 0);
      assert.equal(road.slabs.usedSlabs, 0);
      for (const queue of road.directory.queues()) assert.equal(queue.queuedRows, 0);
    },
  };
}

test('all arms of an ensemble are asked, and their answers combined', () => {
  const { road, replicas, ask, clean } = open({ ensemble: { combine: 'mean' } });
  ask();
  for (const replica of replicas) replica.answer();
  const [answer] = road.answers;
  assert.ok(answer?.ok && answer.source === 'ensemble' && answer.model === undefined && answer.missing === undefined);
  assert.deepEqual(answer.rows, [{ source: 'ensemble', output: { kind: 'value', value: 4 }, confidence: 1 }]);
  assert.deepEqual(road.decisions[0]?.asked.map(({ arm, outputs }) => [arm, outputs]), NAMES.map((name) => [name, [4]]));
  assert.deepEqual(road.decisions[0]?.joint, { outputs: [4], confidences: [1] });
  assert.equal(road.receipts.open(answer.decisionId ?? '')?.action, 0xffff);
  clean();
});

test('at the deadline what has come is combined, and it is said who is missing', () => {
  const { road, replicas, ask, clean } = open({ ensemble: { combine: 'mean' } });
  ask();
  replicas[0]?.answer();
  replicas[2]?.answer();
  assert.equal(road.answers.length, 0);
  road.clock.advance(100_000);
  const [answer] = road.answers;
  assert.ok(answer?.ok && answer.source === 'ensemble' && answer.latencyMicros <= 100_000);
  assert.deepEqual(answer.missing, ['y']);
  assert.equal(road.decisions[0]?.asked[1]?.missed, 'deadline_exceeded');
  assert.deepEqual(road.taught, [], 'its only reward is left to whoever knows');
  replicas[1]?.answer();
  assert.equal(road.answers.length, 1);
  clean();
});

test('an arm without a replica is missing; where nobody answers the default is given', () => {
  const { road, replicas, ask, clean } = open({ ensemble: { combine: 'mean' } });
  const [gone] = replicas;
  assert.ok(gone);
  road.directory.gone('x@1', gone);
  ask();
  for (const replica of replicas.slice(1)) replica.refuse('no');
  road.clock.settle();
  const [answer] = road.answers;
  assert.ok(answer?.ok && answer.source === 'default' && answer.reason !== undefined);
  assert.deepEqual([...answer.missing ?? []].sort(), NAMES);
  assert.equal(road.decisions[0]?.mode, 'default');
  clean();
});

test('an answer of too little confidence is none', () => {
  const { road, replicas, ask, clean } = open({ ensemble: { combine: 'mean', minConfidence: 0.9 } });
  const [gone] = replicas;
  ask();
  replicas[1]?.answer();
  gone?.die();
  road.clock.advance(100_000);
  const [answer] = road.answers;
  assert.ok(answer?.ok && answer.source === 'default' && answer.reason === 'low_confidence' && /Confidence 0\.\d+, wanted 0\.9/u.test(answer.reasonText ?? ''));
  clean();
});

test('a cascade asks the second arm only where the first gave nothing it is sure of', () => {
  const { road, replicas, ask, clean } = open({ cascade: { first: 'x', second: 'y', below: 0.9 } });
  ask(1);
  replicas[0]?.answer();
  assert.ok(road.answers[0]?.ok && road.answers[0].model === 'x');
  ask(2);
  replicas[0]?.sent[0]?.sink.rowFailed(0, { code: 'bad', message: 'blank' });
  replicas[0]?.answer([0]);
  road.clock.settle();
  assert.equal(road.answers.length, 1);
  replicas[1]?.answer();
  assert.ok(road.answers[1]?.ok && road.answers[1].model === 'y' && road.answers[1].source === 'model');
  assert.deepEqual(road.decisions[1]?.asked.map(({ arm }) => arm), ['x', 'y']);
  clean();
});

test('a shadow is asked and timed, and neither delays the answer nor is part of it', () => {
  const { road, replicas, ask, clean } = open({ shadow: ['z'] });
  ask(1);
  replicas[0]?.answer();
  assert.ok(road.answers[0]?.ok && road.answers[0].model === 'x');
  assert.equal(road.predict.open, 0);
  ask(1);
  replicas[2]?.answer();
  road.clock.settle();
  assert.equal(road.meter.value('tradewind_shadow_total', { app: 'a', arm: 'z', outcome: 'agreed' }), 1);
  replicas[2]?.answer();
  replicas[0]?.answer();
  assert.equal(road.meter.value('tradewind_shadow_total', { app: 'a', arm: 'z', outcome: 'agreed' }), 2);
  assert.equal(road.answers.length, 2);
  assert.deepEqual(road.decisions[0]?.asked.map(({ arm }) => arm), ['x']);
  clean();
});

test('a shadow that never answers is let go at the deadline', () => {
  const { road, replicas, ask, clean } = open({ shadow: ['z'] });
  ask();
  replicas[0]?.answer();
  road.clock.advance(100_000);
  assert.equal(road.meter.value('tradewind_shadow_total', { app: 'a', arm: 'z', outcome: 'missed' }), 1);
  clean();
});

test('a caller that goes away takes everything back, shadows too', () => {
  const { road, replicas, ask, clean } = open({ ensemble: { combine: 'mean', arms: ['x', 'y'] }, shadow: ['z'] });
  ask(7);
  replicas[1]?.answer();
  road.predict.cancel(7);
  for (const replica of [replicas[0], replicas[2]]) assert.deepEqual(replica?.sent[0]?.cancelled, [0]);
  road.clock.advance(200_000);
  assert.equal(road.answers.length, 0);
  clean();
});
