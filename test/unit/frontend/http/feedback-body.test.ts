import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFeedbackBody } from '../../../../frontend/http/feedback-body.ts';

function refusal(body: unknown): string {
  try {
    readFeedbackBody(body, 3);
    return '';
  } catch (thrown) {
    const { code, path } = thrown as { code: string; path?: string };
    return path === undefined ? code : `${code} ${path}`;
  }
}

test('one, or an array of several', () => {
  assert.deepEqual(readFeedbackBody({ decision_id: 'd', reward: 1 }, 3), { items: [{ decisionId: 'd', reward: 1 }], many: false });
  assert.deepEqual(readFeedbackBody([{ decision_id: 'd', label: 'x', id: 'i' }], 3), { items: [{ decisionId: 'd', label: 'x', id: 'i' }], many: true });
  assert.deepEqual(readFeedbackBody({ decision_id: 'd', reward: null }, 3).items, [{ decisionId: 'd', reward: null }], 'what a reward is, is for the app to judge');
});

test('what has not the form is refused, with where', () => {
  const good = { decision_id: 'd', reward: 1 };
  const cases: [unknown, string][] = [
    [null, 'invalid_field'], ['d', 'invalid_field'], [[], 'invalid_field'], [[good, good, good, good], 'invalid_field'], [[good, []], 'invalid_field [1]'],
    [{ reward: 1 }, 'invalid_field decision_id'], [{ decision_id: 7, reward: 1 }, 'invalid_field decision_id'], [{ decision_id: 'd'.repeat(161), reward: 1 }, 'invalid_field decision_id'],
    [{ decision_id: 'd' }, 'invalid_field reward'], [{ ...good, value: 1 }, 'invalid_field reward'], [[good, { decision_id: 'd', label: 1, value: 1 }], 'invalid_field [1].label'],
    [{ ...good, id: '' }, 'invalid_field id'], [{ ...good, id: 'i'.repeat(129) }, 'invalid_field id'], [{ ...good, id: 3 }, 'invalid_field id'],
    [{ ...good, rewards: 1 }, 'unknown_field rewards'], [JSON.parse('{"decision_id":"d","reward":1,"__proto__":{}}'), 'unknown_field __proto__'],
  ];
  for (const [body, expected] of cases) assert.equal(refusal(body), expected, JSON.stringify(body));
});
