import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policyKind } from '../../../selection-policies/kind.ts';
import { staticPolicy } from '../../../selection-policies/static.ts';

test('a kind is what was written, frozen', () => {
  const kind = policyKind({ name: 'first', summary: 'The first.', options: { n: { type: 'integer', default: 3, min: 1, max: 5, help: '' } }, make: ({ n }) => ({ ...staticPolicy, name: `first ${n}` }) });
  assert.equal(kind.make({ n: 4 }).name, 'first 4');
  assert.ok(Object.isFrozen(kind));
});
