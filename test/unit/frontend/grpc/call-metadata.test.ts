import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Metadata } from '@grpc/grpc-js';
import { headerOf, patienceOf, textHeader } from '../../../../frontend/grpc/call-metadata.ts';

test('metadata is read by name, the first where there are several; binary ones are no text', () => {
  const metadata = new Metadata();
  for (const [name, value] of [['a', '1'], ['b', '2'], ['a', '3']] as const) metadata.add(name, value);
  metadata.add('raw-bin', Buffer.from([1]));
  assert.deepEqual([headerOf(metadata, 'a'), headerOf(metadata, 'b'), headerOf(metadata, 'c'), headerOf(metadata, 'raw-bin')], ['1', '2', undefined, undefined]);
});

test('of HTTP/2 headers, text is printable ASCII under a name that is not binary', () => {
  const headers = { a: 'x y', b: 'caf\u00e9', 'c-bin': 'AAAA', d: '' };
  assert.deepEqual(['a', 'b', 'c-bin', 'd', 'e'].map((name) => textHeader(headers, name)), ['x y', undefined, undefined, '', undefined]);
});

test('without a deadline a caller waits for ever; behind one that is past, not at all', () => {
  assert.equal(patienceOf(Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY);
  assert.equal(patienceOf(new Date(0)), 0);
  const micros = patienceOf(Date.now() + 60_000);
  assert.ok(micros > 0 && micros <= 60_000_000);
});
