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
  const runtime = new FakeRuntime();
  const told: string[] = [];
  const gauges = new Map<string, number>();
  const names: string[] = [];
  const replicas = new ModelReplicas('rogue@1', spec, {
    livesOf: () => ({ runtime, policy }), clock: new VirtualClock(), random: () => 1,
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    meter: {
      cell: (metric, labels = {}) => names.push(`${metric} ${labels['state'] ?? ''}`) - 1,
      add: (cell, by) => void gauges.set(names[cell] ?? '', (gauges.get(names[cell] ?? '') ?? 0) + by),
      set: (cell, value) => void gauges.set(names[cell] ?? '', value),
      observe: () => {}, forget: () => {},
    },
    onReady: (_, { id }) => void told.push(`ready ${id}`),
    onGone: (_, { id }, why) => void told.push(`gone ${id}: ${why}`),
    onCredit: (_, { id }) => void told.push(`credit ${id}`),
    onSlot: () => {},
    onEmpty: () => void told.push('empty'),
  });
  replicas.want(spec);
  return { replicas, runtime, told, gauges };
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
