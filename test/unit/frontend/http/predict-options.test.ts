import assert from 'node:assert/strict';
import { test } from 'node:test';
import { predictOptions } from '../../../../frontend/http/predict-options.ts';

test('nothing beside the body is nothing', () => {
  assert.deepEqual(predictOptions({ host: 'localhost', 'tradewind-other': 'x' }, {}, 'binary'), { ok: true, options: {} });
});

test('headers and query say the same words; the query wins', () => {
  const headers = { 'tradewind-slo-ms': '5', 'tradewind-dtype': 'float32', 'tradewind-shape': '4', 'tradewind-explain': 'true' };
  assert.deepEqual(predictOptions(headers, { slo_ms: '7', model: 'm', version: '3', context: '{}' }, 'binary'), {
    ok: true, options: { sloMs: '7', dtype: 'float32', shape: '4', explain: 'true', model: 'm', version: '3', context: '{}' },
  });
});

test('beside JSON only slo_ms is taken', () => {
  assert.deepEqual(predictOptions({ 'tradewind-slo-ms': '5', 'tradewind-dtype': 'float32' }, {}, 'json'), { ok: true, options: { sloMs: '5' } });
  const refused = predictOptions({}, { dtype: 'float32' }, 'json');
  assert.deepEqual(!refused.ok && [refused.failure.code, refused.failure.path], ['invalid_field', '?dtype']);
});

test('words that are not known, or said twice, are refused by their place', () => {
  for (const [query, code, path] of [
    [{ sloms: '5' }, 'unknown_field', '?sloms'], [{ toString: '5' }, 'unknown_field', '?toString'], [{ slo_ms: ['5', '6'] }, 'duplicate_field', '?slo_ms'],
  ] as const) {
    const refused = predictOptions({}, query, 'binary');
    assert.deepEqual(!refused.ok && [refused.failure.code, refused.failure.path], [code, path]);
  }
});
