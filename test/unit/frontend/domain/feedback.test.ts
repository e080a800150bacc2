import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLAIM_SLACK_MS, StoreFault } from '../../../../frontend/domain/feedback.ts';

test('a fault of the store says what the trouble is', () => {
  const fault = new StoreFault('full', 'database or disk is full');
  assert.deepEqual([fault.name, fault.trouble, fault.message], ['StoreFault', 'full', 'database or disk is full']);
});

test('claims outlive the window by far more than a sweep waits', () => {
  assert.ok(CLAIM_SLACK_MS >= 10 * 120_000);
});
