import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadPolicies } from '../../../../frontend/config/policy-modules.ts';
import { faultText } from '../../../../frontend/domain/fault.ts';
import type { Fault } from '../../../../frontend/domain/fault.ts';

const FOLDER = fileURLToPath(new URL('../../../support/policies/', import.meta.url));

test('a module\'s policy is one of the catalog under the name that the file gives it', () => {
  const faults: Fault[] = [];
  const policies = loadPolicies([{ name: 'mine', module: './ucb1.ts' }], FOLDER, faults);
  assert.deepEqual(faults, []);
  const made = policies.get('mine')?.make({ width: 1 });
  assert.ok(made !== undefined && 'policy' in made && policies.has('adaptive'));
});

test('what is no policy, or not there, or named like another is a fault', () => {
  const faults: Fault[] = [];
  loadPolicies([{ name: 'static', module: 'ucb1.ts' }, { name: 'a', module: 'nothing.ts' }, { name: 'b', module: '../specs.ts' }], FOLDER, faults);
  assert.deepEqual(faults.map(({ path }) => path), [['policies', 0, 'name'], ['policies', 1, 'module'], ['policies', 2, 'module']]);
  assert.match(faults.map(faultText).join('\n'), /is a policy already[^]*cannot be loaded[^]*exports no policy/u);
});
