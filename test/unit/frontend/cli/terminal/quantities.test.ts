import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesText, duration } from '../../../../../frontend/cli/terminal/quantities.ts';

test('lengths of time and amounts of memory as people say them', () => {
  assert.deepEqual([0, 999, 1000, 119_000, 120_000, 7_200_000, 200_000_000].map(duration), ['0 ms', '999 ms', '1 s', '119 s', '2 min', '2 h', '2 d']);
  assert.deepEqual([0, 1023, 1536, 200 * 1024, 3 * 1024 ** 3].map(bytesText), ['0 B', '1023 B', '1.5 KiB', '200 KiB', '3.0 GiB']);
});
