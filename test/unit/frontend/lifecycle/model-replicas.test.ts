import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LifePolicy } from '../../../../frontend/control/replica-life.ts';
import type { ModelSpec, Signature } from '../../../../frontend/domain/model.ts';
import { ModelReplicas } from '../../../../frontend/lifecycle/model-replicas.ts';
import { FakeRuntime } from '../../../support/fake-runtime.ts';
import { rogueSpec } from '../../../support/supervised.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

const policy: LifePolicy = {
  startTimeoutMicros: 1000, drainTimeoutMicros: 500, silenceMicros: 200, backoffFirstMicros: 100, backoffLastMicros: 800,
  loopDeaths: 3, loopWindowMicros: 10_000, healthyMicros: 5000,
};

function model(spec: ModelSpec) {
  const clock = new VirtualClock();
  const runtime = new FakeRuntime();
  const told: string[] = [];
  const gauges = new Map<string, number>();
  const names: string[] = [];
  const replicas: ModelReplicas = new ModelReplicas('rogue@1', spec, {
    livesOf: () => ({ runtime, policy }), clock, random: () => 1,
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    meter: {
      cell: (metric, labels = {}) => names.push(`${metric} ${labels['state'] ?? ''}`) - 1,
      add: (cell, by) => void gauges.set(names[cell] ?? '', (gauges.get(names[cell] ?? '') ?? 0) + by),
      set: (cell, value) => void gauges.set(names[cell] ?? '', value),
      observe: () => {}, forget: () => {},
    },
    onReady: (_, link) => {
      replicas.serves(link);
      told.push(`ready ${link.id}`);
    },
    onGone: (_, { id }, why) => void told.push(`gone ${id}: ${why}`),
    onCredit: (_, { id }) => void told.push(`credit ${id}`),
    onSlot: () => {},
    onEmpty: () => void told.push('empty'), onDied: () => {},
  });
  replicas.want(spec);
  return { replicas, runtime, told, gauges, clock };
}

test('what is wanted is started, counted by state, and drained when it is not', () => {
  const { replicas, runtime, told, gauges } = model(rogueSpec({}, { replicas: 2 }));
  const [first, second] = runtime.begun();
  first?.hello();
  assert.deepEqual([gauges.get('tradewind_replicas ready'), gauges.get('tradewind_replicas starting')], [1, 1]);
  assert.equal(replicas.isReady, true);
  const { key, desired, ready, signature } = replicas.status();
  assert.deepEqual([key, desired, ready, signature?.inputs[0]?.name], ['rogue@1', 2, 1, 'x']);
  replicas.want(undefined);
  assert.equal(first?.link.drained, true);
  assert.equal(second?.killed, 'no longer wanted');
  second?.end();
  first?.end();
  assert.deepEqual(told, ['ready rogue@1/1.1', 'gone rogue@1/1.1: draining', 'empty']);
  assert.equal(gauges.get('tradewind_replicas draining'), 0);
});

test('a death is counted, and the place filled again', () => {
  const { replicas, runtime, told, gauges } = model(rogueSpec());
  const [life] = runtime.begun();
  life?.hello();
  life?.end('killed by SIGKILL');
  assert.equal(gauges.get('tradewind_replica_deaths_total '), 1);
  assert.equal(gauges.get('tradewind_replicas backoff'), 1);
  assert.equal(replicas.isReady, false);
  assert.deepEqual(told, ['ready rogue@1/1.1', 'gone rogue@1/1.1: killed by SIGKILL']);
});

const other: Signature = { inputs: [{ name: 'x', dtype: 'float32', shape: [3] }], outputs: [] };

test('a sibling with another signature is refused; after a change of the spec, it replaces the old ones at once', () => {
  const spec = rogueSpec({}, { replicas: 2 });
  const { replicas, runtime, told } = model(spec);
  const [first, second] = runtime.begun();
  first?.hello();
  assert.equal(second?.hello(other), false);
  assert.match(second?.killed ?? '', /signature_mismatch/);
  second?.end();
  told.length = 0;
  replicas.want({ ...spec, path: '/other' });
  const [third] = runtime.begun();
  assert.equal(third?.hello(other), true);
  assert.deepEqual(told, ['gone rogue@1/1.1: draining', `ready ${third?.start.id}`]);
});

test('what replicas need not know changes without them; an address more is one replica more', () => {
  const { replicas, runtime } = model(rogueSpec({}, { container: { kind: 'dial', addresses: ['unix:/a'] } }));
  assert.deepEqual(runtime.begun().map(({ start }) => start.address), ['unix:/a']);
  replicas.want(rogueSpec({}, { container: { kind: 'dial', addresses: ['unix:/a', 'unix:/b'] }, sloMs: 7 }));
  assert.deepEqual(runtime.begun().map(({ start }) => start.address), ['unix:/b']);
  assert.equal(replicas.status().desired, 2);
});

test('a replica that is replaced serves until the other is ready; one that is to part first goes when one is too many', () => {
  const spec = rogueSpec({}, { replicas: 2 });
  const { replicas, runtime, told } = model(spec);
  for (const life of runtime.begun()) life.hello();
  assert.equal(replicas.replace(9), false);
  assert.equal(replicas.replace(1), true);
  told.length = 0;
  runtime.begun()[0]?.hello();
  assert.deepEqual(told, ['ready rogue@1/3.1', 'gone rogue@1/1.1: draining']);
  assert.equal(replicas.partFirst(9, true), false);
  assert.equal(replicas.partFirst(2, true), true);
  told.length = 0;
  replicas.want({ ...spec, replicas: 1 });
  assert.deepEqual(told, ['gone rogue@1/2.1: draining']);
});

test('a version in a crash loop is tried by one replica at a time, and all come back once that one is ready', () => {
  const { replicas, runtime, clock } = model(rogueSpec({}, { replicas: 3 }));
  // Each dies three times, which is a crash loop.
  for (let round = 0; round < 3; round++) {
    for (const life of runtime.begun()) life.end('exited with code 1');
    clock.advance(400);
  }
  assert.deepEqual(replicas.status().replicas.map(({ state }) => state), ['crash_loop', 'crash_loop', 'crash_loop']);
  assert.equal(replicas.failure, 'exited with code 1');
  const trials: number[] = [];
  for (let i = 0; i < 8; i++) {
    clock.advance(800);
    const begun = runtime.begun();
    trials.push(begun.length);
    for (const life of begun) life.end('exited with code 1');
  }
  assert.ok(trials.every((number) => number <= 1) && trials.includes(1), trials.join());
  replicas.want(rogueSpec({}, { replicas: 5 }));
  assert.equal(runtime.begun().length, 0, 'no more are started into a crash loop');
  let trial = runtime.begun()[0];
  while (trial === undefined) {
    clock.advance(100);
    trial = runtime.begun()[0];
  }
  assert.equal(replicas.failure, 'exited with code 1', 'also while one is on trial');
  assert.match(replicas.lastWords.join(), /^output of rogue@1\/\d+\.\d+$/u);
  trial.hello();
  assert.deepEqual([replicas.failure, replicas.lastWords], [undefined, []]);
  clock.advance(800);
  for (const life of runtime.begun()) life.hello();
  assert.deepEqual(replicas.status().replicas.map(({ state }) => state), ['ready', 'ready', 'ready', 'ready', 'ready']);
});
