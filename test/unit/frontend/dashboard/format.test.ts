import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes, count, counted, duration, listed, milliseconds, number, objective, percent, unbroken } from '../../../../frontend/dashboard/format.ts';

test('numbers are short', () => {
  assert.deepEqual([0, 0.01, 0.44, 12.34, 99.96, 940, 1_240, 999_700, 3.1e6].map(number), ['0', '< 0.1', '0.4', '12.3', '100', '940', '1.24 k', '1.00 M', '3.10 M']);
  assert.deepEqual([null, undefined, Number.NaN].map(number), ['–', '–', '–']);
  assert.deepEqual([7, 1_234, 1_234_567].map(count), ['7', '1\u202f234', '1\u202f234\u202f567']);
});

test('a percentage never says all of what is less, nor nothing of what is more', () => {
  assert.deepEqual([0, 1, 0.99996, 0.9999, 0.9987, 0.123, 0.05, 0.0001].map(percent), ['0 %', '100 %', '> 99.99 %', '99.99 %', '99.87 %', '12.3 %', '5 %', '< 0.1 %']);
  assert.equal(percent(null), '–');
});

test('times have the unit that fits', () => {
  assert.deepEqual([0.42, 9.99, 12.34, 840, 3_210].map(milliseconds), ['0.42 ms', '9.99 ms', '12.3 ms', '840 ms', '3.21 s']);
  assert.deepEqual([50, 2.5, 3_000].map(objective), ['50 ms', '2.5 ms', '3 s']);
  assert.deepEqual([400, 59_000, 61_000, 7_200_000, 12_000_000, 4 * 86_400_000].map(duration), ['0 s', '59 s', '1 min', '2 h', '3 h 20 min', '4 d']);
});

test('words agree with their numbers', () => {
  assert.deepEqual([counted(1, 'row'), counted(2, 'row'), counted(0, 'thing is', 'things are')], ['1 row', '2 rows', '0 things are']);
  assert.deepEqual([listed([]), listed(['a']), listed(['a', 'b']), listed(['a', 'b', 'c'])], ['', 'a', 'a and b', 'a, b and c']);
  assert.deepEqual([bytes(512_000), bytes(226e6), bytes(1.24e9)], ['512 kB', '226 MB', '1.2 GB']);
});

test('a number stays with its unit', () => {
  assert.equal(unbroken('16 rows in 7.05 ms, 3 of 12 % and 5 seconds'), '16\u00a0rows in 7.05\u00a0ms, 3 of 12\u00a0% and 5 seconds');
});
