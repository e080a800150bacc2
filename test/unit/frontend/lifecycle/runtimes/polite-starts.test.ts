import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReplicaEnd, ReplicaStart, ReplicaWatcher } from '../../../../../frontend/domain/runtime.ts';
import { PoliteStarts } from '../../../../../frontend/lifecycle/runtimes/polite-starts.ts';
import { FakeRuntime } from '../../../../support/fake-runtime.ts';
import { makeModel } from '../../../../support/specs.ts';

const watcher: ReplicaWatcher = {
  started: () => {}, judge: () => undefined, ready: () => {}, refused: () => {}, noted: () => {}, heartbeat: () => {}, watchdogLost: () => {}, ended: () => {}, credit: () => {}, closed: () => {},
};
const start = (id: string, nice?: number): ReplicaStart => ({ id, key: 'm@1', spec: makeModel(nice === undefined ? {} : { limits: { nice } }) });

function polite({ nice = 10, steps = true } = {}) {
  const done: string[] = [];
  const runtime = new FakeRuntime();
  const starts = new PoliteStarts(runtime, nice, {
    stepBack: (pid, to) => {
      if (steps) done.push(`${pid} back ${to}`);
      return steps;
    },
    stepUp: (pid) => void done.push(`${pid} up`),
    ended: (pid) => void done.push(`${pid} ended`),
  });
  return { done, runtime, starts };
}

test('a replica is nice until it is warm; one that ends before, or names a niceness of its own, is left alone', () => {
  const { done, runtime, starts } = polite();
  const ended: ReplicaEnd[] = [];
  starts.start(start('a'), { ...watcher, ended: (end) => void ended.push(end) });
  starts.start(start('b'), watcher);
  starts.start(start('c', 5), watcher);
  starts.warm('b');
  starts.warm('b');
  runtime.lives[0]?.end('exited');
  starts.warm('a');
  starts.warm('c');
  assert.deepEqual([done, ended.map(({ message }) => message)], [['1 back 10', '2 back 10', '2 up', '1 ended'], ['exited']]);
});

test('nothing is done where it is not asked for, or could not be taken back', () => {
  for (const { done, starts } of [polite({ nice: 0 }), polite({ steps: false })]) {
    starts.start(start('a'), watcher);
    starts.warm('a');
    assert.deepEqual(done, []);
  }
});
