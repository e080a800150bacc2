import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteWindow } from '../../../../../frontend/http/predict-body/byte-window.ts';
import { scanNumbers } from '../../../../../frontend/http/predict-body/number-run.ts';

function scan(text: string, single = false, limit = 16): { numbers: number[]; rest: string } {
  const window = new ByteWindow();
  window.append(Buffer.from(text), 0);
  const out = new Float64Array(16);
  const taken = scanNumbers(window, out, limit, single);
  return { numbers: [...out.subarray(0, taken)], rest: window.bytes.toString('latin1', window.at, window.end) };
}

test('it takes what is plain and stops behind the last comma or number', () => {
  assert.deepEqual(scan('1, -2.5,\n3e2 ,4]'), { numbers: [1, -2.5, 300], rest: ' ,4]' });
  assert.deepEqual(scan('1,2,3]', false, 2), { numbers: [1, 2], rest: '3]' });
  assert.deepEqual(scan('1,"x"]'), { numbers: [1], rest: '"x"]' });
});

test('a number that touches the end is left, as more of it may come', () => {
  for (const cut of ['1', '1.', '1.5', '1e', '1e5', '-', '0']) assert.deepEqual(scan(`7,${cut}`), { numbers: [7], rest: cut });
});

test('what is no number as JSON writes them is left', () => {
  for (const bad of ['01]', '+1]', '.5]', '1.]', '1.e5]', '1e]', '1e+]', '-]', '--1]', 'NaN]']) assert.deepEqual(scan(`7,${bad}`), { numbers: [7], rest: bad });
});

test('zero keeps its sign', () => {
  assert.deepEqual(scan('-0,-0.0,0]').numbers, [-0, -0, 0]);
});

test('more digits than a double holds: taken unless near to a tie', () => {
  const long = '0.12345678901234567';
  assert.deepEqual(scan(`${long}]`).numbers, [Number(long)]);
  assert.deepEqual(scan('9007199254740993]'), { numbers: [], rest: '9007199254740993]' });
  assert.equal(Math.fround(scan(`${long}]`, true).numbers[0] ?? 0), Math.fround(Number(long)));
  // 1 + 2^-24 is half way between two float32s; a last digit far behind decides, and no approximation sees it.
  assert.deepEqual(scan('1.000000059604644775390626]', true).numbers, []);
  assert.deepEqual(scan('1.000000059604644775]', true).numbers, []);
});
