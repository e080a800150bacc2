import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreFault } from '../../../../../frontend/domain/feedback.ts';
import type { AdminSelection } from '../../../../../frontend/http/admin/selection.ts';
import { AdminDoor, type Reply } from '../../../../support/admin-door.ts';
import { NO_SELECTION } from '../../../../support/fake-selection.ts';

function opened(selection: Partial<AdminSelection> = {}): (method: 'GET' | 'DELETE', url: string) => Promise<Reply> {
  const door = AdminDoor.open({ deps: { selection: { ...NO_SELECTION, ...selection } } });
  return async (method, url) => (await door).call(method, url);
}

test('it shows how an app chooses, in the words of admin', async () => {
  const arm = { arm: 'm', version: 1, replicas: 1, open: true, share: 1, probabilityBest: 0.5 };
  const call = opened({ view: (app) => (app === 'a' ? { policy: 'adaptive', contextual: false, view: 7, steering: { pin: 'm' }, arms: [arm] } : undefined) });
  const { probabilityBest: best, ...rest } = arm;
  assert.deepEqual((await call('GET', '/admin/apps/a/selection')).body, { app: 'a', policy: 'adaptive', contextual: false, view: 7, steering: { pin: 'm' }, arms: [{ ...rest, probability_best: best }] });
  assert.deepEqual((await call('GET', '/admin/apps/b/selection')).body['code'], 'unknown_app');
});

test('what was learned is forgotten on demand; a store that cannot is said', async () => {
  assert.deepEqual((await opened({ reset: async () => true })('DELETE', '/admin/apps/a/selection/cells')).body, { app: 'a', reset: true });
  assert.equal((await opened()('DELETE', '/admin/apps/a/selection/cells')).status, 404);
  const broken = opened({ reset: () => Promise.reject(new StoreFault('locked', 'locked')) });
  assert.deepEqual((await broken('DELETE', '/admin/apps/a/selection/cells')).status, 503);
});

test('one value of the context key is shown and forgotten, and stands in no path', async () => {
  const arm = { arm: 'm', version: 1, replicas: 1, open: true, share: 1, probabilityBest: 1 };
  const asked: string[] = [];
  const call = opened({
    keyView: async (app, value) => {
      asked.push(`${app} ${value}`);
      return app === 'a' ? { policy: 'adaptive', contextual: false, view: 3, steering: {}, arms: [arm], keyStrength: 20 } : undefined;
    },
    forgetKey: async (app, value) => asked.push(`forget ${app} ${value}`) > 0 && app === 'a',
  });
  const shown = await call('GET', '/admin/apps/a/selection/key?value=ann%20b');
  assert.deepEqual([shown.status, shown.body['view'], shown.body['key_strength']], [200, 3, 20]);
  assert.deepEqual((await call('DELETE', '/admin/apps/a/selection/key?value=ann')).body, { app: 'a', forgotten: true });
  assert.deepEqual([(await call('GET', '/admin/apps/b/selection/key?value=x')).status, (await call('DELETE', '/admin/apps/b/selection/key?value=x')).status], [404, 404]);
  for (const query of ['', '?value=', '?value=a&value=b', '?other=1']) assert.equal((await call('GET', `/admin/apps/a/selection/key${query}`)).status, 400, query);
  assert.deepEqual(asked, ['a ann b', 'forget a ann', 'b x', 'forget b x']);
});

test('a decision is explained by its receipt, and by its record where there is one', async () => {
  const receipt = { action: 0, propensity: 0.25, atEpochMs: 0, journal: 'kept', pinned: false, rows: 1, context: Uint8Array.of(1, 2) };
  const decision = { policy: 'adaptive', viewVersion: 3, arms: ['m'], pmf: [1], mode: 'policy', sloMs: 20, asked: [{ arm: 'm', version: 1, outputs: [7] }] };
  const found = await opened({ decision: async () => ({ app: 'a', receipt, decision }) })('GET', '/admin/decisions/abc');
  assert.deepEqual(found.body, {
    decision_id: 'abc', app: 'a', at: '1970-01-01T00:00:00.000Z', mode: 'policy', propensity: 0.25, rows: 1, journal: 'kept', context_hash: '0102',
    record: { policy: 'adaptive', view: 3, slo_ms: 20, mode: 'policy', arms: ['m'], probabilities: [1], asked: decision.asked },
  });
  const partly = await opened({ decision: async () => ({ app: 'a', receipt, decision: { ...decision, defaults: [0] } }) })('GET', '/admin/decisions/abc');
  assert.deepEqual((partly.body['record'] as { defaults?: unknown }).defaults, [0]);
  const gone = await opened({ decision: async () => ({ app: 'a', receipt: { ...receipt, defaulted: true }, decision: undefined }) })('GET', '/admin/decisions/abc');
  assert.deepEqual([gone.body['mode'], gone.body['record']], ['default', null]);
  assert.equal((await opened()('GET', '/admin/decisions/abc')).body['code'], 'unknown_decision');
});
