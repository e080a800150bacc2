import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classificationsJson, regressionsJson } from '../../../../../frontend/http/tfs/classify-json.ts';

test('classes with their scores, and numbers, as the server writes them', () => {
  assert.equal(classificationsJson([[{ label: 'c"at', score: 0.25 }, { label: '1', score: 1 }], []]), '{"results":[[["c\\"at",0.25],["1",1.0]],[]]}');
  assert.equal(regressionsJson([1, 0.1, Number.NaN]), '{"results":[1.0,0.1,NaN]}');
});
