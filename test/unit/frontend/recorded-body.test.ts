import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRecordedBody } from '../../../frontend/recorded-body.ts';
import { SlabArena } from '../../../frontend/runtime/slab-arena.ts';

test('a recorded body is read as the door reads it, and refused in its words', () => {
  const slabs = new SlabArena({ poison: true });
  const inputs = [{ name: 'x', dtype: 'float32' as const, shape: [2] }];
  const body = parseRecordedBody('{"inputs":[[1,2],[3,4]],"slo_ms":5,"context":{"user":"ann"}}', inputs, slabs);
  assert.ok(typeof body !== 'string');
  assert.deepEqual([body.rows, body.many], [2, true]);
  for (const { slab } of body.columns) slabs.release(slab);
  const refusal = parseRecordedBody('{"input":[1]}', inputs, slabs);
  assert.ok(typeof refusal === 'string' && refusal.startsWith('input: '));
  assert.equal(slabs.usedSlabs, 0);
});
