import assert from 'node:assert/strict';
import { test } from 'node:test';
import { desiredFaults } from '../../../../frontend/control/desired-faults.ts';
import type { AppSpec } from '../../../../frontend/domain/model.ts';
import { desiredOf, makeApp, makeModel } from '../../../support/specs.ts';

const MODELS = [makeModel({ name: 'v', input: [{ name: 'x', dtype: 'float32', shape: [2] }] }), makeModel({ name: 'w', input: [{ name: 'x', dtype: 'float32', shape: [3] }] }), makeModel({ name: 'p', output: { kind: 'probabilities' } })];

function faults(...apps: AppSpec[]): string[] {
  return desiredFaults(desiredOf(MODELS, apps)).map(({ path, message }) => `${path.join('.')} ${message}`);
}
const app = (name: string, arms: string[], more: Partial<AppSpec> = {}): AppSpec => makeApp({ name, arms, ...more });

test('an app may be an arm, also beside models and in several apps', () => {
  assert.deepEqual(faults(app('a', ['app:b', 'v']), app('c', ['app:b']), app('b', ['v'])), []);
});

test('one that leads back to itself is refused, near or far, and the way is said', () => {
  assert.deepEqual(faults(app('a', ['app:a'])), ['apps.a.arms.0 comes back to itself: a → a']);
  const far = faults(app('a', ['app:b']), app('b', ['v', 'app:c']), app('c', ['app:a']));
  assert.deepEqual(far, ['apps.a.arms.0 comes back to itself: a → b → c → a', 'apps.b.arms.1 comes back to itself: b → c → a → b', 'apps.c.arms.0 comes back to itself: c → a → b → c']);
});

test('too deep is refused, a diamond is not', () => {
  const chain = [app('a', ['app:b']), app('b', ['app:c']), app('c', ['app:d']), app('d', ['v'])];
  assert.deepEqual(faults(...chain), []);
  assert.deepEqual(faults(...chain, app('z', ['app:a'])), ['apps.z.arms.0 is 5 apps deep: z → a → b → c → d']);
  assert.deepEqual(faults(app('a', ['app:b', 'app:c']), app('b', ['app:d']), app('c', ['app:d']), app('d', ['v'])), []);
});

test('it must be there, give what is wanted and take the same input', () => {
  assert.deepEqual(faults(app('a', ['app:nobody'])), ['apps.a.arms.0 there is no app "nobody"']);
  assert.deepEqual(faults(app('a', ['app:b'], { output: 'label', default: 0 }), app('b', ['v'])), ['apps.a.arms.0 app "b" gives value, which cannot become label']);
  assert.deepEqual(faults(app('a', ['app:b'], { output: 'label', default: 0 }), app('b', ['p'], { output: 'probabilities', default: [1] })), []);
  assert.deepEqual(faults(app('a', ['app:b'], { output: 'raw' }), app('b', ['v'])), ['apps.a.arms.0 app "b" gives value, which cannot become raw']);
  assert.deepEqual(faults(app('a', ['app:b', 'v']), app('b', ['w'])), ['apps.a.arms w@1 and v@1 take different inputs']);
});
