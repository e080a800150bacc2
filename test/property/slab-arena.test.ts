import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SlabSpan } from '../../frontend/domain/slabs.ts';
import { SlabArena } from '../../frontend/runtime/slab-arena.ts';
import { SEED, seeded } from '../support/random.ts';

const POISON = 0xa5;

interface Held {
  readonly span: SlabSpan;
  readonly mark: number;
  bytes: number;
  users: number;
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('allocate' as const), bytes: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 70_000 })) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('trim' as const), keep: fc.double({ min: 0, max: 1, noNaN: true }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('retain' as const), pick: fc.nat() }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('release' as const), pick: fc.nat() }) },
);

function pick(held: readonly Held[], at: number): Held | undefined {
  return held.length === 0 ? undefined : held[at % held.length];
}

/** Every holder still sees the bytes that it wrote: nothing overlaps, and no slab in use was used anew or poisoned. */
function check(held: readonly Held[]): void {
  for (const { span, bytes, mark } of held) {
    const seen = span.slab.bytes.subarray(span.offset, span.offset + bytes);
    assert.equal(seen.length, bytes);
    assert.ok(Buffer.alloc(bytes, mark).equals(seen), `allocation ${mark} at ${span.slab.index}:${span.offset}+${bytes} was overwritten`);
  }
}

test(seeded('random allocate, retain, release and trim: nothing overlaps, nothing in use is used anew, all comes back'), () => {
  fc.assert(fc.property(fc.array(step, { minLength: 20, maxLength: 150 }), (steps) => {
    const arena = new SlabArena({ poison: true, maxFreeBytes: 512 * 1024 });
    const held: Held[] = [];
    let marks = 0;
    let last: Held | undefined;
    for (const todo of steps) {
      if (todo.kind === 'allocate') {
        const span = arena.allocate(todo.bytes);
        marks = (marks + 1) % POISON;
        last = { span, bytes: todo.bytes, mark: marks, users: 1 };
        span.slab.bytes.fill(marks, span.offset, span.offset + todo.bytes);
        held.push(last);
      } else if (todo.kind === 'trim' && last !== undefined && last.users > 0) {
        last.bytes = Math.floor(last.bytes * todo.keep);
        arena.trim(last.span, last.bytes);
      } else if (todo.kind === 'retain') {
        const one = pick(held, todo.pick);
        if (one === undefined) continue;
        arena.retain(one.span.slab);
        one.users++;
      } else if (todo.kind === 'release') {
        const one = pick(held, todo.pick);
        if (one === undefined) continue;
        arena.release(one.span.slab);
        if (--one.users === 0) held.splice(held.indexOf(one), 1);
      }
      check(held);
    }
    for (const one of held) for (; one.users > 0; one.users--) arena.release(one.span.slab);
    assert.equal(arena.usedSlabs, 0);
  }), { seed: SEED, numRuns: 50 });
});
