import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from '../../../../frontend/domain/answer.ts';
import { answerFacts, factHeaders } from '../../../../frontend/protocols/answer-facts.ts';

const answer: Answer = { slot: 1, latencyMicros: 5, decisionId: 'd', ok: true, source: 'model', model: 'm', version: 3, rows: [{ source: 'model', output: { kind: 'label', label: 1 }, confidence: 0.5 }] };

test('what is said beside outputs has the words of the native API, and those with a prefix as headers', () => {
  assert.deepEqual(answerFacts(answer), { decision_id: 'd', source: 'model', model: 'm', version: 3, confidence: 0.5 });
  assert.deepEqual(factHeaders(answer), [['tradewind-decision-id', 'd'], ['tradewind-source', 'model'], ['tradewind-model', 'm'], ['tradewind-version', '3'], ['tradewind-confidence', '0.5']]);
});

test('rows that differ have no common confidence; a failure has its decision at most', () => {
  const [row] = answer.rows;
  assert.ok(row !== undefined);
  assert.equal(answerFacts({ ...answer, rows: [row, { ...row, confidence: 0.6 }] }).confidence, undefined);
  assert.equal(answerFacts({ ...answer, rows: [row, row] }).confidence, 0.5);
  assert.deepEqual(answerFacts({ slot: 1, latencyMicros: 5, decisionId: 'd', ok: false, failure: { code: 'no_replica', message: '' } }), { decision_id: 'd' });
});
