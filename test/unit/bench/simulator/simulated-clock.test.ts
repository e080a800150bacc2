import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from '../../../../bench/simulator/simulated-clock.ts';

test('what is due runs at its own time and in order, with what it defers', () => {
  const clock = new SimulatedClock(100);
  const seen: string[] = [];
  clock.wakeAt(300, () => seen.push(`b ${clock.now()}`));
  clock.wakeAt(200, () => {
    seen.push(`a ${clock.now()}`);
    clock.defer(() => seen.push(`deferred ${clock.now()}`));
  });
  clock.advanceTo(1000);
  assert.deepEqual(seen, ['a 200', 'deferred 200', 'b 300']);
  assert.equal(clock.now(), 1000);
  assert.equal(clock.pending, 0);
});

test('an answer at the very deadline comes before the timer of that microsecond', () => {
  const clock = new SimulatedClock();
  const seen: string[] = [];
  clock.wakeAt(50, () => seen.push('deadline'));
  clock.happenAt(50, () => seen.push('answer'));
  clock.finish();
  assert.deepEqual(seen, ['answer', 'deadline']);
});

test('what was taken back does not run', () => {
  const clock = new SimulatedClock();
  const seen: string[] = [];
  clock.wakeAt(10, () => seen.push('wake'))();
  clock.happenAt(10, () => seen.push('world'))();
  assert.equal(clock.next, Infinity);
  clock.advanceTo(20);
  assert.deepEqual(seen, []);
});

test('after a jump everything that was due runs late, at once', () => {
  const clock = new SimulatedClock();
  const seen: number[] = [];
  clock.wakeAt(10, () => seen.push(clock.now()));
  clock.wakeAt(20, () => seen.push(clock.now()));
  clock.jump(500);
  clock.advanceTo(500);
  assert.deepEqual(seen, [500, 500]);
});

test('calls that defer for ever are found out', () => {
  const clock = new SimulatedClock();
  const again = (): void => clock.defer(again);
  again();
  assert.throws(() => clock.advanceTo(1), /still come/);
});
