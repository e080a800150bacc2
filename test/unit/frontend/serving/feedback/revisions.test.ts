import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppRevisions } from '../../../../../frontend/serving/feedback/revisions.ts';
import type { AppSpec } from '../../../../../frontend/domain/model.ts';
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

test('an app that changes without end is bounded: the oldest definitions go, those that are served stay', async () => {
  const store = new MemoryFeedbackStore();
  store.trouble = 'full';
  const revisions = new AppRevisions(store);
  const stays = makeApp({ name: 'stays' });
  const changed = (n: number): AppSpec => makeApp({ sloMs: n });
  for (let n = 1; n <= 5000; n++) await revisions.serve([stays, changed(n)]).catch(() => undefined);
  const known = (spec: AppSpec): boolean => revisions.find(appFingerprint(spec.name, JSON.stringify(spec))) !== undefined;
  assert.deepEqual([known(changed(1)), known(changed(4999)), known(changed(5000)), known(stays)], [false, true, true, true]);
});
