import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LifePolicy } from '../../../../frontend/control/replica-life.ts';
import { ReplicaSlot } from '../../../../frontend/lifecycle/replica-slot.ts';
import type { FakeLife } from '../../../support/fake-runtime.ts';
import { FakeRuntime } from '../../../support/fake-runtime.ts';
import { rogueSpec } from '../../../support/supervised.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

const policy: LifePolicy = {
  startTimeoutMicros: 1000, drainTimeoutMicros: 500, silenceMicros: 200, backoffFirstMicros: 100, backoffLastMicros: 800,
  loopDeaths: 2, loopWindowMicros: 10_000, healthyMicros: 5000,
};

function slot() {
  const clock = new VirtualClock();
  const runtime = new FakeRuntime();
  const told: string[] = [];
  const one = new ReplicaSlot({
    key: 'rogue@1', spec: rogueSpec(), ordinal: 4, generation: 1, runtime, policy, clock, random: () => 1,
    owner: {
      judge: () => undefined,
      announce: (_, link) => void told.push(`announce ${link.id}`),
      withdraw: (_, link, why) => void told.push(`withdraw ${link.id}: ${why}`),
      serves: (link) => void told.push(`serves ${link.id}`),
      credit: (link) => void told.push(`credit ${link.id}`),
      mourn: (_, { cause, reason }) => void told.push(`mourn: ${cause}: ${reason}`),
      mayTry: () => true,
      changed: ({ state }) => void told.push(state.kind),
    },
  });
  const life = (): FakeLife => {
    const [begun, ...more] = runtime.begun();
    assert.ok(begun && more.length === 0, 'one life at a time');
    return begun;
  };
  return { one, clock, told, life };
}

test('each life has a name of its own; the operator sees state, pid, reason, output and the next try', () => {
  const { one, clock, told, life } = slot();
  const first = life();
  assert.deepEqual(one.status(), { id: 'rogue@1/4.1', state: 'starting', stateForMs: 0, deaths: 0, output: ['output of rogue@1/4.1'], pid: 1 });
  first.end('exited with code 3');
  assert.deepEqual(one.status(), { id: 'rogue@1/4.1', state: 'backoff', stateForMs: 0, deaths: 1, output: ['output of rogue@1/4.1'], retryInMs: 0, reason: 'exited with code 3', lastDeath: { life: 'rogue@1/4.1', cause: 'exited', reason: 'exited with code 3', agoMs: 0, output: ['output of rogue@1/4.1'] } });
  clock.advance(100);
  const second = life();
  assert.equal(second.start.id, 'rogue@1/4.2');
  second.hello();
  second.watcher.credit(second.link);
  one.serves(first.link);
  one.serves(second.link);
  assert.deepEqual([one.status().state, one.status().reason, one.status().facts?.pid], ['ready', 'exited with code 3', 1]);
  assert.deepEqual([one.status().lastDeath?.life, one.status().lastDeath?.output], ['rogue@1/4.1', ['output of rogue@1/4.1']], 'what the one before said is kept');
  assert.deepEqual(told, ['mourn: exited: exited with code 3', 'backoff', 'starting', 'announce rogue@1/4.2', 'ready', 'credit rogue@1/4.2', 'serves rogue@1/4.2']);
  second.end('killed');
  assert.equal(one.status().state, 'crash_loop');
  one.drain();
  assert.equal(one.state.kind, 'stopped');
  assert.equal(clock.pending, 0);
});

test('a hang is believed of the present link only', () => {
  const { one, life, told } = slot();
  const { link, watcher, killed } = Object.assign(life(), {});
  assert.equal(killed, undefined);
  watcher.ready(link, { pid: 1, signature: link.signature, maxBatch: 1, about: {} });
  one.hung(Object.create(link) as typeof link, 'of another');
  assert.equal(one.state.kind, 'ready');
  one.hung(link, 'overdue');
  assert.equal(one.state.kind, 'ending');
  assert.deepEqual(told.slice(2), ['withdraw rogue@1/4.1: overdue', 'ending']);
});

test('a watchdog that falls silent ends the life; one that beats keeps it', () => {
  const { one, clock, life } = slot();
  const begun = life();
  begun.hello();
  for (let i = 0; i < 5; i++) {
    begun.watcher.heartbeat();
    clock.advance(150);
  }
  assert.equal(one.state.kind, 'ready');
  clock.advance(60);
  assert.match(begun.killed ?? '', /silent/);
});

test('silence counts from the last beat, to the microsecond, however many there were; those of another life are not heard', () => {
  const { one, clock, life, told } = slot();
  const begun = life();
  begun.hello();
  for (const after of [0, 10, 130, 1, 60, 40, 90, 3]) {
    clock.advance(after);
    begun.watcher.heartbeat();
  }
  clock.advance(199);
  assert.equal(one.state.kind, 'ready');
  clock.advance(1);
  assert.match(begun.killed ?? '', /its watchdog was silent/);
  begun.end();
  clock.advance(100);
  const next = life();
  next.hello();
  next.watcher.heartbeat();
  for (let i = 0; i < 4; i++) {
    clock.advance(45);
    begun.watcher.heartbeat();
  }
  clock.advance(20);
  assert.match(next.killed ?? '', /its watchdog was silent/);
  assert.equal(told.filter((word) => word.startsWith('withdraw')).length, 2);
});

test('a broker that stood still reads what came meanwhile before it takes a replica for silent', () => {
  const { one, clock, life } = slot();
  const begun = life();
  begun.hello();
  begun.watcher.heartbeat();
  clock.stall(20_000_000);
  assert.equal(one.state.kind, 'ready');
  begun.watcher.heartbeat();
  clock.advance(199);
  begun.watcher.heartbeat();
  clock.advance(199);
  assert.equal(one.state.kind, 'ready');
  clock.stall(20_000_000);
  clock.advance(999_999);
  assert.equal(one.state.kind, 'ready');
  clock.advance(1);
  assert.match(begun.killed ?? '', /silent/);
});

test('a beat that was heard before a drain does not prolong it', () => {
  const { one, clock, life } = slot();
  const begun = life();
  begun.hello();
  for (let i = 0; i < 3; i++) {
    begun.watcher.heartbeat();
    clock.advance(10);
  }
  one.drain();
  clock.advance(499);
  assert.equal(one.state.kind, 'draining');
  clock.advance(1);
  assert.equal(begun.killed, 'it did not drain in time');
  begun.end();
  assert.equal(clock.pending, 0);
});

test('who comes when it is no longer wanted is not taken', () => {
  const { one, life } = slot();
  const begun = life();
  one.drain();
  assert.equal(begun.killed, 'no longer wanted');
  assert.equal(begun.hello(), false);
  begun.end();
  assert.equal(one.state.kind, 'stopped');
});
