import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RivalBatcher, type Choice, type Rival, type Waiting } from '../../../../../bench/simulator/rivals/rival-batcher.ts';
import { Gather } from '../../../../../frontend/dispatch/gather.ts';

const REPLICA = { id: '0', maxBatch: Infinity };

function gather(slot: number, deadlineAtMicros: number, arrivedAtMicros = 0): Gather {
  const query = { slot, app: 'a', arrivedAtMicros, sloMicros: deadlineAtMicros - arrivedAtMicros, deadlineAtMicros, rows: 1, many: false, columns: [], batchKey: 'x', explain: false };
  return new Gather(query, deadlineAtMicros, { read: () => 'none', onDone: () => undefined });
}

function rival(choose: (waiting: Waiting) => Choice, more: Partial<Rival> = {}): Rival {
  return { order: 'deadline', maxWaiting: 100, choose, observe: () => undefined, ...more };
}

function slots(slices: readonly { readonly task: { readonly query: { readonly slot: number } } }[]): number[] {
  return slices.map(({ task }) => task.query.slot);
}

test('tasks wait in order of deadline, or of arrival', () => {
  for (const [order, expected] of [['deadline', [2, 3, 1]], ['arrival', [1, 2, 3]]] as const) {
    const batcher = new RivalBatcher(rival((waiting) => ({ drop: 0, take: waiting.size }), { order }));
    batcher.offer(gather(1, 30));
    batcher.offer(gather(2, 10));
    batcher.offer(gather(3, 20));
    const next = batcher.next(0, REPLICA);
    assert.ok(next.kind === 'flush');
    assert.deepEqual(slots(next.batch.slices), expected);
    assert.equal(next.batch.deadlineAtMicros, 10);
    assert.equal(batcher.queuedRows, 0);
  }
});

test('what it lets go is settled as infeasible, before it waits or sends', () => {
  const choices: Choice[] = [{ drop: 1, until: 5 }, { drop: 1, take: 1 }];
  const batcher = new RivalBatcher(rival(() => choices.shift() ?? { drop: 0, take: 0 }));
  for (const slot of [1, 2, 3]) batcher.offer(gather(slot, 10 * slot));
  const waits = batcher.next(0, REPLICA);
  assert.ok(waits.kind === 'wait' && waits.until === 5);
  assert.deepEqual(slots(waits.settled.map(({ slice }) => slice)), [1]);
  const sends = batcher.next(5, REPLICA);
  assert.ok(sends.kind === 'flush');
  assert.deepEqual([slots(sends.settled.map(({ slice }) => slice)), slots(sends.batch.slices)], [[2], [3]]);
  assert.equal(batcher.next(6, REPLICA).kind, 'idle');
});

test('what it leaves to others stays, in order', () => {
  const choices: Choice[] = [{ drop: 1, skip: 2, take: 2 }];
  const batcher = new RivalBatcher(rival((waiting) => choices.shift() ?? { drop: 0, take: waiting.size }));
  for (const slot of [1, 2, 3, 4, 5, 6]) batcher.offer(gather(slot, 10 * slot));
  const first = batcher.next(0, REPLICA);
  assert.ok(first.kind === 'flush');
  assert.deepEqual([slots(first.settled.map(({ slice }) => slice)), slots(first.batch.slices), batcher.queuedRows], [[1], [4, 5], 3]);
  const rest = batcher.next(0, REPLICA);
  assert.ok(rest.kind === 'flush');
  assert.deepEqual(slots(rest.batch.slices), [2, 3, 6]);
});

test('what is cancelled leaves, unless the rule is deaf to its callers', () => {
  for (const deaf of [false, true]) {
    const batcher = new RivalBatcher(rival((waiting) => ({ drop: 0, take: waiting.size }), { deaf }));
    const [first, second] = [gather(1, 10), gather(2, 20)];
    batcher.offer(first);
    batcher.offer(second);
    assert.equal(batcher.cancel(second), deaf ? 0 : 1);
    assert.equal(batcher.queuedRows, deaf ? 2 : 1);
  }
});

test('a full queue refuses', () => {
  const batcher = new RivalBatcher(rival(() => ({ drop: 0, take: 0 }), { maxWaiting: 1 }));
  assert.equal(batcher.offer(gather(1, 10)).kind, 'admitted');
  assert.deepEqual(batcher.offer(gather(2, 10)), { kind: 'refused', reason: 'queue_full' });
});

test('a rule that waits for the past is a bug', () => {
  const batcher = new RivalBatcher(rival(() => ({ drop: 0, until: 3 })));
  batcher.offer(gather(1, 10));
  assert.throws(() => batcher.next(3, REPLICA), /waits until 3/);
});
