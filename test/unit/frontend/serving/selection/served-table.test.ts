import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isServedMiss, type Served } from '../../../../../frontend/domain/served.ts';
import { ServedTable } from '../../../../../frontend/serving/selection/served-table.ts';
import { Road } from '../../../../support/road.ts';
import { desiredOf, makeApp, makeModel } from '../../../../support/specs.ts';

const MODELS = [makeModel({ version: 1 }), makeModel({ version: 2, statesSlo: true, sloMs: 30 }), makeModel({ name: 'n', output: { kind: 'probabilities', classNames: ['a', 'b'] } })];
const APPS = [makeApp({ name: 'm', arms: ['m'] }), makeApp({ name: 'app', arms: ['n'], output: 'label', default: 'a' })];

function world(apps = APPS): { road: Road; table: ServedTable; find: (name: string, which?: number | string) => Served } {
  const desired = desiredOf(MODELS, apps, { m: { stable: 1 } });
  const road = new Road(MODELS, apps, { labels: desired.labels });
  const table = new ServedTable(road.apps, road.directory);
  table.apply(desired);
  return { road, table, find: (name, which) => {
    const found = table.find(name, which);
    assert.ok(!isServedMiss(found), name);
    return found;
  } };
}

test('a bare name is the app of that name, else the model; with a version or label it is the model', () => {
  const { table, find } = world();
  assert.deepEqual([find('m').kind, find('m', 2).kind, find('m', 'stable').version, find('n').kind, find('app').kind, find('app', 1).kind], ['app', 'model', 1, 'model', 'app', 'app']);
  assert.deepEqual([table.find('x'), table.find('m', 9), table.find('m', 'canary'), table.find('app', 2), table.find('app', 'stable'), table.find('constructor')].map((found) => isServedMiss(found) && found.missing), ['name', 'version', 'version', 'version', 'version', 'name']);
  assert.deepEqual(table.list().map(({ name, kind }) => `${kind} ${name}`), ['app m', 'app app', 'model n']);
});

test('a model by itself is an implicit app: pinned, without a default, with the objective that it states', () => {
  const { find, road } = world();
  const model = find('m', 2);
  assert.deepEqual([model.pin, model.view.spec.output, model.view.spec.onMiss, model.view.spec.default], [{ model: 'm', version: 2 }, 'raw', 'error', undefined]);
  assert.deepEqual([find('n').view.spec.sloMs, find('n').pin], [1_000, { model: 'n' }]);
  assert.equal(road.apps.get(model.view.spec.name)?.spec, model.view.spec);
  assert.equal(road.apps.app(model.view.spec.name), undefined, 'the native API does not see it');
});

test('versions, readiness and views are as they are now, and stay the same objects until they change', () => {
  const { road, find } = world();
  const before = find('m', 1);
  assert.equal(find('m', 1), before);
  assert.deepEqual([before.ready, before.versions], [false, [{ version: 1, ready: false }, { version: 2, ready: false }]]);
  road.replica('m@1');
  const after = find('m', 1);
  assert.notEqual(after, before);
  assert.deepEqual([after.ready, after.versions[0], find('m').ready, find('m', 2).ready, after.labels.get('stable')], [true, { version: 1, ready: true }, true, false, 1]);
  const { view } = after;
  road.replica('n@1');
  assert.equal(find('m', 1).view, view);
});

test('a model whose apps all ask for a token asks for one of theirs', () => {
  const access = { tokens: [] } as never;
  assert.deepEqual(world([makeApp({ name: 'a', arms: ['m'], access })]).find('m').guards.map(({ name }) => name), ['a']);
  assert.deepEqual(world([makeApp({ name: 'a', arms: ['m@1'], access }), makeApp({ name: 'b', arms: ['m'] })]).find('m').guards, []);
  const open = world([makeApp({ name: 'a', arms: ['n'], output: 'label', default: 'a', access })]);
  assert.deepEqual([open.find('m').guards, open.find('a').guards.map(({ name }) => name)], [[], ['a']]);
});

test('what answers hold follows from the kind of the app', () => {
  const { road, find } = world();
  road.replica('n@1');
  assert.deepEqual(find('app').outputs?.tensors, [{ name: 'label', dtype: 'bytes', shape: [] }]);
  assert.deepEqual(find('app').outputs?.classNames, ['a', 'b']);
  assert.equal(find('m').outputs?.tensors[0]?.name, 'value');
});
