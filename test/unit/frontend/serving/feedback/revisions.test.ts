import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppRevisions } from '../../../../../frontend/serving/feedback/revisions.ts';
import { appFingerprint } from '../../../../../frontend/serving/decisions/receipt.ts';
import { MemoryFeedbackStore } from '../../../../support/memory-feedback-store.ts';
import { makeApp } from '../../../../support/specs.ts';

test('a definition is stored once, and found by what stands in receipts, here and by the next broker', async () => {
  const store = new MemoryFeedbackStore();
  const revisions = new AppRevisions(store);
  const [before, after] = [makeApp(), makeApp({ arms: ['m', 'n'] })];
  await revisions.serve([before]);
  await revisions.serve([before, after]);
  assert.equal(store.revisions.length, 2);
  const next = new AppRevisions(store);
  const fingerprint = appFingerprint('a', JSON.stringify(after));
  assert.equal(next.find(fingerprint), undefined);
  await next.load();
  assert.deepEqual(next.find(fingerprint)?.arms, ['m', 'n']);
});

test('it is known here also where it could not be stored', async () => {
  const store = new MemoryFeedbackStore();
  store.trouble = 'full';
  const revisions = new AppRevisions(store);
  await assert.rejects(revisions.serve([makeApp()]), { name: 'StoreFault' });
  assert.equal(revisions.find(appFingerprint('a', JSON.stringify(makeApp())))?.app, 'a');
  await assert.rejects(revisions.load(), { name: 'StoreFault' });
});
