import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wideDouble } from '../../../../../frontend/http/predict-body/wide-double.ts';

function wide(digits: string, exponent: number): number {
  return wideDouble(Buffer.from(`${digits}]`), 0, exponent);
}

test('17 digits and any exponent of the table are rounded right, and hardly one is left', () => {
  let left = 0;
  for (const digits of ['12345678901234567', '99999999999999999', '10000000000000001', '98765432109876543', '1', '0', '100000000', '999999999999999999']) {
    for (let exponent = -80; exponent <= 80; exponent++) {
      const value = wide(digits, exponent);
      if (Number.isNaN(value)) left++;
      else assert.equal(value, Number(`${digits}e${exponent}`), `${digits}e${exponent}`);
    }
  }
  assert.ok(left < 10, `${left} of 1288 were left to the slow way`);
});

test('the point and leading zeros are not digits', () => {
  assert.equal(wide('0.0012345678901234567', -19), 0.0012345678901234567);
});

test('what it cannot tell is NaN: too many digits, or the middle between two doubles', () => {
  assert.ok(Number.isNaN(wide('1234567890123456789', 0)));
  assert.ok(Number.isNaN(wide('9007199254740993', 0)));
  assert.equal(wide('90071992547409930', -1), NaN);
  assert.equal(wide('90071992547409931', -1), 9007199254740994);
});
