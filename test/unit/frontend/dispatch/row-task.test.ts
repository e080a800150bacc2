import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missOf } from '../../../../frontend/dispatch/row-task.ts';

test('rows are told the reason, and words and time where there are any, but nothing else of what was let go', () => {
  const refused = { kind: 'refused', reason: 'queue_full', text: 'Inputs of too many different shapes are waiting.', retryAfterMs: 20 } as const;
  assert.deepEqual(missOf(refused), { reason: 'queue_full', text: refused.text, retryAfterMs: 20 });
  assert.deepEqual(missOf({ reason: 'infeasible' }), { reason: 'infeasible' });
});
