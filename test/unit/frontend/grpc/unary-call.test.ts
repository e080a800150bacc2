import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unaryCall } from '../../../support/unary-call-double.ts';

test('a call ends once: what comes later is dropped', () => {
  const { call, outcome } = unaryCall([1, 2], { headers: { 'tradewind-slo-ms': '5' } });
  assert.deepEqual([[...call.message], call.header('tradewind-slo-ms'), call.patienceMicros], [[1, 2], '5', Number.POSITIVE_INFINITY]);
  call.answer(Buffer.from([3]), [['a', 'b']]);
  call.fail({ code: 13, message: 'late' });
  assert.deepEqual([[...outcome.answer ?? []], outcome.code, outcome.trailers], [[3], undefined, { a: 'b' }]);
});

test('a caller that leaves is told while the call is open, and hears nothing', () => {
  const { call, outcome, leave } = unaryCall([]);
  let gone = 0;
  call.onGone(() => gone++);
  leave();
  leave();
  call.answer(Buffer.from([1]));
  assert.deepEqual([gone, outcome.answer], [1, undefined]);
  const answered = unaryCall([]);
  answered.call.onGone(() => gone++);
  answered.call.fail({ code: 5, message: 'no' }, [['x', 'y']]);
  answered.leave();
  assert.deepEqual([gone, answered.outcome.code, answered.outcome.message, answered.outcome.trailers], [1, 5, 'no', { x: 'y' }]);
});
