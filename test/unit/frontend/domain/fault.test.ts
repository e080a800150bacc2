import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultText, pathText } from '../../../../frontend/domain/fault.ts';

test('a path reads as one would write it', () => {
  assert.equal(pathText([]), '');
  assert.equal(pathText(['apps', 0, 'arms', 1]), 'apps[0].arms[1]');
  assert.equal(pathText(['models', 'digits@3']), 'models.digits@3');
  assert.equal(pathText([2, 'x']), '[2].x');
});

test('a fault says where, what, and what may stand there', () => {
  assert.equal(faultText({ path: ['apps', 0, 'slo_ms'], message: 'is 0', expected: 'at least 1' }), 'apps[0].slo_ms: is 0 (expected at least 1)');
  assert.equal(faultText({ path: [], message: 'is empty' }), 'is empty');
});
