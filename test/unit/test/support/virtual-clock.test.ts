import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../../support/virtual-clock.ts';

test('wakes at their own times, in order, and deferred calls before time goes on', () => {
  const clock = new VirtualClock(100);
  const ran: string[] = [];
  clock.wakeAt(300, () => ran.push(`late@${clock.now()}`));
  clock.wakeAt(200, () => {
    ran.push(`early@${clock.now()}`);
    clock.defer(() => ran.push(`deferred@${clock.now()}`));
    clock.wakeAt(250, () => ran.push(`between@${clock.now()}`));
  });
  clock.advance(199);
  assert.equal(clock.now(), 299);
  assert.deepEqual(ran, ['early@200', 'deferred@200', 'between@250']);
  clock.advance(1);
  assert.deepEqual(ran.at(-1), 'late@300');
  assert.equal(clock.pending, 0);
});

test('a wake in the past comes with the next advance, at the present time', () => {
  const clock = new VirtualClock(1_000);
  let at = 0;
  clock.wakeAt(5, () => { at = clock.now(); });
  assert.equal(at, 0);
  clock.advance(0);
  assert.equal(at, 1_000);
});

test('a wake taken back does not come', () => {
  const clock = new VirtualClock();
  const takeBack = clock.wakeAt(10, () => assert.fail('it came'));
  takeBack();
  clock.advance(20);
  assert.equal(clock.pending, 0);
  assert.equal(clock.nextWake, Number.POSITIVE_INFINITY);
});

test('a wake can take back another that is due at the same time', () => {
  const clock = new VirtualClock();
  const takeBack: (() => void)[] = [];
  clock.wakeAt(10, () => takeBack[0]?.());
  takeBack.push(clock.wakeAt(10, () => assert.fail('it came')));
  clock.advance(10);
});

test('settle runs what is deferred without time going on, and ends a loop that would not', () => {
  const clock = new VirtualClock(7);
  let ran = 0;
  clock.defer(() => clock.defer(() => ran++));
  clock.settle();
  assert.deepEqual([ran, clock.now()], [1, 7]);
  const again = (): void => clock.defer(again);
  again();
  assert.throws(() => clock.settle(), /still come/);
});

test('time does not go back', () => {
  assert.throws(() => new VirtualClock().advance(-1), RangeError);
});
