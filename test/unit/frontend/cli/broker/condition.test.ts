import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BrokerCalls } from '../../../../../frontend/cli/broker/call.ts';
import { conditionOf, findingText } from '../../../../../frontend/cli/broker/condition.ts';
import type { Snapshot, Trouble } from '../../../../../frontend/dashboard/snapshot.ts';
import { appFigures, liveState, modelFigures } from '../../../../support/dashboard-state.ts';

const MINUTE = 60_000;

function callsThatSay(body: Snapshot | object, status = 200): Pick<BrokerCalls, 'send'> {
  return { send: async () => ({ status, etag: undefined, body }) };
}

function trouble(agoMs: number, text: string): Trouble {
  return { at: 100 * MINUTE - agoMs, level: 'warning', subject: 'm@1', text, times: 1 };
}

test('the command line finds wrong what the dashboard does, and shows what was not long ago', async () => {
  const troubles = [trouble(1_000, 'died'), ...Array.from({ length: 9 }, (_, i) => trouble(2_000 + i, `${i}`)), trouble(16 * MINUTE, 'long ago')];
  const app = appFigures('a', { answersPerSecond: 100, goodPerSecond: 0, misses: [{ source: 'default', reason: 'no_replica', perSecond: 100 }] });
  const { found, troubles: last } = await conditionOf(callsThatSay({ at: 100 * MINUTE, broker: liveState([], []).broker, apps: [app], models: [modelFigures('m@1', { replicas: {}, deaths: 3, trouble: 'exited with \u001B[31mcode 3' })], troubles }));
  assert.deepEqual(found.map(({ severity, subject }) => `${severity} ${subject}`), ['bad a', 'bad m@1']);
  assert.deepEqual(last.map(({ text }) => text), ['died', '0', '1', '2', '3']);
  assert.equal(last[0]?.agoMs, 1_000);
  assert.equal(findingText(found[1] ?? { text: '', why: '' }), 'no replica is ready: none was started yet. Why: exited with code 3.');
  const old = await conditionOf(callsThatSay({ at: 100 * MINUTE, broker: liveState([], []).broker, apps: [], models: [], troubles: [trouble(16 * MINUTE, 'long ago')] }));
  assert.deepEqual([old.found, old.troubles], [[], []]);
});

test('an older broker that cannot say it is no failure, one that will not say it is', async () => {
  assert.deepEqual(await conditionOf(callsThatSay({ error: { code: 'unknown_route', message: '' } }, 404)), { found: [], troubles: [] });
  await assert.rejects(conditionOf(callsThatSay({ error: { code: 'unauthenticated', message: 'who?' } }, 401)), /unauthenticated/u);
});
