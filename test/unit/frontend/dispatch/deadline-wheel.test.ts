import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DeadlineWheel, type Timed } from '../../../../frontend/dispatch/deadline-wheel.ts';

interface Item extends Timed {
  readonly id: number;
}

function item(id: number, expiresAtMicros: number): Item {
  return { id, expiresAtMicros, wheelSlot: -1, wheelNext: undefined, wheelPrevious: undefined };
}

test('gives out what is due, and only that', () => {
  const wheel = new DeadlineWheel<Item>();
  wheel.add(item(1, 5_000), 0);
  wheel.add(item(2, 5_001), 0);
  wheel.add(item(3, 60_000_000), 0);
  assert.equal(wheel.next(), 5_000);
  const due: number[] = [];
  wheel.expire(5_000, (i) => due.push(i.id));
  assert.deepEqual(due, [1]);
  assert.equal(wheel.next(), 5_001);
  wheel.expire(6_000, (i) => due.push(i.id));
  assert.deepEqual(due, [1, 2]);
  assert.equal(wheel.next(), 60_000_000);
  wheel.expire(60_000_000, (i) => due.push(i.id));
  assert.deepEqual(due, [1, 2, 3]);
  assert.equal(wheel.next(), Number.POSITIVE_INFINITY);
});

test('an item that is removed while others expire is not given out', () => {
  const wheel = new DeadlineWheel<Item>();
  const items = [item(0, 100), item(1, 100), item(2, 100)];
  for (const i of items) wheel.add(i, 0);
  const due: number[] = [];
  wheel.expire(100, (i) => {
    due.push(i.id);
    for (const other of items) wheel.remove(other);
  });
  assert.equal(due.length, 1);
  assert.equal(wheel.size, 0);
});

test('what is added while others expire, and is due already, is given out with them', () => {
  const wheel = new DeadlineWheel<Item>();
  wheel.add(item(1, 50_000), 0);
  wheel.add(item(2, 90_000_000), 0);
  const due: number[] = [];
  wheel.expire(100_000, ({ id }) => {
    due.push(id);
    if (id === 1) for (const [late, at] of [[3, 60_000], [4, 2_000], [5, 100_001]] as const) wheel.add(item(late, at), 100_000);
  });
  assert.deepEqual(due, [1, 4, 3]);
  assert.equal(wheel.next(), 100_001);
});

test('agrees with a sorted list over random adds, removes and jumps of time', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('add' as const), in: fc.integer({ min: 0, max: 20_000_000 }) }),
    fc.record({ kind: fc.constant('remove' as const), pick: fc.nat() }),
    fc.record({ kind: fc.constant('advance' as const), by: fc.integer({ min: 0, max: 9_000_000 }) }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const wheel = new DeadlineWheel<Item>();
    let held: Item[] = [];
    let now = 1_000_000;
    let id = 0;
    for (const s of steps) {
      if (s.kind === 'add') {
        const added = item(id++, now + s.in);
        held.push(added);
        wheel.add(added, now);
      } else if (s.kind === 'remove') {
        const victim = held[s.pick % Math.max(1, held.length)];
        if (victim !== undefined) {
          wheel.remove(victim);
          held = held.filter((i) => i !== victim);
        }
      } else {
        now += s.by;
        const due: number[] = [];
        wheel.expire(now, (i) => due.push(i.id));
        assert.deepEqual(due.toSorted((a, b) => a - b), held.filter((i) => i.expiresAtMicros <= now).map((i) => i.id));
        held = held.filter((i) => i.expiresAtMicros > now);
      }
      assert.equal(wheel.size, held.length);
      assert.equal(wheel.next(), Math.min(Number.POSITIVE_INFINITY, ...held.map((i) => i.expiresAtMicros)));
    }
  }));
});
