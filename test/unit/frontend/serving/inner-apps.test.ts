import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_JOURNAL, type AppSpec } from '../../../../frontend/domain/model.ts';
import { makeQuery } from '../../../support/queries.ts';
import { Road } from '../../../support/road.ts';
import { makeApp, makeModel } from '../../../support/specs.ts';

const KEPT = { journal: { ...DEFAULT_JOURNAL, keep: true } };

/** An app `a` with the given arms over an app `inner` with those of its own; models x, y and z with a replica each. */
function open(outer: Partial<AppSpec>, inner: Partial<AppSpec>, more: readonly AppSpec[] = []) {
  const names = ['x', 'y', 'z'];
  const road = new Road(names.map((name) => makeModel({ name })), [
    makeApp({ ...KEPT, arms: ['app:inner'], ...outer }), makeApp({ ...KEPT, name: 'inner', arms: ['x', 'y'], default: -7, ...inner }), ...more,
  ]);
  const [x, y, z] = names.map((name) => road.replica(`${name}@1`));
  assert.ok(x !== undefined && y !== undefined && z !== undefined);
  return {
    road, x, y, z,
    ask: (slot = 0, values = [4]) => {
      road.predict.submit(makeQuery(road.slabs, { slot, arrivedAtMicros: road.clock.now(), values }));
      road.clock.settle();
    },
    clean: () => {
      assert.equal(road.predict.open, 0);
      assert.equal(road.slabs.usedSlabs, 0);
      for (const queue of road.directory.queues()) assert.equal(queue.queuedRows, 0);
    },
  };
}

test('an arm that is an app answers by what it chooses itself; the answer names the model, both decisions are recorded, and they are linked', () => {
  const { road, x, ask, clean } = open({}, { arms: ['x'] });
  ask();
  x.answer();
  const [answer] = road.answers;
  assert.ok(answer?.ok && answer.source === 'model');
  assert.deepEqual([answer.model, answer.version, answer.rows], ['x', 1, [{ source: 'model', output: { kind: 'value', value: 4, dtype: 'float32' } }]]);
  const [child, parent] = road.decisions;
  assert.deepEqual([child?.app, parent?.app], ['inner', 'a']);
  assert.deepEqual(parent?.asked.map(({ arm, version, outputs }) => [arm, version, outputs]), [['app:inner', 1, [4]]]);
  assert.deepEqual(child?.parent, parent?.id);
  const receipt = road.receipts.open(parent?.asked[0]?.decisionId ?? '');
  assert.deepEqual(Buffer.from(receipt?.id ?? []), Buffer.from(child?.id ?? []));
  assert.notDeepEqual(child?.id, parent?.id);
  clean();
});

test('it has the outer deadline, whatever its own objective is; what is late there is a miss of the arm, and no default of the inner app', () => {
  const { road, x, ask, clean } = open({}, { sloMs: 5, arms: ['x'] });
  ask();
  road.clock.advance(20_000);
  assert.equal(road.answers.length, 0);
  road.clock.advance(80_000);
  const [answer] = road.answers;
  assert.ok(answer?.ok && answer.source === 'default' && answer.reason === 'deadline_exceeded');
  assert.deepEqual(answer.rows[0]?.output, { kind: 'json', json: -1 });
  assert.deepEqual(road.decisions.map(({ app, mode }) => [app, mode]), [['inner', 'default'], ['a', 'default']]);
  assert.equal(road.decisions[1]?.asked[0]?.missed, 'deadline_exceeded');
  x.answer();
  assert.equal(road.answers.length, 1);
  clean();
});

test('misses teach the inner app and the outer one, each for its own arm', () => {
  const { road, ask } = open({ arms: ['app:inner', 'z'], policy: 'weighted', policyOptions: { weights: { 'app:inner': 1 } } }, { policy: 'weighted', policyOptions: { weights: { y: 1 } } });
  ask();
  road.clock.advance(100_000);
  assert.deepEqual(road.taught.map(({ app, arms }) => [app, arms.map(({ arm, units }) => [arm, units])]), [['inner', [['y', 0]]], ['a', [['app:inner', 0]]]]);
});

test('an inner ensemble combines what has come by the outer deadline, and is one arm among others', () => {
  const { road, x, y, ask, clean } = open({}, { ensemble: { combine: 'mean' } });
  ask();
  x.answer();
  road.clock.advance(100_000);
  const [answer] = road.answers;
  assert.ok(answer?.ok && answer.source === 'ensemble' && answer.model === undefined);
  assert.deepEqual(answer.rows[0]?.output, { kind: 'value', value: 4 });
  assert.equal(road.decisions.find(({ app }) => app === 'inner')?.joint?.outputs[0], 4);
  y.answer();
  clean();
});

test('an app and a model answer together in an outer ensemble, a cascade and beside as a shadow', () => {
  const ensemble = open({ arms: ['app:inner', 'z'], ensemble: { combine: 'mean' } }, { arms: ['x'] });
  ensemble.ask();
  ensemble.x.answer();
  ensemble.z.answer();
  assert.ok(ensemble.road.answers[0]?.ok && ensemble.road.answers[0].source === 'ensemble' && ensemble.road.answers[0].missing === undefined);
  ensemble.clean();

  const shadow = open({ arms: ['z', 'app:inner'], shadow: ['app:inner'] }, { arms: ['x'] });
  shadow.ask();
  shadow.z.answer();
  assert.ok(shadow.road.answers[0]?.ok && shadow.road.answers[0].model === 'z');
  shadow.x.answer();
  assert.equal(shadow.road.meter.value('tradewind_shadow_total', { app: 'a', arm: 'app:inner', outcome: 'agreed' }), 1);
  shadow.clean();

  const cascade = open({ arms: ['z', 'app:inner'], cascade: { first: 'z', second: 'app:inner', below: 1 } }, { arms: ['x'] });
  cascade.ask(0, [4]);
  cascade.z.refuse('no');
  cascade.road.clock.settle();
  cascade.x.answer();
  assert.ok(cascade.road.answers[0]?.ok && cascade.road.answers[0].model === 'x');
  cascade.clean();
});

test('apps three deep answer like one, and each takes a decision', () => {
  const { road, x, ask, clean } = open({ arms: ['app:middle'] }, { arms: ['x'] }, [makeApp({ ...KEPT, name: 'middle', arms: ['app:inner'] })]);
  ask();
  x.answer();
  assert.ok(road.answers[0]?.ok && road.answers[0].model === 'x');
  assert.deepEqual(road.decisions.map(({ app }) => app), ['inner', 'middle', 'a']);
  assert.deepEqual(road.decisions.map(({ parent }, i) => (parent === undefined ? -1 : road.decisions.findIndex(({ id }) => Buffer.compare(id, parent) === 0) - i)), [1, 1, -1]);
  clean();
});

test('a caller that goes away takes everything back, also what has come inside', () => {
  for (const inner of [{ arms: ['x'] }, { ensemble: { combine: 'mean' as const } }]) {
    const { road, x, y, ask, clean } = open({}, inner);
    ask();
    if ('ensemble' in inner) x.answer();
    road.predict.cancel(0);
    const [asked] = ('ensemble' in inner ? y : x).sent;
    assert.deepEqual(asked?.cancelled, [0], 'the replica is told');
    road.clock.advance(200_000);
    ('ensemble' in inner ? y : x).answer();
    assert.equal(road.answers.length, 0);
    clean();
  }
});

test('an inner app without a replica is masked, and an arm again as soon as it has one', () => {
  const { road, z, ask, clean } = open({ arms: ['app:inner', 'z'] }, { arms: ['x'] });
  const [link] = road.directory.queue('x@1')?.replicas ?? [];
  assert.ok(link !== undefined);
  road.directory.gone('x@1', link);
  for (let slot = 0; slot < 5; slot++) {
    ask(slot);
    z.answer();
  }
  assert.ok(road.answers.length === 5 && road.answers.every((answer) => answer.ok && answer.model === 'z'));
  const x = road.replica('x@1', 'r2');
  for (let slot = 5; slot < 40; slot++) {
    ask(slot);
    (x.sent.length > 0 ? x : z).answer();
  }
  assert.ok(road.answers.some((answer) => answer.ok && answer.model === 'x'));
  clean();
});

test('rows come back each for itself: some answered, some not', () => {
  const { road, x, ask, clean } = open({}, { arms: ['x'] });
  ask(0, [1, 2, 3]);
  x.answer([1]);
  road.clock.advance(100_000);
  const [answer] = road.answers;
  assert.ok(answer?.ok && answer.source === 'default');
  assert.deepEqual(answer.rows.map(({ source }) => source), ['model', 'default', 'model']);
  assert.deepEqual(road.decisions[1]?.asked[0]?.outputs, [1, null, 3]);
  clean();
});
