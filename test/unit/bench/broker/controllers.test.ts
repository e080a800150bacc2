import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configuredControllers } from '../../../../bench/broker/controllers.ts';

test('the option table names the controllers, and the default is one of them', () => {
  const { names, byDefault } = configuredControllers();
  assert.ok(names.includes('fixed') && names.includes('aimd'));
  assert.ok(names.includes(byDefault));
});
