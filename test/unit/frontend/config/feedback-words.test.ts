import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check } from '../../../../frontend/config/check.ts';
import { readFeedback, readJournal, writeFeedback, writeJournal } from '../../../../frontend/config/feedback-words.ts';
import { APP, type RawApp } from '../../../../frontend/config/options.ts';
import { plain } from '../../../../frontend/config/schema.ts';
import { DEFAULT_FEEDBACK, DEFAULT_JOURNAL, type FeedbackSpec, type JournalSpec } from '../../../../frontend/domain/model.ts';
import type { Fault } from '../../../../frontend/domain/fault.ts';

function read(more: object): { feedback: FeedbackSpec; journal: JournalSpec; faults: string[]; raw: RawApp } {
  const faults: Fault[] = [];
  const raw = check(plain(APP), { name: 'a', arms: ['m'], ...more }, [], faults) as RawApp;
  const feedback = readFeedback(raw.feedback, [], faults);
  const journal = readJournal(raw, [], faults);
  return { feedback, journal, faults: faults.map(({ path, message }) => `${path.join('.')} ${message}`), raw };
}

test('what is left out is the default', () => {
  const { feedback, journal, faults } = read({});
  assert.deepEqual([feedback, journal, faults], [DEFAULT_FEEDBACK, DEFAULT_JOURNAL, []]);
});

test('decisions are recorded where there is something to learn, or silence counts', () => {
  assert.equal(read({ arms: ['m', 'n'] }).journal.keep, true);
  assert.equal(read({ arms: ['m', 'n'], journal: { keep: false } }).journal.keep, false);
  assert.deepEqual([read({ feedback: { default_reward: 0 } }), read({ journal: { required: true } })].map(({ journal }) => [journal.keep, journal.required]), [[true, true], [true, true]]);
  assert.match(read({ journal: { keep: false, required: true } }).faults.join(), /journal\.keep is false beside required/u);
  assert.match(read({ feedback: { default_reward: 0 }, journal: { keep: false } }).faults.join(), /journal\.keep is false beside a default reward/u);
});

test('values have two ends, the lower one first', () => {
  assert.match(read({ feedback: { value_min: 0 } }).faults.join(), /one end of the values/u);
  assert.match(read({ feedback: { value_min: 3, value_max: 3 } }).faults.join(), /value_max is 3/u);
  assert.deepEqual(read({ feedback: { value_min: -1, value_max: 3, direction: 'lower' } }).feedback.value, { min: -1, max: 3, direction: 'lower' });
});

test('written and read again it is the same', () => {
  for (const more of [{}, { arms: ['m', 'n'], feedback: { aggregation: 'mean', window_s: 90.5, value_min: 0, value_max: 2, default_reward: 0.25, miss_reward: 'mask', label_scale: 3 }, journal: { max_age_hours: 2, max_bytes: 70_000 } }]) {
    const { feedback, journal } = read(more);
    const again = read({ ...more, feedback: writeFeedback(feedback), journal: writeJournal(journal) });
    assert.deepEqual([again.feedback, again.journal, again.faults], [feedback, journal, []]);
  }
  assert.deepEqual(writeFeedback(undefined).aggregation, 'first');
});
