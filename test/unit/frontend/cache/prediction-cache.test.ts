import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PredictionCache, type CacheEntry, type CacheScope } from '../../../../frontend/cache/prediction-cache.ts';
import { RowKey } from '../../../../frontend/cache/row-key.ts';
import type { AnswerRow } from '../../../../frontend/domain/answer.ts';
import type { Query } from '../../../../frontend/domain/query.ts';
import { SlabArena } from '../../../../frontend/runtime/slab-arena.ts';
import { usedBytes } from '../../../support/heap.ts';
import { makeQuery } from '../../../support/queries.ts';

const MIB = 1024 * 1024;
const SEED = [3, 4] as const;

function opened(more: { maxBytes?: number } = {}) {
  const slabs = new SlabArena();
  const cache = new PredictionCache<string>({ maxBytes: MIB, slabs, seed: SEED, ...more });
  return { slabs, cache, scope: cache.open('m@1') };
}
function row(value: number): AnswerRow {
  return { source: 'model', output: { kind: 'value', value } };
}
function valueOf(entry: CacheEntry<string> | undefined): unknown {
  return entry?.row?.output.kind === 'value' ? entry.row.output.value : undefined;
}
/** Asks, and keeps `answer` where nothing was found. */
function keep(cache: PredictionCache<string>, scope: CacheScope, of: { query: Query; row?: number; answer: AnswerRow; now?: number }): void {
  const at = of.row ?? 0;
  const now = of.now ?? 0;
  if (cache.find(scope, of.query, at, now) !== undefined) return;
  const entry = cache.reserve(scope, of.query, at, 'asked');
  if (entry !== undefined) cache.fill(entry, of.answer, now);
}

test('a row is found once it was filled; until then whoever asks learns who waits', () => {
  const { slabs, cache, scope } = opened();
  const query = makeQuery(slabs, { values: [1, 2] });
  assert.equal(cache.find(scope, query, 0, 0), undefined);
  const entry = cache.reserve(scope, query, 0, 'first');
  assert.ok(entry);
  assert.deepEqual([cache.find(scope, query, 0, 0)?.pending, cache.find(scope, query, 0, 0)?.row, cache.pending, cache.entries], ['first', undefined, 1, 0]);
  cache.fill(entry, row(5), 0);
  const found = cache.find(scope, makeQuery(slabs, { values: [9, 1] }), 1, 0);
  assert.deepEqual([valueOf(found), found?.pending, found?.row?.cached, cache.pending, cache.entries], [5, undefined, true, 0, 1]);
  assert.equal(cache.find(scope, query, 1, 0), undefined);
  assert.throws(() => cache.reserve(scope, query, 0, 'late'), RangeError);
});

test('rows of another version, signature or content are others', () => {
  const { slabs, cache, scope } = opened();
  const other = cache.open('m@2');
  const query = makeQuery(slabs);
  keep(cache, scope, { query, answer: row(1) });
  assert.equal(cache.find(other, query, 0, 0), undefined);
  assert.equal(cache.find(scope, { ...query, batchKey: 'x:int32[2]' }, 0, 0), undefined);
  assert.equal(cache.find(scope, makeQuery(slabs, { values: [1.0000001] }), 0, 0), undefined);
  assert.equal(valueOf(cache.find(scope, query, 0, 0)), 1);
});

test('rows whose hashes meet are told apart by their content', () => {
  const { slabs, cache, scope } = opened({ maxBytes: 16 * MIB });
  const key = new RowKey(SEED);
  const seen = new Map<number, number>();
  const pairs: [number, number][] = [];
  const query = makeQuery(slabs, { values: Array.from({ length: 8000 }, (_, i) => i) });
  const bits = new Int32Array(query.columns[0]?.slab.bytes.buffer ?? new ArrayBuffer(0), query.columns[0]?.offset, 16_000);
  for (let round = 0; round < 40 && pairs.length < 2; round++) {
    for (let at = 0; at < 8000; at++) bits[at * 2 + 1] = round;
    for (let at = 0; at < 8000; at++) {
      key.load(query, at);
      const hash = key.hash(scope.id);
      const before = seen.get(hash);
      if (before === undefined) seen.set(hash, round * 8000 + at);
      else pairs.push([before, round * 8000 + at]);
    }
  }
  assert.ok(pairs.length > 0, 'the seed gives rows whose hashes meet');
  const load = (number: number): number => {
    for (let at = 0; at < 8000; at++) bits[at * 2 + 1] = Math.floor(number / 8000);
    return number % 8000;
  };
  for (const [a, b] of pairs) for (const number of [a, b]) keep(cache, scope, { query, row: load(number), answer: row(number) });
  for (const [a, b] of pairs) for (const number of [b, a]) assert.equal(valueOf(cache.find(scope, query, load(number), 0)), number);
  for (const [a, b] of pairs) {
    const first = cache.find(scope, query, load(a), 0);
    assert.ok(first);
    cache.drop(first);
    assert.deepEqual([cache.find(scope, query, load(a), 0), valueOf(cache.find(scope, query, load(b), 0))], [undefined, b]);
  }
});

test('a row lapses when its time is over, and its bytes come back', () => {
  const { slabs, cache } = opened();
  const scope = cache.open('m@1', 1000);
  const empty = cache.bytes;
  const query = makeQuery(slabs);
  keep(cache, scope, { query, answer: row(1), now: 500 });
  assert.equal(valueOf(cache.find(scope, query, 0, 1499)), 1);
  assert.equal(cache.find(scope, query, 0, 1500), undefined);
  assert.deepEqual([cache.bytes, cache.entries, scope.entries, scope.bytes], [empty, 0, 0, 0]);
});

test('a row that failed is forgotten, and can be asked for again', () => {
  const { slabs, cache, scope } = opened();
  const empty = cache.bytes;
  const query = makeQuery(slabs);
  cache.find(scope, query, 0, 0);
  const entry = cache.reserve(scope, query, 0, 'first');
  assert.ok(entry);
  cache.drop(entry);
  cache.drop(entry);
  cache.fill(entry, row(1), 0);
  assert.deepEqual([cache.find(scope, query, 0, 0), cache.bytes, cache.pending], [undefined, empty, 0]);
  keep(cache, scope, { query, answer: row(2) });
  assert.equal(valueOf(cache.find(scope, query, 0, 0)), 2);
});

test('a version that is gone takes its rows with it at once, and what is on its way is not kept', () => {
  const { slabs, cache, scope } = opened();
  const other = cache.open('m@2');
  const query = makeQuery(slabs, { values: [1, 2, 3] });
  for (const at of [0, 1]) keep(cache, scope, { query, row: at, answer: row(at) });
  keep(cache, other, { query, answer: row(9) });
  const { bytes } = other;
  cache.find(scope, query, 2, 0);
  const late = cache.reserve(scope, query, 2, 'late');
  assert.ok(late);
  cache.close(scope);
  cache.fill(late, row(3), 0);
  assert.deepEqual([cache.entries, cache.pending, scope.entries, scope.bytes, other.bytes], [1, 0, 0, 0, bytes]);
  assert.deepEqual([...cache.scopes()], [other]);
  assert.equal(cache.find(scope, query, 0, 0), undefined);
  assert.equal(cache.reserve(scope, query, 0, 'again'), undefined);
});

test('clearing drops what is kept, of one model where one is named, and leaves what is on its way', () => {
  const { slabs, cache, scope } = opened();
  const other = cache.open('other@1');
  const query = makeQuery(slabs, { values: [1, 2] });
  keep(cache, scope, { query, answer: row(1) });
  keep(cache, other, { query, answer: row(2) });
  cache.find(scope, query, 1, 0);
  const onItsWay = cache.reserve(scope, query, 1, 'waits');
  assert.ok(onItsWay);
  assert.equal(cache.clear('other@1'), 1);
  assert.deepEqual([cache.entries, cache.clear(), cache.entries, cache.pending], [1, 1, 0, 1]);
  cache.fill(onItsWay, row(3), 0);
  assert.equal(valueOf(cache.find(scope, query, 1, 0)), 3);
});

test('what is too large is not kept, and what is on its way has a bound of its own', () => {
  const { slabs, cache, scope } = opened({ maxBytes: 64 * 1024 });
  const big = makeQuery(slabs, { columns: [{ name: 'x', dtype: 'uint8', shape: [9000], ...slabs.allocate(9000), strideBytes: 9000, rowBytes: 9000 }] });
  cache.find(scope, big, 0, 0);
  assert.equal(cache.reserve(scope, big, 0, 'big'), undefined);
  const small = makeQuery(slabs, { values: Array.from({ length: 100 }, (_, i) => i) });
  let reserved = 0;
  for (let at = 0; at < 100; at++) {
    cache.find(scope, small, at, 0);
    if (cache.reserve(scope, small, at, 'waits') !== undefined) reserved++;
  }
  assert.ok(reserved > 10 && reserved < 100 && cache.bytes <= cache.maxBytes, `${reserved} reserved, ${cache.bytes} bytes`);
  const answer: AnswerRow = { source: 'model', output: { kind: 'label', label: 'x'.repeat(9000) } };
  const entry = cache.find(scope, small, 0, 0);
  assert.ok(entry);
  cache.fill(entry, answer, 0);
  assert.equal(cache.find(scope, small, 0, 0), undefined);
});

test('bytes stay below the bound, and the bound is one of real memory: heap and buffers grow by 0.8 to 1.1 of it', () => {
  for (const [width, answerOf] of [[2, row], [64, (i: number): AnswerRow => ({ source: 'model', output: { kind: 'label', label: `class ${i}` }, confidence: i / 1e6 })]] as const) {
    const slabs = new SlabArena({ maxFreeBytes: MIB });
    const asked = makeQuery(slabs);
    const before = usedBytes();
    const cache = new PredictionCache<string>({ maxBytes: 16 * MIB, slabs, seed: SEED });
    const scope = cache.open('m@1');
    let evicted = false;
    for (let i = 0; i < 30_000; i++) {
      const { slab, offset } = slabs.allocate(width * 4);
      new Float32Array(slab.bytes.buffer, offset, width).fill(i);
      const query = { ...asked, columns: [{ name: 'x', dtype: 'float32' as const, shape: [width], slab, offset, strideBytes: width * 4, rowBytes: width * 4 }] };
      keep(cache, scope, { query, answer: answerOf(i) });
      slabs.release(slab);
      evicted ||= cache.evictions > 0;
      assert.ok(cache.bytes <= cache.maxBytes);
    }
    const grown = usedBytes() - before;
    const ratio = grown / cache.bytes;
    assert.ok(evicted && cache.bytes > 0.99 * cache.maxBytes);
    assert.ok(ratio > 0.8 && ratio < 1.1, `${width} floats: ${grown} bytes of memory for ${cache.bytes} counted`);
    cache.close(scope);
  }
});
