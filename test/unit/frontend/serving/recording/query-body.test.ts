import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tensorJson } from '../../../../../frontend/http/tensor-json.ts';
import { SlabArena } from '../../../../../frontend/runtime/slab-arena.ts';
import { queryBody, type TensorText } from '../../../../../frontend/serving/recording/query-body.ts';
import { makeQuery } from '../../../../support/queries.ts';

const slabs = new SlabArena({ poison: true });
const text: TensorText = (tensor) => tensorJson({ ...tensor, name: '' });
const none = new Set<string>();

test('a query becomes the body that asks the same', () => {
  const one = makeQuery(slabs, { values: [0.1], sloMicros: 20_000 });
  assert.equal(queryBody(one, none, text), '{"input":{"x":[0.1,0]},"slo_ms":20}');
  const many = makeQuery(slabs, { values: [1, 2], many: true, context: { user: 'ann' } });
  assert.equal(queryBody(many, none, text), '{"inputs":[{"x":[1,0]},{"x":[2,0]}],"context":{"user":"ann"},"slo_ms":100}');
});

test('what is to be redacted is left out: keys of the context, inputs, and the whole where no input is left', () => {
  const query = makeQuery(slabs, { context: { user: 'ann', tier: 2 } });
  assert.equal(queryBody(query, new Set(['user']), text), '{"input":{"x":[1,0]},"context":{"tier":2},"slo_ms":100}');
  assert.equal(queryBody(query, new Set(['user', 'tier']), text), '{"input":{"x":[1,0]},"slo_ms":100}');
  assert.equal(queryBody(query, new Set(['x']), text), undefined);
});

test('a number that JSON cannot say makes a query none to record', () => {
  assert.equal(queryBody(makeQuery(slabs, { values: [Number.NaN] }), none, text), undefined);
});

test('rows that differ in size are read where they lie', () => {
  const bytes = Buffer.from([2, 0, 0, 0, 0x68, 0x69, 1, 0, 0, 0, 0x21]);
  const query = makeQuery(slabs, {
    rows: 2, many: true,
    columns: [{ name: 't', dtype: 'bytes', shape: [], slab: { index: 0, bytes }, offset: 0, strideBytes: 0, rowBytes: 0, spans: { offsets: [0, 6], lengths: [6, 5] } }],
  });
  assert.equal(queryBody(query, none, text), '{"inputs":[{"t":"hi"},{"t":"!"}],"slo_ms":100}');
});
