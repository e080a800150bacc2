import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from '../../../../frontend/domain/answer.ts';
import { answerRouter, OpenCalls } from '../../../../frontend/protocols/open-calls.ts';
import { SlabArena } from '../../../../frontend/runtime/slab-arena.ts';

const refused = (slot: number): Answer => ({ slot, latencyMicros: 1, ok: false, failure: { code: 'no_replica', message: 'none' } });

test('slots begin where the native ones end, are bounded, and used anew; each answer goes where it is waited for', () => {
  const calls = new OpenCalls({ first: 10, most: 2, slabs: new SlabArena(), onFault: (fault) => assert.fail(String(fault)) });
  const heard: string[] = [];
  const caller = (name: string) => ({ answered: ({ slot }: Answer) => heard.push(`${name} ${slot}`) });
  assert.deepEqual([calls.begin(caller('a')), calls.begin(caller('b')), calls.begin(caller('c'))], [10, 11, undefined]);
  const router = answerRouter({ answer: ({ slot }) => heard.push(`native ${slot}`) }, calls);
  router.answer(refused(11));
  router.answer(refused(3));
  assert.equal(calls.begin(caller('d')), 11);
  calls.letGo(10);
  calls.letGo(10);
  assert.equal(calls.open, 1);
  assert.throws(() => router.answer(refused(10)), /nobody waits/);
  router.answer(refused(11));
  assert.deepEqual(heard, ['b 11', 'native 3', 'd 11']);
  assert.equal(calls.open, 0);
});

test('tensors are given back once the answer is written, also where writing it failed', () => {
  const slabs = new SlabArena();
  const faults: unknown[] = [];
  const calls = new OpenCalls({ first: 0, most: 1, slabs, onFault: (fault) => faults.push(fault) });
  const seen: boolean[] = [];
  const slot = calls.begin({ answered: (answer) => {
    seen.push(answer.ok);
    if (answer.ok) throw new Error('broken');
  } }) ?? -1;
  const { slab, offset } = slabs.allocate(8);
  calls.answer({ slot, latencyMicros: 1, ok: true, source: 'model', rows: [{ source: 'model', output: { kind: 'tensors', tensors: [{ name: 'x', dtype: 'int8', shape: [8], slab, offset, lengthBytes: 8 }] } }] });
  assert.deepEqual([seen, faults.length, slabs.usedSlabs], [[true, false], 1, 0]);
});
