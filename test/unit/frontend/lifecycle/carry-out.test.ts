import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelKey, nameRecord, type DesiredState, type ModelKey, type ModelSpec } from '../../../../frontend/domain/model.ts';
import { CarryOut, type CarryOutParts } from '../../../../frontend/lifecycle/carry-out.ts';
import { desiredOf, makeModel } from '../../../support/specs.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

const MIB = 1024 * 1024;

/** A carry-out over a world of which the test says what is ready and whose rows wait; versions end as soon as they are let go. */
function setUp(more: Partial<CarryOutParts> = {}) {
  const clock = new VirtualClock();
  const ready = new Set<ModelKey>();
  const waiting = new Set<ModelKey>();
  const present = new Set<string>();
  const said: string[] = [];
  const logged: string[] = [];
  const told: boolean[] = [];
  const keys = (state: DesiredState): string => Object.keys(state.models).toSorted().join('+');
  const take = (_: object, message: string): void => void logged.push(message);
  const carryOut: CarryOut = new CarryOut({
    clock, log: { debug: take, info: take, warn: take, error: take },
    isReady: (key) => ready.has(key), isPresent: (key) => present.has(key), unsettled: () => waiting, retireMicros: 1_000_000, parallelLoads: 1,
    route: (state) => said.push(`route ${keys(state)}`),
    supervise: (state) => {
      said.push(`supervise ${keys(state)}`);
      for (const key of present) if (!Object.hasOwn(state.models, key)) present.delete(key);
      for (const key of Object.keys(state.models)) present.add(key);
    },
    onLooked: () => {
      if (told.at(-1) !== carryOut.isReady) told.push(carryOut.isReady);
    },
    ...more,
  });
  const becomes = (key: ModelKey, isReady: boolean): void => {
    if (isReady) ready.add(key);
    else ready.delete(key);
    carryOut.replicasChanged();
  };
  const states = (): Record<string, string> => Object.fromEntries([...carryOut.versions].map(([key, { state }]) => [key, state.kind === 'waiting' ? state.why : state.kind]));
  return { carryOut, clock, ready, waiting, said, logged, told, becomes, states };
}

const two = makeModel({ version: 2 });

test('new first, then the move, then the old one goes when its rows are done', () => {
  const { carryOut, clock, waiting, said, becomes, states } = setUp();
  assert.deepEqual([carryOut.isReady, carryOut.missing], [true, []]);
  carryOut.apply(desiredOf([makeModel()]));
  assert.deepEqual([carryOut.isReady, carryOut.missing], [false, ['m@1']]);
  becomes('m@1', true);
  said.length = 0;

  waiting.add('m@1');
  carryOut.apply(desiredOf([two]));
  assert.deepEqual(said, ['route m@1+m@2', 'supervise m@1+m@2']);
  assert.deepEqual([carryOut.isReady, carryOut.missing], [true, ['m@2']]);
  said.length = 0;
  becomes('m@2', true);
  assert.deepEqual(said, ['route m@2']);
  clock.advance(20_000);
  assert.deepEqual([said.length, states()], [1, { 'm@1': 'leaving', 'm@2': 'ready' }]);
  waiting.clear();
  clock.advance(5_000);
  assert.equal(said.at(-1), 'supervise m@2');
  assert.deepEqual([states(), carryOut.missing, clock.pending], [{ 'm@2': 'ready' }, [], 0]);
});

test('rows that never settle do not keep an old version for ever', () => {
  const { carryOut, clock, waiting, said } = setUp();
  carryOut.apply(desiredOf([makeModel()]));
  waiting.add('m@1');
  carryOut.apply(desiredOf([]));
  clock.advance(999_000);
  assert.equal(said.at(-1), 'route ');
  clock.advance(10_000);
  assert.equal(said.at(-1), 'supervise ');
});

test('a version that is wanted again before it went is simply kept', () => {
  const { carryOut, waiting, said, becomes, states } = setUp();
  const one = makeModel();
  carryOut.apply(desiredOf([one]));
  becomes('m@1', true);
  waiting.add('m@1');
  carryOut.apply(desiredOf([]));
  carryOut.apply(desiredOf([one]));
  carryOut.stop();
  assert.deepEqual([said.filter((one) => one.startsWith('supervise')), states()], [['supervise m@1'], { 'm@1': 'ready' }]);
});

test('the first start loads everything at once; after it, one version after another, and one that fails gives up its turn', () => {
  const { carryOut, becomes, states } = setUp();
  const names = ['a', 'b', 'c'];
  carryOut.apply(desiredOf(names.map((name) => makeModel({ name }))));
  assert.deepEqual(states(), { 'a@1': 'loading', 'b@1': 'loading', 'c@1': 'loading' });
  for (const name of names) becomes(modelKey(name, 1), true);
  carryOut.apply(desiredOf(names.flatMap((name) => [makeModel({ name }), makeModel({ name, version: 2 })])));
  assert.deepEqual(states(), { 'a@1': 'ready', 'b@1': 'ready', 'c@1': 'ready', 'a@2': 'loading', 'b@2': 'turn', 'c@2': 'turn' });
  carryOut.replicaDied('a@2', 'exited with code 1');
  carryOut.replicaDied('b@1', 'a replica of a version that was ready may die');
  assert.deepEqual(states(), { 'a@1': 'ready', 'b@1': 'ready', 'c@1': 'ready', 'a@2': 'failing', 'b@2': 'loading', 'c@2': 'turn' });
  becomes('b@2', true);
  becomes('a@2', true);
  becomes('b@1', false);
  assert.deepEqual(states(), { 'a@1': 'ready', 'b@1': 'recovering', 'c@1': 'ready', 'a@2': 'ready', 'b@2': 'ready', 'c@2': 'loading' });
});

test('a load whose memory does not fit is refused by name, the old version stays, and it is looked at again', () => {
  let availableBytes = 100 * MIB;
  const bytesOf = (spec: ModelSpec): number | undefined => (spec.profile?.memoryMb === undefined ? undefined : spec.profile.memoryMb * MIB);
  const { carryOut, clock, logged, becomes, states } = setUp({ bytesOf, availableBytes: () => availableBytes });
  carryOut.apply(desiredOf([makeModel()]));
  becomes('m@1', true);
  carryOut.apply(desiredOf([makeModel({ version: 2, profile: { memoryMb: 300 } })]));
  assert.deepEqual(states(), { 'm@1': 'ready', 'm@2': 'no_memory' });
  assert.deepEqual(logged.slice(-1), ['the version is not loaded: it needs 300 MiB; there are about 64 MiB']);
  const lines = logged.length;
  clock.advance(20_000_000);
  assert.equal(logged.length, lines, 'said once');
  availableBytes = 400 * MIB;
  clock.advance(5_000_000);
  assert.equal(states()['m@2'], 'loading');
});

test('under `resource` the old version goes first, and the new one starts when it has ended', () => {
  const { carryOut, clock, waiting, becomes, states } = setUp();
  const rules = nameRecord([['m', { transition: 'resource' as const }]]);
  carryOut.apply({ ...desiredOf([makeModel()]), rules });
  becomes('m@1', true);
  waiting.add('m@1');
  carryOut.apply({ ...desiredOf([two]), rules });
  assert.deepEqual(states(), { 'm@1': 'leaving', 'm@2': 'room' });
  waiting.clear();
  clock.advance(5_000);
  assert.deepEqual(states(), { 'm@2': 'loading' });
});

test('where the newest version fails from the start, the one before it answers until it comes', () => {
  const { carryOut, becomes, states } = setUp();
  const rules = nameRecord([['m', { versions: { latest: 1 } }]]);
  carryOut.apply({ ...desiredOf([makeModel(), two]), rules });
  assert.deepEqual(states(), { 'm@2': 'loading' });
  carryOut.replicaDied('m@2', 'exited with code 1');
  assert.deepEqual(states(), { 'm@2': 'failing', 'm@1': 'loading' });
  becomes('m@1', true);
  becomes('m@2', true);
  assert.deepEqual(states(), { 'm@2': 'ready' });
});

test('whoever watches the readiness is told of each change, also where it comes with what is wanted', () => {
  const { carryOut, told, becomes } = setUp();
  carryOut.apply(desiredOf([makeModel(), makeModel({ name: 'slow' })]));
  becomes('m@1', true);
  assert.deepEqual(told, [false]);
  carryOut.apply(desiredOf([makeModel()]));
  assert.deepEqual(told, [false, true]);
  becomes('m@1', false);
  assert.deepEqual(told, [false, true, false]);
});
