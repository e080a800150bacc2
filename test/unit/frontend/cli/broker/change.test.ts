import assert from 'node:assert/strict';
import { test } from 'node:test';
import { change, changeText, diffText } from '../../../../../frontend/cli/broker/change.ts';
import { answeringBroker } from '../../../../support/answering-broker.ts';
import { commandContext } from '../../../../support/command-context.ts';

const NONE = { added: [], changed: [], removed: [] };
const DIFF = { models: { added: ['m@2'], changed: [], removed: ['m@1'] }, labels: NONE, apps: { ...NONE, changed: ['a'] } };

test('a diff has a line for each name', () => {
  assert.equal(diffText(DIFF, true), 'Would change:\n+ model m@2\n- model m@1\n~ app a');
  assert.equal(diffText({ models: NONE }, false), 'Nothing changes.');
});

test('a change is asked for, dry where it is to be, and shown', async (t) => {
  const { url, asked } = await answeringBroker(t, () => ({ body: { revision: 2, dry_run: true, diff: DIFF } }));
  const context = commandContext('/');
  await change({ url, dryRun: true }, context, ['PUT', '/admin/x', { n: 1 }]);
  await change({ url, json: true }, context, ['DELETE', '/admin/x']);
  assert.deepEqual(asked.map(({ method, path, body }) => [method, path, body]), [['PUT', '/admin/x?dry_run=true', '{"n":1}'], ['DELETE', '/admin/x', '']]);
  assert.match(context.printed[0] ?? '', /^Would change:/u);
  assert.equal((JSON.parse(context.printed[1] ?? '') as { revision: number }).revision, 2);
});

test('what the file or a source says anew is said at once, with who says it', () => {
  const held = [{ name: 'label m@stable', by: 'file' }, { name: 'model m@2', by: 'file' }, { name: 'rule s', by: '/models' }];
  assert.deepEqual(changeText({ revision: 1, dry_run: false, diff: DIFF, held }).split('\n').slice(4), [
    'The configuration file holds label m@stable, model m@2: what it says counts again at the next start and apply, so say it there, too.',
    'The source /models holds rule s: what it says counts again at the next start and apply, so say it there, too.',
  ]);
});
