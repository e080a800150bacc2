import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXACT_POWER, LARGEST_POWER, POWERS_OF_TEN } from '../../../../../frontend/http/predict-body/powers-of-ten.ts';

test('the powers are rounded right, and exact as far as is said', () => {
  assert.equal(POWERS_OF_TEN.length, LARGEST_POWER + 1);
  POWERS_OF_TEN.forEach((power, k) => assert.equal(power, Number(10n ** BigInt(k))));
  for (let k = 0; k <= EXACT_POWER; k++) assert.equal(BigInt(POWERS_OF_TEN[k] ?? 0), 10n ** BigInt(k));
  assert.notEqual(BigInt(POWERS_OF_TEN[EXACT_POWER + 1] ?? 0), 10n ** BigInt(EXACT_POWER + 1));
});
