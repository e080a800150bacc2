import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify from 'fastify';
import { ERRORS } from '../../../../frontend/domain/errors.ts';
import type { FeedbackItem, FeedbackVerdict } from '../../../../frontend/domain/feedback.ts';
import { feedbackPlugin } from '../../../../frontend/http/feedback.ts';
import { refusalOf } from '../../../../frontend/http/thrown.ts';

/** A door whose use case says of each item what its decision id says. */
async function door(verdicts: Readonly<Record<string, FeedbackVerdict>>) {
  const given: FeedbackItem[][] = [];
  const fastify = Fastify();
  fastify.setErrorHandler((error, _request, reply) => {
    const refusal = refusalOf(error);
    return reply.status(ERRORS[refusal.code].http).send(refusal);
  });
  const port = { give: async (items: readonly FeedbackItem[]) => {
    given.push([...items]);
    return items.map(({ decisionId }) => verdicts[decisionId] ?? { kind: 'accepted' as const });
  } };
  await fastify.register(feedbackPlugin({ port, maxItems: 3 }).register);
  const post = async (payload: string): Promise<{ status: number; body: Record<string, unknown> }> => {
    const reply = await fastify.inject({ method: 'POST', url: '/v1/feedback', payload, headers: { 'content-type': 'application/json' } });
    return { status: reply.statusCode, body: reply.json() };
  };
  return { post, given };
}

const item = (decision_id: string): object => ({ decision_id, reward: 1 });

test('one: 202, 200 where it was counted before, or the refusal', async () => {
  const { post, given } = await door({ again: { kind: 'repeated' }, pinned: { kind: 'not_teachable' }, late: { kind: 'refused', code: 'feedback_late' }, bad: { kind: 'refused', code: 'invalid_reward', message: 'No.', path: 'reward' } });
  assert.deepEqual(await post(JSON.stringify(item('new'))), { status: 202, body: { verdict: 'accepted' } });
  assert.deepEqual(await post(JSON.stringify(item('again'))), { status: 200, body: { verdict: 'repeated' } });
  assert.deepEqual(await post(JSON.stringify(item('pinned'))), { status: 202, body: { verdict: 'not_teachable' } });
  assert.deepEqual(await post(JSON.stringify(item('late'))), { status: 410, body: { code: 'feedback_late', message: ERRORS.feedback_late.message } });
  assert.deepEqual(await post(JSON.stringify(item('bad'))), { status: 422, body: { code: 'invalid_reward', message: 'No.', path: 'reward' } });
  assert.deepEqual(given[0], [{ decisionId: 'new', reward: 1 }]);
});

test('an array: 202, 207 where some were refused, one reason for all as the answer', async () => {
  const { post } = await door({ again: { kind: 'repeated' }, late: { kind: 'refused', code: 'feedback_late' }, late2: { kind: 'refused', code: 'feedback_late', message: 'Too late.' } });
  assert.deepEqual(await post(JSON.stringify(['new', 'again'].map(item))), { status: 202, body: { results: [{ verdict: 'accepted' }, { verdict: 'repeated' }] } });
  const mixed = await post(JSON.stringify(['new', 'late'].map(item)));
  assert.equal(mixed.status, 207);
  assert.deepEqual(mixed.body['results'], [{ verdict: 'accepted' }, { verdict: 'refused', error: { code: 'feedback_late', message: ERRORS.feedback_late.message, retryable: false } }]);
  const all = await post(JSON.stringify(['late', 'late2'].map(item)));
  assert.deepEqual([all.status, all.body['code'], (all.body['details'] as unknown[]).length], [410, 'feedback_late', 2]);
});

test('what is no feedback never reaches the use case', async () => {
  const { post, given } = await door({});
  for (const [payload, status] of [['{"decision_id":', 400], ['', 400], ['[]', 400], [JSON.stringify([1, 2, 3, 4].map(() => item('d'))), 400], ['{"decision_id":"d","reward":NaN}', 400]] as const) {
    assert.equal((await post(payload)).status, status, payload);
  }
  assert.deepEqual(given, []);
});
