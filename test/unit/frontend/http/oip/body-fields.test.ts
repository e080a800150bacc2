import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noFields, takeField } from '../../../../../frontend/http/oip/body-fields.ts';

test('null says nothing, and keys of others are passed over', () => {
  const fields = noFields();
  for (const key of ['id', 'parameters', 'outputs', 'model_name']) assert.equal(takeField(key, null, fields), undefined);
  assert.deepEqual(fields, noFields());
  assert.equal(takeField('outputs', [{ name: 'a', parameters: { classification: 0 } }, { name: 'b' }], fields), undefined);
  assert.deepEqual(fields.outputs, [{ name: 'a' }, { name: 'b' }]);
});

test('what is of another type is refused', () => {
  for (const [key, value] of [['id', 1], ['parameters', 'x'], ['outputs', {}], ['outputs', [1]], ['outputs', [{ name: 'a', parameters: { binary_data: 1 } }]], ['outputs', [{ name: 'a', parameters: { classification: -1 } }]]] as const) {
    assert.equal(takeField(key, value, noFields())?.code, 'invalid_field', key);
  }
});
