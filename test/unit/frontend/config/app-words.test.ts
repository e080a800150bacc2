import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readApp, writeApp } from '../../../../frontend/config/app-words.ts';
import { check } from '../../../../frontend/config/check.ts';
import { APP } from '../../../../frontend/config/options.ts';
import type { RawApp } from '../../../../frontend/config/options.ts';
import { plain } from '../../../../frontend/config/schema.ts';
import type { Fault } from '../../../../frontend/domain/fault.ts';
import { DEFAULT_FEEDBACK, DEFAULT_JOURNAL, type AppSpec } from '../../../../frontend/domain/model.ts';
import { desiredOf, makeModel } from '../../../support/specs.ts';

const AMONG = desiredOf([makeModel({ name: 'v' }), makeModel({ name: 'p', output: { kind: 'probabilities' } }), makeModel({ name: 'r', output: { kind: 'raw' } })]);

function read(value: unknown): { spec: AppSpec; faults: Fault[] } {
  const faults: Fault[] = [];
  const spec = readApp(check(plain(APP), value, [], faults) as RawApp, { at: ['apps', 0], among: AMONG, faults });
  return { spec, faults };
}

test('an app is complete with its defaults', () => {
  const { spec, faults } = read({ name: 'a', arms: ['p'] });
  assert.deepEqual(faults, []);
  assert.deepEqual(spec, { name: 'a', arms: ['p'], policy: 'static', output: 'label', sloMs: 20, sloMinMs: 0.1, sloMaxMs: 60_000, onMiss: 'error', priority: 'normal', weight: 1, feedback: DEFAULT_FEEDBACK, journal: DEFAULT_JOURNAL });
});

test('the output is label where the arms can give it, else what they give', () => {
  assert.deepEqual(['p', 'v', 'r'].map((arm) => read({ name: 'a', arms: [arm] }).spec.output), ['label', 'value', 'raw']);
});

test('with a default, a miss gets it', () => {
  assert.equal(read({ name: 'a', arms: ['p'], default: null }).spec.onMiss, 'default');
  assert.equal(read({ name: 'a', arms: ['p'], default: -1, on_miss: 'wait' }).spec.onMiss, 'wait');
});

test('several arms of which nobody says how they are chosen are learned about', () => {
  const { spec, faults } = read({ name: 'a', arms: ['p', 'v'] });
  assert.deepEqual(faults, []);
  assert.equal(spec.policy, 'adaptive');
});

test('written and read again it is the same', () => {
  for (const value of [{ name: 'a', arms: ['p'] }, { name: 'a', arms: ['p@1', 'v'], policy: { name: 'exp3', horizon: 100 }, default: { x: 1 }, context_key: 'user', weight: 2, shadow: ['v'] }]) {
    const { spec } = read(value);
    assert.deepEqual(read(writeApp(spec)).spec, spec);
  }
});
