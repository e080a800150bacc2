import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decisionWords, type DecisionReply } from '../../../../frontend/dashboard/decision-words.ts';

const RECORD: DecisionReply['record'] = {
  policy: 'adaptive', slo_ms: 50, mode: 'policy', arms: ['mlp', 'cnn'], probabilities: [0.9, 0.1],
  asked: [{ arm: 'mlp', version: 3, outputs: [7, 1, 2, 3], }, { arm: 'cnn@stable', version: 1, outputs: [], missed: 'deadline_exceeded' }],
};
const REPLY: DecisionReply = { app: 'digits', at: '2026-11-21T10:00:00.123Z', mode: 'policy', propensity: 0.9, rows: 4, journal: 'kept', record: RECORD };

test('tells a decision whole', () => {
  assert.deepEqual(decisionWords(REPLY), [
    'A query of 4 rows for digits, 2026-11-21 10:00:00 UTC.',
    'The policy chose this action with a probability of 90 %; its reward counts by that.',
    'adaptive decided among mlp and cnn, within 50 ms. Its probabilities were mlp 90 % and cnn 10 %.',
    'mlp@3 answered 7, 1, 2 and 1 more.',
    'cnn@stable gave nothing: the deadline came while the model computed.',
  ]);
});

test('tells who chose where it was not the policy, and why there is no record', () => {
  assert.match(decisionWords({ ...REPLY, mode: 'pinned' })[1] ?? '', /named the arm itself/);
  assert.match(decisionWords({ ...REPLY, mode: 'default' })[1] ?? '', /default was given/);
  assert.match(decisionWords({ ...REPLY, record: null }).at(-1) ?? '', /not in the journal any more/);
  assert.match(decisionWords({ ...REPLY, record: null, journal: 'none' }).at(-1) ?? '', /keep: true/);
});
