import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decision } from '../../../../../frontend/domain/decision.ts';
import type { StoreFault } from '../../../../../frontend/domain/feedback.ts';
import { FeedbackMeters } from '../../../../../frontend/serving/feedback/meters.ts';
import { Journal } from '../../../../../frontend/serving/feedback/journal.ts';
import { decodeDecision } from '../../../../../frontend/serving/decisions/decision-codec.ts';
import { openSqliteFeedback } from '../../../../../frontend/storage/sqlite/feedback.ts';
import { folderWith } from '../../../../support/config-files.ts';
import { decisionKey, storedApp } from '../../../../support/feedback-stores.ts';
import { MemoryFeedbackStore } from '../../../../support/memory-feedback-store.ts';
import { RecordingMeter } from '../../../../support/recording-meter.ts';
import { VirtualClock } from '../../../../support/virtual-clock.ts';

function make(): { journal: Journal; store: MemoryFeedbackStore; clock: VirtualClock; meter: RecordingMeter; faults: StoreFault[] } {
  const [store, clock, meter, faults] = [new MemoryFeedbackStore(), new VirtualClock(), new RecordingMeter(), [] as StoreFault[]];
  const specOf = (app: string) => (app === 'gone' ? undefined : { keep: app !== 'quiet', required: app === 'a', maxAgeMs: 1, maxBytes: 1 });
  const journal = new Journal({ store, clock, meters: new FeedbackMeters(meter), specOf, onStoreFault: (fault) => faults.push(fault) });
  return { journal, store, clock, meter, faults };
}

function decision(n: number, app = 'a'): Decision {
  return {
    ...decisionKey(n, 1000 + n), app, revision: new Uint8Array(8), policy: 'p', viewVersion: 1, arms: ['x'], pmf: [1], action: 0, propensity: 1, mode: 'policy', sloMs: 20, rows: 1,
    asked: [{ arm: 'x', version: 1, outputs: [n] }],
  };
}

test('what is kept is stored after the turn; apps without a journal keep nothing', async () => {
  const { journal, store, clock, meter } = make();
  assert.deepEqual(['a', 'a', 'quiet', 'gone'].map((app, n) => journal.record(decision(n, app))), ['kept', 'kept', 'none', 'none']);
  assert.equal(store.journal.length, 0);
  clock.settle();
  await journal.settled();
  assert.deepEqual(store.journal.map(({ record }) => decodeDecision('a', record)?.asked[0]?.outputs[0]), [0, 1]);
  assert.equal(meter.value('tradewind_journal_total', { app: 'a', outcome: 'kept' }), 2);
});

test('thousands of one turn are handed over in pieces, in their order', async () => {
  const { journal, store, clock } = make();
  for (let n = 0; n < 2_000; n++) assert.equal(journal.record(decision(n)), 'kept');
  clock.settle();
  await journal.settled();
  assert.deepEqual(store.journal.map(({ atEpochMs }) => atEpochMs), Array.from({ length: 2_000 }, (_, n) => 1000 + n));
});

test('decisions of thousands of rows that are together more than the store takes at once are all kept', async (t) => {
  const store = await openSqliteFeedback(folderWith(t));
  t.after(() => store.close());
  await store.serve([storedApp()]);
  const [clock, meter] = [new VirtualClock(), new RecordingMeter()];
  const journal = new Journal({ store, clock, meters: new FeedbackMeters(meter), specOf: () => ({ keep: true, required: true, maxAgeMs: 1, maxBytes: 1e9 }), onStoreFault: ({ message }) => assert.fail(message) });
  const outputs = Array.from({ length: 4096 }, (_, row) => row + 0.5);
  const asked = Array.from({ length: 12 }, (_, i) => ({ arm: `x${i}`, version: 1, outputs }));
  const large = Array.from({ length: 40 }, (_, n): Decision => ({ ...decision(n), rows: 4096, asked }));
  for (const one of large) assert.equal(journal.record(one), 'kept');
  clock.settle();
  await journal.settled();
  assert.equal(meter.value('tradewind_journal_total', { app: 'a', outcome: 'kept' }), 40);
  const [last] = await journal.decisions('a', large.slice(-1));
  assert.equal(decodeDecision('a', last ?? new Uint8Array())?.asked[11]?.outputs.length, 4096);
});

test('a store without room, or that fails, has what comes dropped, and said so before the answer', async () => {
  const { journal, store, clock, meter, faults } = make();
  store.room = 0;
  assert.deepEqual(['a', 'b'].map((app) => journal.refusal(app)), ['journal_full', undefined]);
  assert.equal(journal.record(decision(0)), 'dropped');
  store.room = 1000;
  assert.equal(journal.refusal('a'), undefined);
  store.trouble = 'full';
  assert.equal(journal.record(decision(1)), 'kept', 'nobody knows yet');
  clock.settle();
  await journal.settled();
  assert.deepEqual(faults.map(({ trouble }) => trouble), ['full']);
  assert.equal(journal.record(decision(2)), 'dropped');
  clock.settle();
  await journal.settled();
  store.trouble = undefined;
  assert.equal(journal.record(decision(3)), 'dropped', 'and this one finds out that the store is back');
  clock.settle();
  await journal.settled();
  assert.equal(journal.record(decision(4)), 'kept');
  clock.settle();
  await journal.settled();
  // Each of the five is counted once, as what became of its record.
  assert.deepEqual(['dropped', 'lost', 'kept'].map((outcome) => meter.value('tradewind_journal_total', { app: 'a', outcome })), [1, 2, 2]);
});

test('a decision that no record can be made of is lost alone: what came with it is kept, what comes next is taken, and the end is heard of', async () => {
  const { journal, store, clock, meter, faults } = make();
  // No integer of msgpack's.
  const unrecordable = { ...decision(1), context: { user: 2n ** 70n } };
  for (const one of [decision(0), unrecordable, decision(2)]) assert.equal(journal.record(one), 'kept');
  clock.settle();
  await journal.settled();
  assert.deepEqual(store.journal.map(({ atEpochMs }) => atEpochMs), [1000, 1002]);
  assert.equal(journal.record(decision(3)), 'kept', 'the store does not fail');
  clock.settle();
  await journal.settled();
  assert.deepEqual(['kept', 'lost'].map((outcome) => meter.value('tradewind_journal_total', { app: 'a', outcome })), [3, 1]);
  assert.deepEqual(faults.map(({ trouble, message }) => [trouble, /BigInt/u.test(message)]), [['failed', true]]);
});

test('records are read after those were handed over that were recorded before, however many', async () => {
  const { journal, store, clock } = make();
  for (let n = 0; n < 1_000; n++) journal.record(decision(n));
  const asked = journal.decisions('a', [decisionKey(999, 1999)]);
  let read = false;
  const done = asked.finally(() => { read = true; });
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(!read && store.journal.length === 0);
  clock.settle();
  assert.ok((await done)[0] !== undefined);
  assert.deepEqual(await journal.decisions('a', [decisionKey(1_000, 2_000)]), [undefined], 'nothing waits, and nobody is waited for');
});
