import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { random } from '../../../../bench/load/random.ts';
import { MAX_SHARED_BATCH_BYTES, SHARED_BYTES, SharedMemory } from '../../../../frontend/rpc/shared-memory.ts';
import { SEED, seeded } from '../../../support/random.ts';
import { noSharedMemory } from '../../../support/shared-memory.ts';

const PAGE = 4096;

function create(): SharedMemory {
  const memory = SharedMemory.create();
  assert.ok(memory);
  return memory;
}

test('what is written is read through the path that is offered, behind the token; after the close there is no path', { skip: noSharedMemory }, () => {
  const memory = create();
  const { path, bytes, token } = memory.offer;
  assert.equal(memory.write([Buffer.from('ab'), Buffer.alloc(0), Buffer.from('c')], PAGE), true);
  const all = readFileSync(path);
  assert.deepEqual([all.length, all.subarray(0, token.length).toString(), all.subarray(PAGE, PAGE + 3).toString()], [bytes, token, 'abc']);
  memory.close();
  memory.close();
  assert.throws(() => readFileSync(path));
  assert.deepEqual([memory.take(1), memory.write([Buffer.alloc(1)], PAGE)], [undefined, false]);
});

test('more pieces than the kernel takes at once lie one behind another all the same', { skip: noSharedMemory }, () => {
  const memory = create();
  const pieces = Array.from({ length: 2500 }, (_, i) => Buffer.from([i & 255, i >> 8]));
  assert.equal(memory.write(pieces, PAGE), true);
  assert.ok(readFileSync(memory.offer.path).subarray(PAGE, PAGE + 5000).equals(Buffer.concat(pieces)));
  memory.close();
});

test('there is room for so much, and for no batch that is too large', { skip: noSharedMemory }, () => {
  const memory = create();
  assert.equal(memory.take(MAX_SHARED_BATCH_BYTES + 1), undefined);
  const places = Array.from({ length: SHARED_BYTES / MAX_SHARED_BATCH_BYTES }, () => memory.take(MAX_SHARED_BATCH_BYTES));
  assert.deepEqual(places, places.map((_, i) => PAGE + i * MAX_SHARED_BATCH_BYTES));
  assert.equal(memory.take(1), undefined);
  memory.give(places[1] ?? 0);
  memory.give(places[1] ?? 0);
  assert.equal(memory.take(MAX_SHARED_BATCH_BYTES), places[1]);
  memory.close();
});

test(seeded('places of batches under way never touch, and the first one is used again'), { skip: noSharedMemory }, () => {
  const next = random(SEED);
  const memory = create();
  const held = new Map<number, number>();
  let refused = 0;
  for (let step = 0; step < 5000; step++) {
    if (held.size > 0 && next() < 0.48) {
      const starts = [...held.keys()];
      const start = starts[Math.floor(next() * starts.length)] as number;
      held.delete(start);
      memory.give(start);
      continue;
    }
    const bytes = 1 + Math.floor(next() ** 3 * MAX_SHARED_BATCH_BYTES);
    const start = memory.take(bytes);
    if (start === undefined) {
      refused++;
      continue;
    }
    assert.ok(start >= PAGE && start % PAGE === 0 && start + bytes <= memory.offer.bytes, `${bytes} bytes at ${start}`);
    for (const [other, size] of held) assert.ok(start + bytes <= other || other + size <= start, `${start} to ${start + bytes} and ${other} to ${other + size}`);
    held.set(start, bytes);
  }
  assert.ok(refused > 0, 'it was full at times');
  for (const start of held.keys()) memory.give(start);
  assert.equal(memory.take(5), PAGE);
  memory.close();
});
