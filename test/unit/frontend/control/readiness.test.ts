import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lookAtReadiness, NOTHING_STANDS, type Standing } from '../../../../frontend/control/readiness.ts';
import type { VersionLife, VersionState } from '../../../../frontend/control/version-life.ts';
import type { ModelKey } from '../../../../frontend/domain/model.ts';
import { makeModel } from '../../../support/specs.ts';

type Kind = VersionState['kind'] | 'no_memory';

function stateOf(kind: Kind): VersionState {
  switch (kind) {
    case 'no_memory': return { kind: 'waiting', sinceMicros: 0, why: 'no_memory' };
    case 'waiting': return { kind, sinceMicros: 0, why: 'turn' };
    case 'failing': return { kind, sinceMicros: 0, reason: 'x' };
    case 'leaving': return { kind, sinceMicros: 0, untilMicros: 1 };
    default: return { kind, sinceMicros: 0 };
  }
}

/** One look after another at versions of `m` and others; what is not said otherwise is wanted. */
function looks(...steps: readonly { readonly lives: Readonly<Record<string, Kind>>; readonly wanted?: readonly ModelKey[]; readonly named?: readonly ModelKey[] }[]): readonly (readonly ModelKey[])[] {
  const found: (readonly ModelKey[])[] = [];
  let standing: Standing = NOTHING_STANDS;
  for (const { lives, wanted = Object.keys(lives) as ModelKey[], named = [] } of steps) {
    const view = { wanted, named: new Set(named), lives: new Map(Object.entries(lives).map(([key, kind]) => [key as ModelKey, { spec: makeModel({ name: key.split('@')[0] ?? '' }), state: stateOf(kind) } satisfies VersionLife])) };
    standing = lookAtReadiness(standing, view);
    assert.deepEqual(lookAtReadiness(standing, view).holding.length === 0, standing.holding.length === 0, 'looking twice changes nothing');
    found.push(standing.holding);
  }
  return found;
}

test('a broker that starts waits for every version that is to run, also where another of the model answers', () => {
  assert.deepEqual(looks({ lives: {} }), [[]]);
  assert.deepEqual(looks({ lives: { 'm@1': 'loading' } }, { lives: { 'm@1': 'ready' } }), [['m@1'], []]);
  assert.deepEqual(looks({ lives: { 'm@1': 'ready', 'm@2': 'loading' } }, { lives: { 'm@1': 'ready', 'm@2': 'waiting' } }, { lives: { 'm@1': 'ready', 'm@2': 'ready' } }), [['m@2'], ['m@2'], []]);
});

test('at its start one that fails, or does not fit, keeps it away only where no other version can answer for it', () => {
  for (const stuck of ['failing', 'no_memory'] as const) {
    assert.deepEqual(looks({ lives: { 'm@1': 'ready', 'm@2': stuck } }), [[]]);
    assert.deepEqual(looks({ lives: { 'm@1': 'ready', 'm@2': stuck }, named: ['m@2'] }), [['m@2']]);
    assert.deepEqual(looks({ lives: { 'm@1': 'loading', 'm@2': stuck } }), [['m@1', 'm@2']]);
    assert.deepEqual(looks({ lives: { 'other@1': 'ready', 'm@2': stuck } }), [['m@2']]);
    // One that stands in for it is not wanted itself.
    assert.deepEqual(looks({ lives: { 'm@1': 'ready', 'm@2': stuck }, wanted: ['m@2'] }), [[]]);
  }
});

test('what is new loads beside what answers, and takes a broker that was ready out of nothing', () => {
  const up = { lives: { 'm@1': 'ready' } } as const;
  for (const state of ['waiting', 'loading', 'failing', 'no_memory'] as const) {
    assert.deepEqual(looks(up, { lives: { 'm@1': 'ready', 'm@2': state } }), [[], []]);
    assert.deepEqual(looks(up, { lives: { 'm@1': 'ready', 'm@2': state }, wanted: ['m@2'], named: ['m@2'] }), [[], []]);
    assert.deepEqual(looks(up, { lives: { 'm@1': 'ready', 'new@1': state } }), [[], []]);
  }
  // Nothing was there to be ready with: the first models count as a start.
  assert.deepEqual(looks({ lives: {} }, { lives: { 'm@1': 'loading' } }), [[], ['m@1']]);
});

test('what was lost counts: a version that was ready, and a model of which nothing answers any more', () => {
  const both = { lives: { 'm@1': 'ready', 'm@2': 'ready' } } as const;
  assert.deepEqual(looks(both, { lives: { 'm@1': 'ready', 'm@2': 'recovering' } }, both), [[], ['m@2'], []]);
  // Under `resource` the old one goes before the new one comes.
  assert.deepEqual(looks({ lives: { 'm@1': 'ready' } }, { lives: { 'm@1': 'leaving', 'm@2': 'waiting' }, wanted: ['m@2'] }, { lives: { 'm@2': 'ready' } }), [[], ['m@2'], []]);
  // What was scaled to none and is wanted again is new.
  assert.deepEqual(looks({ lives: { 'm@1': 'ready', 'o@1': 'ready' } }, { lives: { 'm@1': 'idle', 'o@1': 'ready' }, wanted: ['o@1'] }, { lives: { 'm@1': 'loading', 'o@1': 'ready' } }), [[], [], []]);
});
