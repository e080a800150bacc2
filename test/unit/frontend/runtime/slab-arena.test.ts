import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Slab } from '../../../../frontend/domain/query.ts';
import { SlabArena } from '../../../../frontend/runtime/slab-arena.ts';

const SLAB_BYTES = 256 * 1024;

/** Fills the slab that is being filled, and releases all of it: the next allocation begins a new one. */
function fill(arena: SlabArena): Slab {
  const first = arena.allocate(SLAB_BYTES / 4);
  const spans = [first];
  for (let i = 0; i < 3; i++) spans.push(arena.allocate(SLAB_BYTES / 4));
  for (const span of spans) arena.release(span.slab);
  return first.slab;
}

test('allocations lie one after another, aligned to 8', () => {
  const arena = new SlabArena();
  const spans = [1, 8, 13, 0, 100].map((bytes) => arena.allocate(bytes));
  assert.deepEqual(spans.map((span) => span.offset), [0, 8, 16, 32, 32]);
  assert.equal(new Set(spans.map((span) => span.slab)).size, 1);
});

test('a slab is used anew only when nobody is left', () => {
  const arena = new SlabArena();
  const held = arena.allocate(8);
  arena.retain(held.slab);
  fill(arena);
  arena.allocate(8);
  arena.release(held.slab);
  assert.equal(arena.usedSlabs > 0, true);
  for (let i = 0; i < 8; i++) assert.notEqual(fill(arena), held.slab, 'a slab in use was handed out');
  arena.release(held.slab);
  const seen = new Set<Slab>();
  for (let i = 0; i < 8; i++) seen.add(fill(arena));
  assert.equal(seen.has(held.slab), true, 'a free slab is not used anew');
});

test('memory that is large is its own, and used anew as far as the pool may keep it', () => {
  const arena = new SlabArena({ maxFreeBytes: SLAB_BYTES * 4 });
  const large = arena.allocate(SLAB_BYTES / 4 + 1);
  assert.equal(large.offset, 0);
  assert.equal(large.slab.bytes.length, SLAB_BYTES / 2);
  assert.equal(arena.usedSlabs, 1);
  arena.release(large.slab);
  assert.equal(arena.usedSlabs, 0);
  assert.throws(() => arena.retain(large.slab), RangeError);
  assert.equal(arena.allocate(SLAB_BYTES / 2).slab, large.slab);
  const whole = arena.allocate(SLAB_BYTES);
  assert.ok(whole.slab.bytes.length > SLAB_BYTES);
  const huge = [arena.allocate(SLAB_BYTES * 4), arena.allocate(SLAB_BYTES * 4)];
  for (const { slab } of huge) arena.release(slab);
  assert.equal(arena.allocate(SLAB_BYTES * 4).slab, huge[0]?.slab);
  assert.notEqual(arena.allocate(SLAB_BYTES * 4).slab, huge[1]?.slab);
});

test('trim gives back the tail of the last allocation, and of no other', () => {
  const arena = new SlabArena();
  const first = arena.allocate(100);
  const second = arena.allocate(100);
  arena.trim(first, 10);
  assert.equal(arena.allocate(8).offset, 208);
  const last = arena.allocate(1000);
  arena.trim(last, 9);
  assert.equal(arena.allocate(8).offset, last.offset + 16);
  assert.equal(second.offset, 104);
});

test('releasing once too often, or retaining what is free, is refused', () => {
  const arena = new SlabArena();
  const { slab } = arena.allocate(SLAB_BYTES);
  arena.release(slab);
  assert.throws(() => arena.release(slab), RangeError);
  assert.throws(() => arena.retain(slab), RangeError);
});

test('a checked arena poisons what is freed', () => {
  const arena = new SlabArena({ poison: true });
  const span = arena.allocate(SLAB_BYTES);
  span.slab.bytes.fill(1);
  arena.release(span.slab);
  assert.ok(span.slab.bytes.every((byte) => byte === 0xa5));
});

test('keeps no more free slabs than it may', () => {
  const arena = new SlabArena({ maxFreeBytes: SLAB_BYTES });
  const spans = Array.from({ length: 17 }, () => arena.allocate(SLAB_BYTES / 4));
  const slabs = new Set(spans.map((span) => span.slab));
  assert.equal(slabs.size, 5);
  for (const span of spans) arena.release(span.slab);
  assert.equal(arena.usedSlabs, 0);
  const again = new Set(Array.from({ length: 17 }, () => arena.allocate(SLAB_BYTES / 4).slab));
  // The one being filled, and the one that was kept.
  assert.equal([...again].filter((slab) => slabs.has(slab)).length, 2);
});
