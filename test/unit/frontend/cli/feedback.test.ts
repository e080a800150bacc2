import assert from 'node:assert/strict';
import { test } from 'node:test';
import { feedbackCommand } from '../../../../frontend/cli/feedback.ts';
import { answeringBroker } from '../../../support/answering-broker.ts';
import { commandContext } from '../../../support/command-context.ts';

test('it says what became of the piece: counted, counted before, or credited to nobody', async (t) => {
  const verdicts = ['accepted', 'repeated', 'not_teachable'];
  const { url, asked } = await answeringBroker(t, () => ({ body: { verdict: verdicts[asked.length - 1] } }));
  const context = commandContext('/');
  for (const _ of verdicts) await feedbackCommand(context).parseAsync(['d1', '--reward', '0.5', '--url', url], { from: 'user' });
  assert.deepEqual(context.printed, ['Taken: it is durable.', 'It was taken before, and counts once.', 'It is kept, and credited to no arm: the query was pinned, or got a default.']);
  assert.equal(asked[0]?.body, '{"decision_id":"d1","reward":0.5}');
});
