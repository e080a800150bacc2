import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatheredRow } from '../../../../../frontend/dispatch/gather.ts';
import { ANSWERED, NOTHING_GIVEN, outcomeOf } from '../../../../../frontend/serving/decisions/outcome.ts';

const GIVEN: GatheredRow = { source: 'model', output: { kind: 'label', label: 7 } };
const MISSED: GatheredRow = { reason: 'row_failed' };

test('every row answered, none, some: and what a caller gets who takes no defaults', () => {
  assert.equal(outcomeOf([GIVEN, GIVEN], { whole: false }), ANSWERED);
  assert.equal(outcomeOf([MISSED, undefined], { whole: false }), NOTHING_GIVEN);
  assert.deepEqual(outcomeOf([GIVEN, MISSED, undefined], { whole: false }), { mode: 'policy', defaults: [1, 2] });
  assert.equal(outcomeOf([GIVEN, MISSED], { whole: true }), NOTHING_GIVEN);
});

test('what the caller chose is that, whatever came of it', () => {
  for (const rows of [[GIVEN], [MISSED], [GIVEN, MISSED]]) assert.deepEqual(outcomeOf(rows, { isPinned: true, whole: false }), { mode: 'pinned' });
});
