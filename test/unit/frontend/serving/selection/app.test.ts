import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addConfidence } from '../../../../../selection-policies/calibration.ts';
import { entry, makePolicy } from '../../../../../selection-policies/catalog.ts';
import { apply } from '../../../../../selection-policies/cells.ts';
import { soloPlan } from '../../../../../selection-policies/pmf.ts';
import { Road } from '../../../../support/road.ts';
import { makeApp, makeModel } from '../../../../support/specs.ts';

test('the view is one object until the inputs change', () => {
  const road = new Road([makeModel()], [makeApp()]);
  const before = road.apps.app('a');
  assert.equal(before?.inputs, undefined);
  const replica = road.replica('m@1');
  const known = road.apps.app('a');
  assert.deepEqual(known?.inputs, replica.signature.inputs);
  road.replica('m@1', 'r2');
  assert.equal(road.apps.app('a'), known);
  road.directory.gone('m@1', replica);
  assert.equal(road.apps.app('a'), known);
});

test('what the configuration declares stands until a replica has spoken', () => {
  const input = [{ name: 'x', dtype: 'float32' as const, shape: [2] }];
  const road = new Road([makeModel({ input })], [makeApp()]);
  assert.deepEqual(road.apps.app('a')?.inputs, input);
});

test('a plan is made once per state of the directory', () => {
  const road = new Road([makeModel()], [makeApp()]);
  const app = road.apps.get('a');
  assert.equal(app?.plan(undefined, 100_000, 0), undefined);
  const replica = road.replica('m@1');
  const plan = app?.plan(undefined, 100_000, 0);
  assert.deepEqual(plan?.plan, { actions: [{ ask: ['m'] }], pmf: [1] });
  assert.equal(app?.plan(undefined, 100_000, 1), plan);
  road.directory.gone('m@1', replica);
  assert.equal(app?.plan(undefined, 100_000, 2), undefined);
});

test('a policy that writes to the arms it is given changes no app', () => {
  const arms = ['m', 'n'];
  const sorting = entry({
    name: 'sorting', summary: 'It sorts what it is given.', options: {},
    make: () => ({ ...makePolicy('static'), plan: (_view, given, _context, mask) => soloPlan((given as string[]).reverse(), mask.map((_, i) => Number(i === 0))) }),
  });
  const road = new Road([makeModel(), makeModel({ name: 'n' })], [makeApp({ arms, policy: 'sorting' })], { policies: new Map([['sorting', sorting]]) });
  road.replica('m@1');
  road.replica('n@1');
  const app = road.apps.get('a');
  assert.deepEqual(app?.plan(undefined, 100_000, 0)?.plan, soloPlan(['m', 'n'], [0.5, 0.5]), 'it failed, and the arms share evenly');
  assert.deepEqual([app?.spec.arms, arms], [['m', 'n'], ['m', 'n']]);
});

test('the confidence of an ensemble is calibrated by what became of such answers', () => {
  const cells = new Map<string, bigint>();
  let version = 0;
  const road = new Road([makeModel()], [makeApp()], { cells: { snapshot: () => ({ cells, version }) } });
  const app = road.apps.get('a');
  assert.equal(app?.calibrate(0.9), 0.9);
  for (let i = 0; i < 400; i++) apply(cells, addConfidence(0.9, i % 2));
  assert.equal(app?.calibrate(0.9), 0.9, 'one calibration a snapshot');
  version++;
  assert.ok(Math.abs((app?.calibrate(0.9) ?? 0) - 0.5) < 0.02);
});

test('hands on the app make a new plan, and let go again', () => {
  const road = new Road([makeModel(), makeModel({ name: 'n' })], [makeApp({ arms: ['m', 'n'] })]);
  road.replica('m@1');
  road.replica('n@1');
  const app = road.apps.get('a');
  assert.ok(app);
  assert.ok(app.steer({ pin: 'n', frozen: true }));
  assert.equal(app.steer({ pin: 'n', frozen: true }), false);
  assert.deepEqual([app.frozen, app.plan(undefined, 100_000, 0)?.plan.pmf], [true, [0, 1]]);
  assert.ok(app.steer());
  assert.deepEqual([app.frozen, app.plan(undefined, 100_000, 0)?.plan.pmf], [false, [1, 0]]);
});
