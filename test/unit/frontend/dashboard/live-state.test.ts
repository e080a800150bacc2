import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advance, begin } from '../../../../frontend/dashboard/live-state.ts';
import { appFigures, liveState, modelFigures } from '../../../support/dashboard-state.ts';

const STATE = liveState([appFigures('b'), appFigures('a10'), appFigures('a2')], [modelFigures('m@1')]);

test('names stand in the order in which people count', () => {
  assert.deepEqual([...STATE.apps.keys()], ['a2', 'a10', 'b']);
});

test('a tick changes what it says, and leaves the rest as it stood', () => {
  const trouble = { at: 1, level: 'error', subject: '', text: 'x', times: 1 } as const;
  const next = advance(STATE, { at: 2_000, broker: STATE.broker, apps: [appFigures('b', { goodPerSecond: 3 }), appFigures('aa')], models: [], troubles: [trouble], gone: { apps: ['a2'], models: ['m@1'] } });
  assert.deepEqual([...next.apps.keys()], ['a10', 'aa', 'b']);
  assert.equal(next.apps.get('b')?.goodPerSecond, 3);
  assert.equal(next.apps.get('a10'), STATE.apps.get('a10'));
  assert.deepEqual([next.models.size, next.troubles.length, next.at], [0, 1, 2_000]);
  const idle = advance(next, { at: 3_000, broker: STATE.broker, apps: [], models: [], gone: { apps: [], models: [] } });
  assert.deepEqual([idle.apps, idle.troubles], [next.apps, next.troubles]);
});

test('names of objects are names', () => {
  const { apps } = begin({ at: 1, broker: STATE.broker, apps: [appFigures('__proto__'), appFigures('constructor')], models: [], troubles: [] });
  assert.equal(apps.size, 2);
});
