import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Launcher } from '../../../../../../frontend/lifecycle/runtimes/launcher/launcher.ts';
import { FakeChannels, FakeProcesses, SOME_ORDER } from '../../../../../support/fake-channel.ts';
import { VirtualClock } from '../../../../../support/virtual-clock.ts';

const PATIENCE_MICROS = 10_000_000;

function launcher() {
  const clock = new VirtualClock();
  const channels = new FakeChannels();
  const processes = new FakeProcesses();
  const told: string[] = [];
  const logged: string[] = [];
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: (_: object, message: string) => void logged.push(message) };
  const one = new Launcher({ open: channels.open, clock, log, calls: processes, patienceMs: PATIENCE_MICROS / 1000, onUnusable: (why) => told.push(`unusable: ${why}`), onGone: () => told.push('gone') });
  const [channel] = channels.opened;
  assert.ok(channel);
  const launch = (name: string): ReturnType<Launcher['launch']> =>
    one.launch(SOME_ORDER, { started: (pid) => told.push(`${name} started ${pid}`), ended: ({ message }) => told.push(`${name}: ${message}`) });
  return { clock, processes, told, logged, one, channel, launch };
}

test('orders are numbered, and each hears what is reported of it', () => {
  const { one, channel, launch, told, clock } = launcher();
  launch('a');
  launch('b');
  assert.deepEqual([one.pid, channel.orders], [1000, [{ ...SOME_ORDER, id: 1 }, { ...SOME_ORDER, id: 2 }]]);
  channel.report({ kind: 'started', id: 2, pid: 8 });
  channel.report({ kind: 'failed', id: 1, why: 'spawn EAGAIN' });
  channel.report({ kind: 'exited', id: 2, code: 0, signal: null });
  assert.deepEqual(told, ['b started 8', 'a: it could not be started: spawn EAGAIN', 'b: exited with code 0']);
  assert.equal(clock.pending, 0);
});

test('one that says nothing hangs: what it was asked for has not started, what runs is left alone, and then it is killed', () => {
  const { channel, launch, told, clock } = launcher();
  launch('runs');
  channel.report({ kind: 'started', id: 1, pid: 7 });
  clock.advance(3 * PATIENCE_MICROS);
  assert.equal(told.length, 1, 'nothing was asked of it meanwhile');
  launch('asked');
  clock.advance(PATIENCE_MICROS);
  assert.deepEqual(told.slice(1), ['unusable: it has not answered for 10000 ms', 'asked: it could not be started: the launcher has not answered for 10000 ms']);
  assert.deepEqual(channel.done, []);
  channel.report({ kind: 'exited', id: 1, code: 0, signal: null });
  assert.deepEqual([told.slice(3), channel.done, clock.pending], [['runs: exited with code 0'], ['killed'], 0]);
});

test('a long queue is no hang as long as it gets shorter', () => {
  const { channel, launch, told, clock } = launcher();
  for (const name of ['a', 'b', 'c']) launch(name);
  for (const id of [1, 2, 3]) {
    clock.advance(PATIENCE_MICROS - 1);
    channel.report({ kind: 'started', id, pid: 10 + id });
  }
  clock.advance(2 * PATIENCE_MICROS);
  assert.deepEqual(told, ['a started 11', 'b started 12', 'c started 13']);
});

test('its end is the end of all that it had started or was asked for', () => {
  const { channel, launch, told, clock, processes } = launcher();
  launch('runs');
  launch('asked');
  channel.report({ kind: 'started', id: 1, pid: 7 });
  processes.gone.add(7);
  channel.events.gone('it was killed by SIGKILL');
  clock.advance(1000);
  assert.deepEqual(told, ['runs started 7', 'unusable: it was killed by SIGKILL', 'asked: it could not be started: its launcher has ended (it was killed by SIGKILL)', 'gone', 'runs: killed with its launcher (it was killed by SIGKILL)']);
  assert.deepEqual([processes.killed, clock.pending], [[7], 0]);
});

test('its last words and what is no report are logged', () => {
  const { channel, logged } = launcher();
  channel.events.printed(Buffer.from('Error: out of'));
  channel.events.said({ kind: 'exited', id: 9, code: 0, signal: null });
  channel.events.gone('it exited with code 1');
  assert.deepEqual(logged, ['the launcher said what is no report of it', 'the launcher said: Error: out of']);
});

test('closed, it is asked to end, and killed where it does not', async () => {
  const { one, channel, told, clock } = launcher();
  const closed = one.close();
  assert.deepEqual(channel.done, ['disconnected']);
  clock.advance(1_000_000);
  assert.deepEqual(channel.done, ['disconnected', 'killed']);
  channel.events.gone('it was killed by SIGKILL');
  await closed;
  assert.deepEqual([told, clock.pending], [['gone'], 0]);
});
