import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerKind } from '../../../../bench/load/answer-kind.ts';

const kind = (status: number, body: object): object => answerKind(status, Buffer.from(JSON.stringify(body)));

test('answers are told apart by their source, defaults and errors by their reason', () => {
  assert.deepEqual(kind(200, { output: 1, source: 'model' }), { source: 'model', reason: '' });
  assert.deepEqual(kind(200, { output: 1, source: 'ensemble' }), { source: 'ensemble', reason: '' });
  assert.deepEqual(kind(200, { output: -1, source: 'default', reason: 'no_replica' }), { source: 'default', reason: 'no_replica' });
  assert.deepEqual(kind(503, { error: { code: 'queue_full', message: 'm' } }), { source: 'other', reason: 'queue_full' });
});

test('an answer of another server has no source', () => {
  assert.deepEqual(kind(200, { hello: 'world' }), { source: 'other', reason: '' });
  assert.deepEqual(answerKind(500, Buffer.from('<html>')), { source: 'other', reason: '' });
});

test('text inside a value is not taken for a key', () => {
  assert.deepEqual(kind(200, { output: '"source":"default"', source: 'model' }), { source: 'model', reason: '' });
});
