import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Progress } from '../../../../bench/regret/progress.ts';

test('a line every ten seconds, one for the last part, and what was kept is said first', () => {
  const said: string[] = [];
  let nowMs = 0;
  const progress = new Progress({ total: 10, left: 4, say: (line) => said.push(line), now: () => nowMs });
  for (const [atMs, what] of [[100, 'a'], [10_100, 'b'], [11_000, 'c'], [12_000, 'd']] as const) {
    nowMs = atMs;
    progress.ended(what);
  }
  assert.deepEqual(said, ['6 of 10 were kept', '8 of 10 after 10 s; last: b', '10 of 10 after 12 s; last: d']);
});
