import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pinned, select } from '../../../../../frontend/serving/selection/select.ts';
import { makeQuery } from '../../../../support/queries.ts';
import { Road } from '../../../../support/road.ts';
import { makeApp, makeModel } from '../../../../support/specs.ts';

const CHANCE = { key: Uint32Array.of(1, 2, 3, 4), id: Buffer.alloc(12), now: 0 };

test('static asks the first arm that has a replica, with propensity 1', () => {
  const road = new Road([makeModel(), makeModel({ name: 'n' })], [makeApp({ arms: ['m', 'n'] })]);
  const app = road.apps.get('a');
  assert.ok(app);
  const query = makeQuery(road.slabs);
  assert.deepEqual(select(app, query, CHANCE), { miss: { reason: 'no_replica' } });
  road.replica('n@1');
  const second = select(app, query, CHANCE);
  assert.ok('choice' in second && second.choice.arm === 'n' && second.choice.propensity === 1 && second.choice.action === 1);
  road.replica('m@1');
  const first = select(app, query, CHANCE);
  assert.ok('choice' in first && first.choice.arm === 'm');
});

test('of a cascade whose first arm is closed the second is asked alone, and the receipt names that one', () => {
  const road = new Road([makeModel(), makeModel({ name: 'n' })], [makeApp({ arms: ['m', 'n'], policy: 'thompson', cascade: { first: 'm', second: 'n', below: 0.5 } })]);
  const app = road.apps.get('a');
  assert.ok(app);
  road.replica('n@1');
  const alone = select(app, makeQuery(road.slabs), CHANCE);
  assert.ok('choice' in alone);
  assert.deepEqual([alone.choice.arm, app.spec.arms[alone.choice.action], alone.choice.propensity, alone.choice.panel], ['n', 'n', 1, undefined]);
});

test('a pin names an arm of the app, or a version of its model', () => {
  const road = new Road([makeModel(), makeModel({ version: 2 }), makeModel({ name: 'n' })], [makeApp({ arms: ['m', 'n'] })]);
  const app = road.apps.get('a');
  assert.ok(app);
  road.replica('m@2');
  road.replica('n@1');
  const byModel = pinned(app, { model: 'n' }, road.directory);
  assert.ok('choice' in byModel && byModel.choice.target.spec.name === 'n' && byModel.choice.action === 1 && byModel.choice.pinned);
  const byVersion = pinned(app, { version: 2 }, road.directory);
  assert.ok('choice' in byVersion && byVersion.choice.target.spec.version === 2);
  assert.deepEqual(pinned(app, { version: 1 }, road.directory), { miss: { reason: 'no_replica' } });
  for (const [pin, code] of [[{ model: 'x' }, 'unknown_model'], [{ version: 'canary' }, 'unknown_version'], [{ model: 'n', version: 2 }, 'unknown_version']] as const) {
    const refused = pinned(app, pin, road.directory);
    assert.ok('failure' in refused && refused.failure.code === code, JSON.stringify(pin));
  }
});
