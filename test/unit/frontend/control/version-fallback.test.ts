import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fallbackVersions } from '../../../../frontend/control/version-fallback.ts';
import type { VersionLife, VersionState } from '../../../../frontend/control/version-life.ts';
import type { ModelKey } from '../../../../frontend/domain/model.ts';
import { desiredOf, makeModel } from '../../../support/specs.ts';

const desired = desiredOf([makeModel(), makeModel({ version: 2 }), makeModel({ version: 3 }), makeModel({ version: 4, replicas: 0 })]);
const failing: VersionState = { kind: 'failing', sinceMicros: 0, reason: 'x' };
const fallback = (states: Readonly<Record<string, VersionState>>, chosen: readonly ModelKey[] = ['m@3']): readonly string[] => (
  fallbackVersions(desired, new Set(chosen), new Map(Object.entries(states).map(([key, state]) => [key as ModelKey, { spec: makeModel(), state } satisfies VersionLife])))
);

test('nobody stands in for a version that may still come', () => {
  assert.deepEqual(fallback({}), []);
  assert.deepEqual(fallback({ 'm@3': { kind: 'loading', sinceMicros: 0 } }), []);
  assert.deepEqual(fallback({ 'm@3': failing, 'm@2': { kind: 'ready', sinceMicros: 0 } }, ['m@3', 'm@2']), []);
  assert.deepEqual(fallback({ 'm@3': failing }, []), []);
});

test('the newest other one does, or one that is there already; not one that fails too, nor one without replicas', () => {
  assert.deepEqual(fallback({ 'm@3': failing }), ['m@2']);
  assert.deepEqual(fallback({ 'm@3': { kind: 'waiting', sinceMicros: 0, why: 'no_memory' } }), ['m@2']);
  assert.deepEqual(fallback({ 'm@3': failing, 'm@1': { kind: 'ready', sinceMicros: 0 } }), ['m@1']);
  assert.deepEqual(fallback({ 'm@3': failing, 'm@1': { kind: 'recovering', sinceMicros: 0 } }), ['m@1']);
  assert.deepEqual(fallback({ 'm@3': failing, 'm@2': failing }), ['m@1']);
  assert.deepEqual(fallback({ 'm@3': failing, 'm@2': failing, 'm@1': failing }), []);
});
