import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bad, doubtful, good } from '../../../../../frontend/cli/doctor/finding.ts';

test('a finding has its verdict', () => {
  assert.deepEqual([good('x', 'a'), doubtful('x', 'b'), bad('x', 'c')].map(({ verdict, says }) => `${verdict} ${says}`), ['good a', 'doubtful b', 'bad c']);
});
