import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorText } from '../../../../../frontend/rpc/oip/error-text.ts';

test('the error that the protocol has, or whatever came', () => {
  for (const [body, said] of [['{"error":"no: ä"}', 'no: ä'], ['{"error":{}}', '{"error":{}}'], ['null', 'null'], ['<html>', '<html>'], ['', '']] as const) assert.equal(errorText(Buffer.from(body)), said);
});

test('of a long one the beginning is looked at', () => {
  assert.equal(errorText(Buffer.from(`{"error":${'['.repeat(1_000_000)}`)).length, 64 * 1024);
});
