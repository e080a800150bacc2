import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Field, fieldsOfBody, noFields, takeField } from '../../../../../frontend/http/predict-body/body-fields.ts';
import { targetFor } from '../../../../support/parse-body.ts';

const target = targetFor([], { sloMinMs: 2, sloMaxMs: 50 });

function refusedBy(field: Field, value: unknown): string | undefined {
  return takeField(target, field, value, noFields())?.code;
}

test('each field takes what it can be', () => {
  const values = noFields();
  for (const [field, value] of [['slo_ms', 2.5], ['context', { user: 'a' }], ['version', 'stable'], ['model', 'digits-mlp'], ['explain', true]] as const) {
    assert.equal(takeField(target, field, value, values), undefined);
  }
  assert.deepEqual(fieldsOfBody(values), { sloMs: 2.5, context: { user: 'a' }, pin: { version: 'stable', model: 'digits-mlp' }, explain: true });
  assert.deepEqual(fieldsOfBody(noFields()), { explain: false });
});

test('and nothing else', () => {
  for (const value of [0, -1, 'fast', null, 1.99, 50.1, true, NaN]) assert.equal(refusedBy('slo_ms', value), 'invalid_slo');
  for (const value of [null, [], 'a', 1]) assert.equal(refusedBy('context', value), 'invalid_field');
  for (const value of [0, -1, 1.5, '', '3', 'Upper', 'x'.repeat(65), null, 2 ** 53]) assert.equal(refusedBy('version', value), 'invalid_field');
  for (const value of ['', 'a/b', '../x', 1, null]) assert.equal(refusedBy('model', value), 'invalid_field');
  for (const value of ['true', 1, null]) assert.equal(refusedBy('explain', value), 'invalid_field');
});

test('a refusal names the field, the bounds and a bounded piece of what came', () => {
  assert.deepEqual(takeField(target, 'slo_ms', 0, noFields()), { code: 'invalid_slo', message: 'Expected a number from 2 to 50, got 0.', path: 'slo_ms' });
  assert.ok((takeField(target, 'model', 'x'.repeat(1000), noFields())?.message.length ?? 1000) < 200);
});
