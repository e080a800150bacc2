import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClipperPaper } from '../../../../../bench/simulator/rivals/clipper-paper.ts';
import { REPLICA, ruleSetup, waitingUntil } from '../../../../support/waiting.ts';

const MANY = waitingUntil(...Array.from({ length: 50 }, () => 20_000));

function sizes(rule: ClipperPaper, ...micros: readonly number[]): number[] {
  return micros.map((took) => {
    const choice = rule.choose(MANY, 0, REPLICA);
    const rows = 'take' in choice ? choice.take : 0;
    rule.observe({ rows, micros: took, replica: '0' });
    return rows;
  });
}

test('it starts at 1, adds 2 after fast batches, keeps near the SLO, and takes a tenth off past it', () => {
  assert.deepEqual(sizes(new ClipperPaper(ruleSetup()), 2000, 2000, 19_000, 2000, 2000, 20_000, 2000, 2000), [1, 3, 5, 5, 7, 9, 8, 10]);
});

test('what has expired is dropped, what is about to is not', () => {
  assert.deepEqual(new ClipperPaper(ruleSetup()).choose(waitingUntil(10, 11, 12), 11, REPLICA), { drop: 2, take: 1 });
});
