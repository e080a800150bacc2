import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gather } from '../../../../../frontend/dispatch/gather.ts';
import { outputReader } from '../../../../../frontend/domain/output.ts';
import { compose, composeMiss, releaseRows } from '../../../../../frontend/serving/ensemble/compose.ts';
import { SlabArena } from '../../../../../frontend/runtime/slab-arena.ts';
import { partOf } from '../../../../support/fake-replica.ts';
import { makeQuery } from '../../../../support/queries.ts';
import { Road } from '../../../../support/road.ts';
import { makeApp, makeModel } from '../../../../support/specs.ts';

const HEAD = { slot: 3, latencyMicros: 5, decisionId: 'd' };

test('an error in place of a partial answer gives the tensors of the other rows back', () => {
  const slabs = new SlabArena();
  const road = new Road([makeModel()], []);
  const queue = road.directory.queue('m@1');
  assert.ok(queue);
  const query = makeQuery(slabs, { values: [1, 2] });
  const gather = new Gather(query, 0, { read: outputReader({ kind: 'raw' }, 'raw', slabs), onDone: () => undefined });
  gather.answered(0, partOf([1, 2]), 0);
  gather.missed(1, 1, { reason: 'batch_failed', retryAfterMs: 40 });
  const choice = { target: queue, arm: 'm', at: 0, action: 0, propensity: 1, pinned: false };
  const answer = compose(HEAD, makeApp({ onMiss: 'error', output: 'raw' }), { gather, choice, slabs });
  assert.deepEqual(answer, { ...HEAD, ok: false, failure: { code: 'batch_failed', message: 'The model failed on the batch.', retryAfterMs: 40 } });
  for (const column of query.columns) slabs.release(column.slab);
  assert.equal(slabs.usedSlabs, 0);
});

test('rows that are all answered are the answer; where some are not, those get the default and the first of them says why', () => {
  const slabs = new SlabArena();
  const queue = new Road([makeModel()], []).directory.queue('m@1');
  assert.ok(queue);
  const choice = { target: queue, arm: 'm', at: 0, action: 0, propensity: 1, pinned: false };
  const read = outputReader({ kind: 'value' }, 'value', slabs);
  const given = (value: number) => ({ source: 'model', output: { kind: 'value', value, dtype: 'float32' } });
  const whole = new Gather(makeQuery(slabs, { values: [1, 2] }), 0, { read, onDone: () => undefined });
  for (const row of [1, 0]) whole.answered(row, partOf([row]), 0);
  assert.deepEqual(compose(HEAD, makeApp({ output: 'value' }), { gather: whole, choice, slabs }), { ...HEAD, ok: true, source: 'model', model: 'm', version: 1, rows: [given(0), given(1)] });
  const some = new Gather(makeQuery(slabs, { values: [1, 2, 3] }), 0, { read, onDone: () => undefined });
  some.answered(1, partOf([7]), 0);
  some.missed(2, 1, { reason: 'batch_failed' });
  const answer = compose(HEAD, makeApp({ output: 'value', default: -1 }), { gather: some, choice, slabs });
  assert.ok(answer.ok && answer.source === 'default' && answer.model === 'm' && answer.reason === 'deadline_exceeded');
  const missed = (reason: string) => ({ source: 'default', output: { kind: 'json', json: -1 }, reason });
  assert.deepEqual(answer.rows, [missed('deadline_exceeded'), given(7), missed('batch_failed')]);
});

test('a miss without a model gives one default a row, or the error', () => {
  const answer = composeMiss(HEAD, makeApp({ default: { a: 1 } }), { miss: { reason: 'slo_unreachable', text: 'p99 is 9 ms' }, rows: 2 });
  assert.ok(answer.ok && answer.source === 'default' && answer.reason === 'slo_unreachable' && answer.reasonText === 'p99 is 9 ms');
  assert.deepEqual(answer.rows.map((row) => row.output), [{ kind: 'json', json: { a: 1 } }, { kind: 'json', json: { a: 1 } }]);
  const error = composeMiss(HEAD, makeApp({ onMiss: 'error' }), { miss: { reason: 'queue_full' }, rows: 1 });
  assert.ok(!error.ok && error.failure.code === 'queue_full');
});

test('rows without tensors have nothing to give back', () => {
  const slabs = new SlabArena();
  releaseRows([undefined, { source: 'model', output: { kind: 'value', value: 1 } }], slabs);
  assert.equal(slabs.usedSlabs, 0);
});
