import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERRORS, type ErrorCode } from '../../../../../frontend/domain/errors.ts';
import { isOfTheArm } from '../../../../../frontend/serving/feedback/arm-miss.ts';

test('only misses speak of an arm, and not those of the input, the caller or the broker', () => {
  const codes = (Object.keys(ERRORS) as ErrorCode[]).filter(isOfTheArm);
  for (const code of codes) assert.ok(ERRORS[code].miss, code);
  for (const code of ['poison', 'overloaded', 'draining', 'no_replica', 'low_confidence', 'journal_full'] as const) assert.ok(!codes.includes(code), code);
  assert.ok(codes.includes('deadline_exceeded') && codes.includes('batch_failed'));
});
