import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closedLoop, openLoop } from '../../../../bench/load/loops.ts';

interface Sent { readonly sequence: number; readonly fromMicros: number }

function world(connections: number) {
  const sent: Sent[] = [];
  const late: number[] = [];
  const state = { now: 0, free: connections, waited: 0, finished: 0 };
  return {
    sent, late, state,
    ports: {
      now: () => state.now,
      send: (sequence: number, fromMicros: number): boolean => {
        if (state.free === 0) return false;
        state.free--;
        sent.push({ sequence, fromMicros });
        return true;
      },
      finished: () => { state.finished++; },
      late: (micros: number) => { late.push(micros); },
      waited: () => { state.waited++; },
      nap: (micros: number) => { state.now += micros; },
    },
  };
}

test('the closed loop fills every connection, then sends one for each that is freed, until its end', () => {
  const { sent, state, ports } = world(2);
  const loop = closedLoop({ endMicros: 100, requests: Infinity }, ports);
  loop.start();
  assert.deepEqual(sent.map(({ sequence }) => sequence), [0, 1]);
  state.now = 50;
  state.free = 1;
  loop.free();
  assert.deepEqual(sent.at(-1), { sequence: 2, fromMicros: 50 });
  state.now = 100;
  state.free = 1;
  loop.free();
  assert.equal(loop.sent, 3);
  assert.equal(state.finished, 1);
});

test('the closed loop stops at its number of requests and says so once', () => {
  const { state, ports } = world(10);
  const loop = closedLoop({ endMicros: Infinity, requests: 4 }, ports);
  loop.start();
  loop.free();
  assert.deepEqual([loop.sent, state.finished], [4, 1]);
});

test('the open loop sends what is due, each from its own moment, and measures how late it was', () => {
  const { sent, late, state, ports } = world(10);
  state.now = 35;
  const loop = openLoop({ endMicros: 31, requests: Infinity }, () => 10, ports);
  loop.start();
  assert.deepEqual(sent, [10, 20, 30].map((fromMicros, sequence) => ({ sequence, fromMicros })));
  assert.deepEqual(late, [25, 15, 5]);
  assert.equal(state.finished, 1);
});

test('what finds no connection waits in order, keeps its moment, and leaves even after the schedule is over', () => {
  const { sent, state, ports } = world(1);
  state.now = 100;
  const loop = openLoop({ endMicros: Infinity, requests: 3 }, () => 10, ports);
  loop.start();
  assert.deepEqual([sent.length, state.waited, loop.waiting, state.finished], [1, 2, 2, 1]);
  for (let i = 0; i < 2; i++) {
    state.free = 1;
    loop.free();
  }
  assert.deepEqual(sent, [10, 20, 30].map((fromMicros, sequence) => ({ sequence, fromMicros })));
  assert.deepEqual([loop.sent, loop.waiting, state.finished], [3, 0, 1]);
});

test('the last stretch before a moment is slept through, in short naps', async () => {
  const { sent, late, state, ports } = world(10);
  const naps: number[] = [];
  await new Promise<void>((resolve) => {
    const nap = (micros: number): void => {
      naps.push(micros);
      ports.nap(micros);
    };
    openLoop({ endMicros: Infinity, requests: 1 }, () => 1_000, { ...ports, nap, finished: resolve }).start();
  });
  assert.deepEqual([naps.length, Math.max(...naps), sent.length, late, state.now], [20, 50, 1, [0], 1_000]);
});
