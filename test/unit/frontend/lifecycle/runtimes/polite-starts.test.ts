import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { getPriority } from 'node:os';
import { test } from 'node:test';
import type { ReplicaEnd, ReplicaStart, ReplicaWatcher } from '../../../../../frontend/domain/runtime.ts';
import { PRIORITY_CALLS, PoliteStarts, type PriorityCalls } from '../../../../../frontend/lifecycle/runtimes/polite-starts.ts';
import { FakeRuntime } from '../../../../support/fake-runtime.ts';
import { makeModel } from '../../../../support/specs.ts';

const watcher: ReplicaWatcher = {
  judge: () => undefined, ready: () => {}, refused: () => {}, noted: () => {}, heartbeat: () => {}, watchdogLost: () => {}, ended: () => {}, credit: () => {}, closed: () => {},
};
const start = (id: string, nice?: number): ReplicaStart => ({ id, key: 'm@1', spec: makeModel(nice === undefined ? {} : { limits: { nice } }) });

function polite(more: Partial<PriorityCalls> = {}, nice = 10) {
  const set: string[] = [];
  const runtime = new FakeRuntime();
  const starts = new PoliteStarts(runtime, nice, { canRestore: () => true, ownNice: () => 2, setNice: (pid, to) => void set.push(`${pid} ${to}`), ...more });
  return { set, runtime, starts };
}

test('a replica is nice until it is warm; one that ends before, or names a niceness of its own, is left alone', () => {
  const { set, runtime, starts } = polite();
  const ended: ReplicaEnd[] = [];
  starts.start(start('a'), { ...watcher, ended: (end) => void ended.push(end) });
  starts.start(start('b'), watcher);
  starts.start(start('c', 5), watcher);
  starts.warm('b');
  starts.warm('b');
  runtime.lives[0]?.end('exited');
  starts.warm('a');
  starts.warm('c');
  assert.deepEqual([set, ended.map(({ message }) => message)], [['1 10', '2 10', '2 2'], ['exited']]);
});

test('nothing is done where it could not be taken back, or is not asked for; a process that is gone is no fault', () => {
  for (const { set, starts } of [polite({ canRestore: () => false }), polite({}, 0), polite({}, 2)]) {
    starts.start(start('a'), watcher);
    starts.warm('a');
    assert.deepEqual(set, []);
  }
  const gone = polite({ setNice: () => { throw new Error('ESRCH'); } });
  gone.starts.start(start('a'), watcher);
  gone.starts.warm('a');
});

test('the operating system does what is asked, thread by thread', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  PRIORITY_CALLS.setNice(pid, PRIORITY_CALLS.ownNice() + 3);
  assert.equal(getPriority(pid), PRIORITY_CALLS.ownNice() + 3);
  assert.equal(typeof PRIORITY_CALLS.canRestore(), 'boolean');
  child.kill('SIGKILL');
  await once(child, 'exit');
});
