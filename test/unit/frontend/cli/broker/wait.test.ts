import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitForReplicas } from '../../../../../frontend/cli/broker/wait.ts';
import { answeringBroker } from '../../../../support/answering-broker.ts';
import { commandContext } from '../../../../support/command-context.ts';

test('it looks until so many are ready and no others are left', async (t) => {
  const looks = [{ ready: 1, replicas: [1, 2] }, { ready: 2, replicas: [1, 2, 3] }, { ready: 2, replicas: [1, 2] }];
  const { calls, asked } = await answeringBroker(t, () => ({ body: { status: looks.shift() } }));
  await waitForReplicas(calls, { path: '/x', replicas: 2, waitMs: 10_000 }, commandContext('/'));
  assert.equal(asked.length, 3);
});

test('replicas that die again and again are not waited for to the end', async (t) => {
  const looks = [{ ready: 1, replicas: [{ state: 'ready' }, { state: 'starting' }] }, { ready: 1, replicas: [{ state: 'ready', reason: 'an older death' }, { state: 'crash_loop', reason: 'exited with code 3', output: ['no numpy'] }] }];
  const { calls, asked } = await answeringBroker(t, () => ({ body: { status: looks.shift() } }));
  await assert.rejects(waitForReplicas(calls, { path: '/x', replicas: 1, waitMs: 60_000 }, commandContext('/')), { exitCode: 4, message: /^its replicas die again and again, .*: crash_loop, exited with code 3\n {4}no numpy$/u });
  assert.equal(asked.length, 2);
});

test('what takes too long is said, with why the last one died', async (t) => {
  const { calls } = await answeringBroker(t, () => ({ body: { status: { ready: 0, replicas: [{ state: 'backoff', reason: 'exited with code 3', output: ['no numpy\u001B[2J'] }] } } }));
  await assert.rejects(waitForReplicas(calls, { path: '/x', replicas: 1, waitMs: 1000 }, commandContext('/')), { exitCode: 4, message: /^0 of 1 replicas are ready after 1000 ms: backoff, exited with code 3\n {4}no numpy$/u });
});
