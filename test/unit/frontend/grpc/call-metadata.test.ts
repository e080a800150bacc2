import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headerOf, metadataOf, patienceOf } from '../../../../frontend/grpc/call-metadata.ts';

test('metadata is read by name, the first where there are several; binary ones are no text', () => {
  const metadata = metadataOf([['a', '1'], ['b', '2']]);
  metadata.add('a', '3');
  metadata.add('raw-bin', Buffer.from([1]));
  assert.deepEqual([headerOf(metadata, 'a'), headerOf(metadata, 'b'), headerOf(metadata, 'c'), headerOf(metadata, 'raw-bin')], ['1', '2', undefined, undefined]);
});

test('without a deadline a caller waits for ever; behind one that is past, not at all', () => {
  assert.equal(patienceOf(Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY);
  assert.equal(patienceOf(new Date(0)), 0);
  const micros = patienceOf(Date.now() + 60_000);
  assert.ok(micros > 0 && micros <= 60_000_000);
});
