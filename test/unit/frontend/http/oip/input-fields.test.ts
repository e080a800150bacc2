import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headOf, noFields, takeInputField } from '../../../../../frontend/http/oip/input-fields.ts';

test('what an input says is kept; its head is whole or says what it lacks', () => {
  const fields = noFields();
  for (const [key, value] of [['name', 'x'], ['shape', [1]], ['datatype', 'FP32'], ['parameters', { binary_data_size: 4, other: 1 }]] as const) assert.equal(takeInputField(key, value, fields), undefined);
  assert.deepEqual([headOf(fields), fields.binaryBytes], [{ name: 'x', shape: [1], datatype: 'FP32' }, 4]);
  assert.ok('code' in headOf(noFields()));
});

test('what cannot be a name, shape, datatype or size is refused', () => {
  for (const [key, value] of [['name', 1], ['shape', [1.5]], ['shape', 'x'], ['shape', Array.from({ length: 40 }, () => 1)], ['datatype', null], ['parameters', []], ['parameters', { binary_data_size: '4' }]] as const) {
    assert.equal(takeInputField(key, value, noFields())?.code, 'invalid_field');
  }
});
